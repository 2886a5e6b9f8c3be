"""Who listens to a game, and the order in which they are told.

A publication is encoded once, for everybody. Every subscriber gets the same publications in the
same order; what one of them is told alone, its replies, keeps its place among them.
"""

import math
from collections import Counter
from collections.abc import Container, Sequence

import trio
from attrs import Factory, define, frozen

from actors.edge.connection import Connection
from actors.link.encoded_message import (
    EncodedMessage,
    FrameBatch,
    encode,
    frame_batch,
    single,
)
from protocol import messages
from protocol.op import Response

PRESENCE_INTERVAL_S = 1.0
TOLD_TOGETHER = 65_536
"""Bytes that one connection is told in one go; more leaves, and counts, message by message."""
TOLD_AT_ONCE = 128
"""Subscribers that are told before other work may come in between."""


@frozen
class Broadcast:
    """Something that every subscriber is told, `besides` one that is told in its reply."""

    said: EncodedMessage
    besides: Connection | None = None

    @property
    def sums_up(self) -> bool:
        """Whether it comes after everything that it sums up."""
        return _sums_up(self.said)


@frozen
class DirectMessage:
    """Something that one connection is told."""

    connection: Connection | None
    said: EncodedMessage

    @property
    def sums_up(self) -> bool:
        """Whether it comes after everything that it sums up."""
        return _sums_up(self.said)


Delivery = Broadcast | DirectMessage


@define(eq=False)
class Subscribers:
    """The subscribers of one game."""

    game_id: str
    presence_limit: int
    members: dict[Connection, None] = Factory(dict)
    _users: Counter[int] = Factory(Counter)
    _presence_due: float = math.inf
    _presence_told_at: float = -math.inf

    @property
    def wake_at(self) -> float:
        """When the feed has something to say by itself, in trio's time; infinity: never."""
        return self._presence_due

    def join(self, connection: Connection, now: int) -> list[Delivery]:
        """Subscribe a connection; gives what everybody is told of it. Not twice."""
        self.members[connection] = None
        connection.joined.add(self.game_id)
        self._users[connection.user_id] += 1
        if len(self.members) > self.presence_limit:
            return self._count_later(now)
        if self._users[connection.user_id] > 1:
            return []
        body = messages.user_joined(self.game_id, connection.user_id, connection.user_name)
        return [Broadcast(encode(body, now))]

    def leave(self, connection: Connection, now: int) -> list[Delivery]:
        """End a subscription; gives what those who stay are told of it."""
        del self.members[connection]
        connection.joined.discard(self.game_id)
        self._users[connection.user_id] -= 1
        is_last = not self._users[connection.user_id]
        if is_last:
            del self._users[connection.user_id]
        if len(self.members) > self.presence_limit:
            return self._count_later(now)
        if not is_last:
            return []
        body = messages.user_left(self.game_id, connection.user_id, connection.user_name)
        return [Broadcast(encode(body, now))]

    def due(self, now: int) -> list[Delivery]:
        """What the feed has to say by itself at this moment, `now` in epoch ms."""
        if trio.current_time() < self._presence_due:
            return []
        self._presence_due, self._presence_told_at = math.inf, trio.current_time()
        body = messages.game_presence(self.game_id, len(self.members), len(self._users))
        return [Broadcast(encode(body, now))]

    def end(self) -> None:
        """The game is over: nobody listens any more."""
        for connection in self.members:
            connection.joined.discard(self.game_id)
        self.members.clear()
        self._users.clear()
        self._presence_due = math.inf

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Tell everybody, in order; what one connection is told leaves in one go.

        Other work comes in between; who listens must not change meanwhile.
        """
        common: list[EncodedMessage] = []
        own: dict[Connection, list[EncodedMessage]] = {}
        for delivery in deliveries:
            if isinstance(delivery, Broadcast):
                self._publish(delivery, common, own)
            elif delivery.connection is not None:
                self._own(delivery.connection, common, own).append(delivery.said)
        for connection, mine in own.items():
            _tell_alone(connection, mine)
        if common:
            await self._tell_all(frame_batch(common), besides=own)

    async def _tell_all(self, said: FrameBatch, *, besides: Container[Connection]) -> None:
        for count, member in enumerate(tuple(self.members), start=1):
            if member not in besides:
                member.send(said)
            if count % TOLD_AT_ONCE == 0:
                await trio.lowlevel.checkpoint()

    def _publish(
        self,
        publication: Broadcast,
        common: list[EncodedMessage],
        own: dict[Connection, list[EncodedMessage]],
    ) -> None:
        if publication.besides is not None:
            self._own(publication.besides, common, own)
        common.append(publication.said)
        for connection, mine in own.items():
            if connection is not publication.besides and connection in self.members:
                mine.append(publication.said)

    def _own(
        self,
        connection: Connection,
        common: list[EncodedMessage],
        own: dict[Connection, list[EncodedMessage]],
    ) -> list[EncodedMessage]:
        if connection not in own:
            own[connection] = list(common) if connection in self.members else []
        return own[connection]

    def _count_later(self, now: int) -> list[Delivery]:
        """Too many to name: say how many, now or once the last count is old enough."""
        if self._presence_due == math.inf:
            again_at = self._presence_told_at + PRESENCE_INTERVAL_S
            self._presence_due = max(trio.current_time(), again_at)
        return self.due(now)


def _sums_up(said: EncodedMessage) -> bool:
    return said.body["res"] in (Response.GAME_CLOSED, Response.GAME_CLOSING)


def _tell_alone(connection: Connection, messages: Sequence[EncodedMessage]) -> None:
    together = frame_batch(messages)
    if len(together.data) <= TOLD_TOGETHER:
        connection.send(together)
        return
    for said in messages:
        connection.send(single(said))

"""The subscribers of a game, and the order in which they receive its messages.

Theory of operation
===================

A publication is encoded once for all subscribers. Every subscriber receives the same publications
in the same order. Its replies keep their place among them:

    staged      P1    R1 (to a)    P2    R2 (to b)    P3
    a is sent   P1    R1           P2                 P3      in one write
    b is sent   P1                 P2    R2           P3      in one write
    others      P1                 P2                 P3      in one write, the same bytes for all

A connection in another process receives publications through the `Relay` of that process, which is
sent each batch once for all its connections.

Presence. A 470 is published when a user's first connection joins, a 480 when the last one leaves.
A 470 is not sent:
- for a guest, who has no name and is only counted;
- if another connection of the user has already joined;
- if the connection has already joined, or the game is closed (`actors/games/joins.py`);
- above `presence_limit` subscribers: a count (475) is published instead, at most once a second.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence

import trio
from attrs import Factory, define

from actors.games.outgoing import Broadcast, Delivery
from actors.link.caller import Caller, Relay
from actors.link.encoded_message import EncodedMessage, FrameBatch, encode, frame_batch, single
from actors.link.fan_out import send_to_each
from game.rights import is_guest
from protocol import messages

PRESENCE_INTERVAL_S = 1.0

MOST_IN_WRITE = 65_536
"""Bytes sent to one connection in one write. More is sent, and counted, message by message."""


@define(eq=False)
class CommonMessages:
    """Publications, and the connections that have been sent them."""

    messages: Sequence[EncodedMessage]
    besides: Collection[Caller]


@define(eq=False)
class Subscribers:
    """The connections that have joined one game, and how many each user has."""

    game_id: str
    presence_limit: int
    members: dict[Caller, None] = Factory(dict)
    _near: dict[Caller, None] = Factory(dict)
    _relays: Counter[Relay] = Factory(Counter)
    _users: Counter[int] = Factory(Counter)
    _presence_due: float = math.inf
    _presence_sent_at: float = -math.inf

    @property
    def wake_at(self) -> float:
        """When a count of subscribers is due, in trio's time; infinity if none is."""
        return self._presence_due

    def join(self, caller: Caller, now: int) -> list[Delivery]:
        """Add a connection that is no member. Return what the members are sent about it."""
        self._add(caller)
        is_known = is_guest(caller.user_id) or caller.user_id in self._users
        if not is_guest(caller.user_id):
            self._users[caller.user_id] += 1
        if len(self.members) > self.presence_limit:
            return self._count_later(now)
        if is_known:
            return []
        body = messages.user_joined(self.game_id, caller.user_id, caller.user_name)
        return [Broadcast(encode(body, now))]

    def leave(self, caller: Caller, now: int) -> list[Delivery]:
        """Remove a member. Return what the others are sent about it."""
        self._remove(caller)
        is_last = self._users[caller.user_id] == 1
        if is_last:
            del self._users[caller.user_id]
        elif not is_guest(caller.user_id):
            self._users[caller.user_id] -= 1
        if len(self.members) > self.presence_limit:
            return self._count_later(now)
        if not is_last:
            return []
        body = messages.user_left(self.game_id, caller.user_id, caller.user_name)
        return [Broadcast(encode(body, now))]

    def due(self, now: int) -> list[Delivery]:
        """Return the count of subscribers if it is due; `now` in epoch ms."""
        if self._presence_due == math.inf or trio.current_time() < self._presence_due:
            return []
        self._presence_due, self._presence_sent_at = math.inf, trio.current_time()
        body = messages.game_presence(self.game_id, len(self.members), len(self._users))
        return [Broadcast(encode(body, now))]

    def end(self) -> None:
        """Remove every member: the game is closed."""
        for caller in tuple(self.members):
            self._remove(caller)
        self._users.clear()
        self._presence_due = math.inf

    def send_own(self, deliveries: Sequence[Delivery]) -> CommonMessages:
        """Send connections what they alone receive, in order and in one write for each.

        A member among them is sent the publications too. Return what `publish` has to send to the
        other members.
        """
        common: list[EncodedMessage] = []
        own: dict[Caller, list[EncodedMessage]] = {}
        for delivery in deliveries:
            if isinstance(delivery, Broadcast):
                self._add_broadcast(delivery, common, own)
            elif delivery.caller is not None:
                self._own(delivery.caller, common, own).append(delivery.message)
        for caller, received in own.items():
            _send_own(caller, received)
        return CommonMessages(common, own)

    async def publish(self, common: CommonMessages) -> int:
        """Send publications to the members that do not have them yet, in one write for each.

        Other tasks run in between. They must not change the members. Return the number of
        publications, each counted once for every member.
        """
        if common.messages:
            await self._send_common(frame_batch(common.messages), besides=common.besides)
        return len(common.messages) * len(self.members)

    async def _send_common(self, batch: FrameBatch, *, besides: Collection[Caller]) -> None:
        for relay in self._relays:
            relay.relay(self.game_id, batch, [each for each in besides if each.relay is relay])
        await send_to_each(tuple(self._near), batch, besides=besides)

    def _add(self, caller: Caller) -> None:
        self.members[caller] = None
        if caller.relay is None:
            self._near[caller] = None
        else:
            self._relays[caller.relay] += 1
        caller.note_joined(self.game_id)

    def _remove(self, caller: Caller) -> None:
        del self.members[caller]
        if caller.relay is None:
            del self._near[caller]
        else:
            self._relays.subtract([caller.relay])
            if not self._relays[caller.relay]:
                del self._relays[caller.relay]
        caller.note_left(self.game_id)

    def _add_broadcast(
        self,
        broadcast: Broadcast,
        common: list[EncodedMessage],
        own: dict[Caller, list[EncodedMessage]],
    ) -> None:
        if broadcast.besides is not None:
            self._own(broadcast.besides, common, own)
        common.append(broadcast.message)
        for caller, received in own.items():
            if caller is not broadcast.besides and caller in self.members:
                received.append(broadcast.message)

    def _own(
        self,
        caller: Caller,
        common: list[EncodedMessage],
        own: dict[Caller, list[EncodedMessage]],
    ) -> list[EncodedMessage]:
        """Return the messages of a connection that receives others than the common ones."""
        if caller not in own:
            own[caller] = list(common) if caller in self.members else []
        return own[caller]

    def _count_later(self, now: int) -> list[Delivery]:
        """Publish a count instead of names, now or when the latest is an interval old."""
        if self._presence_due == math.inf:
            again_at = self._presence_sent_at + PRESENCE_INTERVAL_S
            self._presence_due = max(trio.current_time(), again_at)
        return self.due(now)


def _send_own(caller: Caller, received: Sequence[EncodedMessage]) -> None:
    batch = frame_batch(received)
    if len(batch.data) <= MOST_IN_WRITE:
        caller.send(batch)
        return
    for message in received:
        caller.send(single(message))

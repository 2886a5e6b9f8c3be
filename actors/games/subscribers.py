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
- above `presence_limit` subscribers: a count (475) is published instead, at most once a second;
- if the user was in the game under the former leader of a cluster, and comes back in time
  (`actors/games/presence.py`).
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import trio
from attrs import Factory, define

from actors.games.outgoing import Broadcast, Delivery
from actors.games.presence import NO_PRESENCE, Presence, Users
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
    _presence: Presence = NO_PRESENCE
    members: dict[Caller, None] = Factory(dict)
    _near: dict[Caller, None] = Factory(dict)
    _relays: Counter[Relay] = Factory(Counter)
    _users: Counter[int] = Factory(Counter)
    _absent: Users = Factory(dict)
    _changes: list[tuple[int, str, bool]] = Factory(list)
    """Users who have come or left, and were not reported to `_presence`."""
    _presence_due: float = math.inf
    _presence_sent_at: float = -math.inf

    def __attrs_post_init__(self) -> None:
        self._absent = self._presence.expected(self.game_id)

    @property
    def awaits_users(self) -> bool:
        """Whether users of the former leader may still come back."""
        return bool(self._absent)

    @property
    def wake_at(self) -> float:
        """When a count of subscribers is due, in trio's time; infinity if none is."""
        return self._presence_due

    def join(self, caller: Caller, now: int, seq: int) -> list[Delivery]:
        """Add a connection that is no member. Return what the members are sent about it.

        It has received the game up to the position `seq`.
        """
        self._add(caller, seq)
        is_known = is_guest(caller.user_id) or caller.user_id in self._users
        if not is_guest(caller.user_id):
            self._users[caller.user_id] += 1
        if not is_known:
            self._changes.append((caller.user_id, caller.user_name, True))
        was_present = self._absent.pop(caller.user_id, None) is not None
        if len(self.members) > self.presence_limit:
            return self._count_later(now)
        if is_known or was_present:
            return []
        body = messages.user_joined(self.game_id, caller.user_id, caller.user_name)
        return [Broadcast(encode(body, now))]

    def leave(self, caller: Caller, now: int) -> list[Delivery]:
        """Remove a member. Return what the others are sent about it."""
        self._remove(caller)
        is_last = self._users[caller.user_id] == 1
        if is_last:
            del self._users[caller.user_id]
            self._changes.append((caller.user_id, caller.user_name, False))
        elif not is_guest(caller.user_id):
            self._users[caller.user_id] -= 1
        if len(self.members) > self.presence_limit:
            return self._count_later(now)
        if not is_last:
            return []
        body = messages.user_left(self.game_id, caller.user_id, caller.user_name)
        return [Broadcast(encode(body, now))]

    def expect(self, users: Mapping[int, str]) -> None:
        """Expect users who were present under the former leader to come back."""
        self._absent |= {each: name for each, name in users.items() if each not in self._users}

    def catch_up(self, present: Mapping[int, str], now: int) -> list[EncodedMessage]:
        """Return the 470s and 480s that members have missed, who know of `present` alone."""
        if len(self.members) > self.presence_limit:
            return []
        users = {each.user_id: each.user_name for each in self.members}
        there = {each: name for each, name in users.items() if not is_guest(each)} | self._absent
        joined = [each for each in there.items() if each[0] not in present]
        left = [each for each in present.items() if each[0] not in there]
        bodies = [messages.user_joined(self.game_id, *each) for each in joined]
        bodies += [messages.user_left(self.game_id, *each) for each in left]
        return [encode(body, now) for body in bodies]

    def forget_absent(self, now: int) -> list[Delivery]:
        """Expect nobody of the former leader any more. Return what the members are sent."""
        absent, self._absent = self._absent, {}
        self._changes += [(*user, False) for user in absent.items()]
        if len(self.members) > self.presence_limit:
            return self._count_later(now) if absent else []
        bodies = [messages.user_left(self.game_id, *user) for user in absent.items()]
        return [Broadcast(encode(body, now)) for body in bodies]

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
        self._absent.clear()
        self._changes.clear()
        self._presence.ended(self.game_id)
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

    async def publish(self, common: CommonMessages, seq: int) -> int:
        """Send publications to the members that do not have them yet, in one write for each.

        With them the members have received the game up to the position `seq`.
        Other tasks run in between. They must not change the members. Return the number of
        publications, each counted once for every member.
        """
        batch = frame_batch(common.messages)
        if common.messages:
            self._relay(batch, seq, besides=common.besides)
        self._report_presence()
        if common.messages:
            await send_to_each(tuple(self._near), batch, besides=common.besides)
        return len(common.messages) * len(self.members)

    def _relay(self, batch: FrameBatch, seq: int, *, besides: Collection[Caller]) -> None:
        for relay in self._relays:
            there = [each for each in besides if each.relay is relay]
            relay.relay(self.game_id, seq, batch, there)

    def _report_presence(self) -> None:
        """Report who has come and left, in the same turn as the members are told."""
        changes, self._changes = self._changes, []
        for user_id, name, has_come in changes:
            if has_come:
                self._presence.came(self.game_id, user_id, name)
            else:
                self._presence.left(self.game_id, user_id)

    def _add(self, caller: Caller, seq: int) -> None:
        self.members[caller] = None
        if caller.relay is None:
            self._near[caller] = None
        else:
            self._relays[caller.relay] += 1
        caller.note_joined(self.game_id, seq)

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

"""Signals: what an actor must know besides requests. They wait in its mailbox with them."""

from collections.abc import Mapping, Sequence
from typing import Any

import trio
from attrs import Factory, define, frozen

from actors.link.caller import SERVICE_RESTARTS, Caller, ClientConnection
from actors.link.encoded_message import EncodedMessage
from game.refusals import Refusal


class Signal:
    """Something other than a request that an actor has to act on."""

    def lost(self, why: Refusal) -> None:
        """Act on it that the actor will not handle the signal."""


@frozen(eq=False)
class Disconnected(Signal):
    """The connection of a subscriber has ended."""

    caller: Caller


@frozen(eq=False)
class ChatSent(Signal):
    """A subscriber sent a chat message. It is sent to the others and not stored."""

    message: EncodedMessage
    sender: Caller


@define(eq=False)
class Flush(Signal):
    """A task waits until everything that is due by now is done; sets `done`."""

    done: trio.Event

    def lost(self, why: Refusal) -> None:
        """Wake the task that waits."""
        self.done.set()


@frozen(eq=False)
class Returned(Signal):
    """Members have come back with their edge. Each has received the game up to its position.

    `present`: the users who were in the game as far as the members were told. `done` is set when
    they are members again, or are being closed.
    """

    members: Sequence[tuple[ClientConnection, int]]
    present: Mapping[int, str] = Factory(dict)
    done: trio.Event = Factory(trio.Event)

    def lost(self, why: Refusal) -> None:
        """Let the clients connect again, so that they join by themselves."""
        for client, _ in self.members:
            client.close(SERVICE_RESTARTS, "the game is not available")
        self.done.set()


@frozen(eq=False)
class AbsentForgotten(Signal):
    """The time is over in which users of the former leader may come back."""


@frozen
class GameSummary:
    """What lists of games show of a running game: its subscribers, and `pools` encoded."""

    subscribers: int
    pools: Mapping[str, Any]


@define(eq=False)
class Summarise(Flush):
    """A `Flush` whose task also wants the summary of the game. None if the game has failed."""

    summary: GameSummary | None = None

"""Signals: what an actor must know besides requests. They wait in its mailbox with them."""

import trio
from attrs import frozen

from actors.edge.connection import Connection
from actors.link.encoded_message import EncodedMessage
from game.refusals import Refusal


class Signal:
    """Something other than an op that an actor has to know of."""

    def lost(self, why: Refusal) -> None:
        """The actor will not come to it."""


@frozen(eq=False)
class Disconnected(Signal):
    """A connection that had joined is gone."""

    connection: Connection


@frozen(eq=False)
class ChatSent(Signal):
    """Somebody said something to those who listen to a game: told once, not kept."""

    said: EncodedMessage
    sender: Connection


@frozen(eq=False)
class Flush(Signal):
    """Somebody wants to know that everything due by now is done; sets `done`."""

    done: trio.Event

    def lost(self, why: Refusal) -> None:
        """Whoever waits need not wait any longer."""
        self.done.set()

"""Handles the messages of a connection, in order.

Theory of operation
===================

The messages of one read are handled together, and their replies leave in one write:

                                     every message handled
    receive --> handle until one ------------------------------------> returns None
                has to wait
                     |  a message returned a Continuation, or
                     |  the replies have more than MOST_CORKED bytes
                     v
                returns the rest, which the caller awaits before it reads on:
                     +--> await the Continuation --> handle until one has to wait --+
                     ^                                                              |
                     +--------------------------------------------------------------+

`is_handling` is True from a Continuation on until the messages of that read are handled. After
`stop`, or once the connection is being closed, no further message is handled.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import trio

from actors.edge.closing import TOO_BIG, Closing
from actors.edge.sender import Sender
from actors.link.caller import Continuation

MOST_CORKED = 65_536
"""Bytes of replies that are held back to leave together, before other tasks run."""

OnMessage = Callable[[str | bytes], Continuation | None]


class Receiver:
    """The input of one connection. `attach` comes before the first message."""

    __slots__ = ("_closing", "_handled", "_is_stopped", "_on_message", "_sender", "is_handling")

    def __init__(self, sender: Sender, closing: Closing) -> None:
        self._sender, self._closing = sender, closing
        self._on_message: OnMessage | None = None
        self._handled: trio.Event | None = None
        self._is_stopped = False
        self.is_handling = False

    def attach(self, on_message: OnMessage) -> None:
        """Handle messages by `on_message` from now on."""
        self._on_message = on_message

    def detach(self) -> None:
        """Drop the reference to the connection."""
        self._on_message = None

    def stop(self) -> None:
        """Handle no further message."""
        self._is_stopped = True

    def receive(self, messages: Sequence[str | bytes]) -> Continuation | None:
        """Handle the messages of one read. Return the work that is left and has to be awaited."""
        unhandled = iter(messages)
        continuation = self._handle(unhandled)
        self.is_handling = continuation is not None
        if continuation is None:
            return None
        return partial(self._handle_rest, continuation, unhandled)

    def refuse_too_big(self) -> None:
        """Begin to close: a message is too big, so nothing behind it is looked at."""
        self._closing.begin(TOO_BIG, "message too big")

    async def _handle_rest(self, first: Continuation, unhandled: Iterator[str | bytes]) -> None:
        continuation: Continuation | None = first
        while continuation is not None:
            await continuation()
            continuation = self._handle(unhandled)
        self.is_handling = False
        if self._handled is not None:
            self._handled.set()
            self._handled = None

    def _handle(self, unhandled: Iterator[str | bytes]) -> Continuation | None:
        """Handle messages up to the first that has to wait. Return its continuation."""
        continuation: Continuation | None = None
        on_message = self._on_message
        assert on_message is not None
        self._sender.cork()
        for message in unhandled:
            if self._is_stopped or self._closing.has_begun:
                break
            if (continuation := on_message(message)) is not None:
                break
            if self._sender.corked_bytes > MOST_CORKED:
                continuation = trio.lowlevel.checkpoint
                break
        self._sender.uncork()
        return continuation

    async def wait_until_handled(self) -> None:
        """Wait until no message is being handled."""
        if self.is_handling:
            if self._handled is None:
                self._handled = trio.Event()
            await self._handled.wait()

"""A link over a stream: a Unix socket between processes, TCP between machines.

    send --> waiting bytes --> the writing task --> stream --> the reading task --> on_message

`send` never waits: who decides must not wait for an edge. So what waits is bounded by
`MOST_WAITING`; beyond that the link is given up, and the other side starts again with a new one. An
edge does not let it come to that: it stops reading from its clients while `is_behind`.

`run` ends when the other side ends the stream, when the stream breaks, when the other side sends
what is no message, or when this side gives up. Everything that was received before is handled.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import trio

from actors.link.caller import Continuation
from actors.link.encoding import BadLinkError, Decoder, pack
from actors.link.messages import Alive, LinkMessage

MOST_WAITING = 64 * 1_024 * 1_024
"""Bytes that wait for the other side at most."""
BEHIND = 1_024 * 1_024
"""Bytes that wait from which on an edge reads no more messages of its clients."""
HEARTBEAT_S = 1.0
READ_BYTES = 262_144
BROKEN = (trio.BrokenResourceError, trio.ClosedResourceError)

OnLinkMessage = Callable[[LinkMessage], Continuation | None]
"""Handles a message. Returns the work that is left and has to be done before the next message."""


class Link(Protocol):
    """One end of a link, whatever carries it."""

    def send(self, message: LinkMessage) -> None:
        """Send a message after all those before it. Never waits."""

    @property
    def is_behind(self) -> bool:
        """Whether so much waits for the other side that no more should be added."""

    async def caught_up(self) -> None:
        """Wait until the link is no longer behind, or has ended."""

    def give_up(self, reason: str) -> None:
        """End the link without sending what waits."""


class StreamLink:
    """A `Link` over a stream. `ended`: why `run` has ended."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._filled, self._emptied = trio.Event(), trio.Event()
        self._scope = trio.CancelScope()
        self._is_finished = False
        self.ended = ""
        self.heard_at = -math.inf
        """When the other side last sent anything, in trio's time."""

    def send(self, message: LinkMessage) -> None:
        """Send a message after all those before it. Never waits."""
        if self.ended:
            return
        try:
            data = pack(message)
        except BadLinkError as error:
            self.give_up(str(error))
            return
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes > MOST_WAITING:
            self.give_up("the other side does not read")
        self._filled.set()

    @property
    def is_behind(self) -> bool:
        """Whether so much waits for the other side that no more should be added."""
        return self._bytes > BEHIND

    async def caught_up(self) -> None:
        """Wait until the link is no longer behind, or has ended."""
        while self.is_behind and not self.ended:
            await self._emptied.wait()

    def give_up(self, reason: str) -> None:
        """End the link without sending what waits. The first reason counts."""
        self.ended = self.ended or reason
        self._waiting, self._bytes = [], 0
        self._emptied.set()
        self._scope.cancel()

    def finish(self) -> None:
        """Send what waits, then end the link."""
        self._is_finished = True
        self._filled.set()

    async def run(self, on_message: OnLinkMessage) -> None:
        """Read and write until the link ends; `ended` has the reason."""
        self.heard_at = trio.current_time()
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write)
                    nursery.start_soon(self._read, on_message)
                    nursery.start_soon(self._send_heartbeats)
        finally:
            self.give_up("cancelled")
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(self._stream)

    async def _write(self) -> None:
        with suppress(*BROKEN):  # then reading ends too, after what the other side has sent
            await self._write_waiting()
            self.give_up("finished")

    async def _write_waiting(self) -> None:
        while self._waiting or not self._is_finished:
            await self._filled.wait()
            self._filled = trio.Event()
            waiting, self._waiting = self._waiting, []
            data = b"".join(waiting)
            await self._stream.send_all(data)
            self._bytes -= len(data)
            if not self.is_behind:
                self._emptied.set()
                self._emptied = trio.Event()

    async def _read(self, on_message: OnLinkMessage) -> None:
        decoder = Decoder()
        try:
            while data := await self._stream.receive_some(READ_BYTES):
                self.heard_at = trio.current_time()
                for message in decoder.feed(data):
                    if (continuation := on_message(message)) is not None:
                        await continuation()
            self.give_up("the other side has ended")
        except BROKEN:
            self.give_up("the stream is broken")
        except BadLinkError as error:
            self.give_up(f"the other side sent {error}")

    async def _send_heartbeats(self) -> None:
        while True:
            await trio.sleep(HEARTBEAT_S)
            self.send(Alive())

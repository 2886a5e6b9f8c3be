"""A link over a stream: a Unix socket between processes, TCP between machines.

Theory of operation
===================

    send --> waiting bytes --> the writing task --> stream --> the reading task --> on_message

`send` never waits, because the deciding side must not wait for an edge. So the bytes that wait are
bounded in two ways. Beyond a bound the link is given up, and the edge starts again with a new one:

- More than `MOST_WAITING` wait, and the other side has read nothing for `STALLED_S`. A side that
  reads is not given up for a burst: replies and publications may be large, and a thousand clients
  that join a game at once receive a thousand of them.
- More than `MOST_EVER` wait.

Neither side lets it come to that by itself. While the link `is_behind`, an edge passes on no more
messages of its clients, and the deciding side answers no more of their queries.

`run` ends when the other side ends the stream, when the stream breaks, when the other side sends
bytes that are no message, or when this side gives up. All messages received before are handled.

Between machines (`NODE_LINK`) three things differ. An edge keeps its clients when the link ends, so
it must know exactly what its clients have received:

- Whole turns. Messages that were sent in one turn of the event loop arrive together or not at all.
  The writing task takes what waits in a turn of its own, and marks the end (`TurnEnded`). The other
  side handles the messages of a turn once it has all of them.
- Silence. The network may lose the other side without a sign. A link over which nothing arrives for
  two heartbeats in a row is given up.
- `MOST_WAITING` is the bound, whether the other side reads or not: it gets the rest from the log.

`may_write` is asked before each write. A leader whose lease may be over writes nothing any more.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, Protocol

import trio
from attrs import frozen

from actors.link.caller import Continuation
from actors.link.encoding import BadLinkError, Decoder, pack
from actors.link.messages import Alive, LinkMessage, TurnEnded

MOST_WAITING = 64 * 1_024 * 1_024
"""Bytes that wait at most for a side that does not read."""
STALLED_S = 2.0
"""A side that has read nothing for so long does not read."""
MOST_EVER = 1_024 * 1_024 * 1_024
"""Bytes that wait at most for any side."""
WRITE_BYTES = 1_024 * 1_024
"""Bytes of one write, so that it is seen whether the other side reads."""
BEHIND = 1_024 * 1_024
"""Bytes that wait from which on an edge reads no more messages of its clients."""
HEARTBEAT_S = 1.0
MOST_SILENT = 2
"""Heartbeats in a row that may be missing between nodes."""
MOST_SILENT_WORKER = 30
"""The same of a worker: one that was paused for less goes on where it was."""
READ_BYTES = 262_144
TURN_ENDED: Final = pack(TurnEnded())
BROKEN = (trio.BrokenResourceError, trio.ClosedResourceError)

OnLinkMessage = Callable[[LinkMessage], Continuation | None]
"""Handles a message. Returns the work that is left and has to be done before the next message."""


@frozen
class LinkTerms:
    """How a link is kept.

    `most_ever`: bytes that wait at most for a side that reads. `most_silent`: heartbeats in a row
    that may be missing; None if any number may.
    """

    most_ever: int
    has_whole_turns: bool
    most_silent: int | None


WORKER_LINK: Final = LinkTerms(MOST_EVER, has_whole_turns=False, most_silent=None)
"""As a worker keeps it: it waits for a deciding process that is paused."""
LINK_TO_WORKER: Final = LinkTerms(MOST_EVER, has_whole_turns=False, most_silent=MOST_SILENT_WORKER)
"""As the deciding process keeps it: a worker that is stuck is replaced."""
NODE_LINK: Final = LinkTerms(MOST_WAITING, has_whole_turns=True, most_silent=MOST_SILENT)


def always() -> bool:
    """Allow every write."""
    return True


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


class RunningLink(Link, Protocol):
    """A link with the task that carries it."""

    ended: str

    def finish(self) -> None:
        """Send what waits, then end the link."""

    async def run(self, on_message: OnLinkMessage) -> None:
        """Carry messages until the link ends; `ended` has the reason."""


class StreamLink:
    """A `RunningLink` over a stream. `ended`: why `run` has ended."""

    def __init__(
        self,
        stream: trio.abc.Stream,
        terms: LinkTerms = WORKER_LINK,
        may_write: Callable[[], bool] = always,
    ) -> None:
        self._stream = stream
        self._terms, self._may_write = terms, may_write
        self._waiting: list[bytes] = []
        self._turn: list[LinkMessage] = []
        """What has arrived of a turn that is not whole."""
        self._bytes = 0
        self._read_at = -math.inf
        """When the other side last read, or had nothing to read, in trio's time."""
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
        if not self._bytes:
            self._read_at = trio.current_time()
        self._waiting.append(data)
        self._bytes += len(data)
        if self._has_too_much_waiting:
            self.give_up("the other side does not read")
        self._filled.set()

    @property
    def _has_too_much_waiting(self) -> bool:
        if self._bytes <= MOST_WAITING:
            return False
        is_stalled = trio.current_time() - self._read_at > STALLED_S
        return is_stalled or self._bytes > self._terms.most_ever

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
            self.give_up("interrupted")
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
            if self._terms.has_whole_turns and waiting:
                waiting.append(TURN_ENDED)
                self._bytes += len(TURN_ENDED)
            data = memoryview(b"".join(waiting))
            del waiting
            for start in range(0, len(data), WRITE_BYTES):
                if not self._may_write():
                    self.give_up("this side may not send any more")
                    return
                part = data[start : start + WRITE_BYTES]
                await self._stream.send_all(part)
                self._note_read(len(part))

    def _note_read(self, size: int) -> None:
        self._bytes -= size
        self._read_at = trio.current_time()
        if not self.is_behind:
            self._emptied.set()
            self._emptied = trio.Event()

    async def _read(self, on_message: OnLinkMessage) -> None:
        decoder = Decoder()
        try:
            while data := await self._stream.receive_some(READ_BYTES):
                self.heard_at = trio.current_time()
                for turn in self._turns(decoder.feed(data)):
                    # What is whole is handled as a whole, also if the link is given up meanwhile.
                    with trio.CancelScope(shield=self._terms.has_whole_turns):
                        await _handle(turn, on_message)
            self.give_up("the other side has ended")
        except BROKEN:
            self.give_up("the stream is broken")
        except BadLinkError as error:
            self.give_up(f"the other side sent {error}")

    def _turns(self, messages: Iterable[LinkMessage]) -> Iterator[Sequence[LinkMessage]]:
        """Yield the messages that are to be handled together."""
        for message in messages:
            if not self._terms.has_whole_turns:
                yield (message,)
            elif isinstance(message, TurnEnded):
                turn, self._turn = self._turn, []
                yield turn
            else:
                self._turn.append(message)

    async def _send_heartbeats(self) -> None:
        # Counted in heartbeats: after a pause of this process, what has arrived is read first.
        silent, heard_at, most = 0, self.heard_at, self._terms.most_silent
        while most is None or silent <= most:
            await trio.sleep(HEARTBEAT_S)
            silent = silent + 1 if self.heard_at == heard_at else 0
            heard_at = self.heard_at
            self.send(Alive())
        self.give_up("the other side is silent")


async def _handle(messages: Sequence[LinkMessage], on_message: OnLinkMessage) -> None:
    """Handle messages in order, each after the work that the one before it has left."""
    for message in messages:
        if (continuation := on_message(message)) is not None:
            await continuation()

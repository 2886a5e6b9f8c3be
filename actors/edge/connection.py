"""One signed-in WebSocket connection: reads, writes, pings, and is closed in order.

How it came to be signed in is `actors/edge/admission.py`; what its messages mean is
`actors/games/router.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from uuid import uuid4

import structlog
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from actors.edge.outbox import Outbox
from actors.edge.rate_limiter import RateLimiter
from actors.edge.requests_in_flight import RequestsInFlight
from actors.edge.wire import GONE, Wire
from actors.link.caller import Continuation
from actors.link.encoded_message import FrameBatch, merge
from game.limits import Limits

log = structlog.get_logger()

POLICY_VIOLATION = 1008
TOO_BIG = 1009
GOING_AWAY = 1001
NORMAL = 1000
LAGGING = "lagging"
"""Why a reader that does not keep up is closed (contract, section 9)."""

LINGER_S = 5.0
"""How long a connection that is being closed may take to finish a frame, and to say goodbye."""

MOST_CORKED = 65_536
"""Bytes of replies that are held back to leave together, before others may work."""


Listener = Callable[["Connection", str | bytes], Continuation | None]
"""Takes a message; gives the rest, if it could not be dealt with at once."""


class Connection:
    """What the rest of the server knows of a connection. Made by the door, run by `serve`."""

    def __init__(self, user_id: int, user_name: str, is_host: bool, limits: Limits) -> None:
        self.connection_id = str(uuid4())
        self.user_id = user_id
        self.user_name = user_name
        self.is_host = is_host
        self.joined: set[str] = set()
        self.has_logged_on = False
        self.rate_limiter = RateLimiter(limits.rate_limit, limits.rate_burst)
        self._limits = limits
        self._outbox: Outbox | None = None
        self.in_flight = RequestsInFlight()
        self.log_fields = {"connection_id": self.connection_id, "user_id": user_id}
        self._heard: trio.Event | None = None
        self._is_deaf = self._is_hearing = False
        self._corked: list[FrameBatch] | None = None
        self._corked_bytes = 0
        self._has_writer = False
        self._wire: Wire | None = None
        self._socket: WebSocketConnection | None = None
        self._nursery: trio.Nursery | None = None
        self._listening = trio.CancelScope()
        self._goodbye: tuple[int, str] | None = None
        self._gulps_at_ping: int | None = None
        self._is_excused = False

    # What others may do with it.

    def send(self, said: FrameBatch, *, counted: bool = True) -> None:
        """Send at once what the socket takes, queue the rest, in the order of the calls.

        A reader that does not keep up is closed: `lagging` (contract, section 9).
        """
        if self._goodbye is not None or not said.messages:
            return
        if self._corked is None:
            self._send(said, counted=counted)
        else:
            self._corked.append(said)
            self._corked_bytes += len(said.data)

    def _send(self, said: FrameBatch, *, counted: bool = True) -> None:
        wire, is_behind = self._wire, self._outbox is not None and self._outbox.waiting
        if counted and wire is not None and not is_behind and wire.write_now(said.data):
            if wire.is_behind:
                self._write_later()
            return
        if self._queue.put(said, counted=counted):
            self._write_later()
        else:
            log.warning("subscriber_lagging", **self.log_fields)
            self._queue.clear()
            self.close(POLICY_VIOLATION, LAGGING)

    @property
    def _queue(self) -> Outbox:
        """The outbox, made when first needed: most readers always keep up."""
        if self._outbox is None:
            self._outbox = Outbox(self._limits.outbox_size, self._limits.outbox_bytes)
        return self._outbox

    def _rest(self) -> bytes:
        return b"" if self._outbox is None else self._outbox.rest()

    @property
    def _is_behind(self) -> bool:
        return self.waiting > 0 or (self._wire is not None and self._wire.is_behind)

    @property
    def _gulps(self) -> int:
        return 0 if self._outbox is None else self._outbox.gulps

    @property
    def _is_ending(self) -> bool:
        return self._goodbye is not None

    @property
    def is_cut_off(self) -> bool:
        """Whether we close it, for what it did or lost: nothing more is done for it.

        What a client asked for before it closed by itself is done all the same.
        """
        return self._goodbye is not None and self._goodbye[0] == POLICY_VIOLATION

    def close(self, code: int, reason: str) -> None:
        """Begin to close; the first reason given counts."""
        if self._goodbye is None:
            self._goodbye = (code, reason)
            self._listening.cancel()

    def beat(self) -> None:
        """An interval has passed: ask for a sign of life, or give up on one that did not come.

        A pong behind an op that waits is not heard yet. That is held against a reader only if it is
        for the reader that the op waits, and it has taken nothing meanwhile.
        """
        if self._is_ending or self._nursery is None:
            return
        if self._gulps_at_ping is None:
            self._nursery.start_soon(self._ping)
        elif self._is_hearing and not (self._is_behind and self._gulps == self._gulps_at_ping):
            self._is_excused = True
        elif self._is_excused:
            self._is_excused = False  # the pong may be read only now
        else:
            self.close(POLICY_VIOLATION, "no pong")
        self._gulps_at_ping = self._gulps

    def excuse(self) -> None:
        """The process stood still: nothing that was sent or not sent meanwhile counts against it.

        A pong that is owed may wait to be read, or be on its way again.
        """
        self._is_excused = self._gulps_at_ping is not None
        self.rate_limiter.excuse()

    def stop_listening(self) -> None:
        """Take no more messages; what is under way is still answered."""
        self._is_deaf = True

    async def all_answered(self) -> None:
        """Wait until everything that was taken is answered, also what waits for its turn."""
        while self._is_hearing or not self.in_flight.is_empty:
            await self.in_flight.wait_until_empty()
            if self._is_hearing:
                if self._heard is None:
                    self._heard = trio.Event()
                await self._heard.wait()

    @property
    def is_far_behind(self) -> bool:
        """Whether its reader has much to take before it is of use to tell it more."""
        return self._outbox is not None and self._outbox.is_long

    async def drained(self) -> None:
        """Wait until that is no longer so."""
        if self._outbox is not None:
            await self._outbox.shortened()

    @property
    def waiting(self) -> int:
        """How many batches its reader has not taken yet."""
        return 0 if self._outbox is None else self._outbox.waiting

    # Its own tasks.

    async def serve(
        self, nursery: trio.Nursery, socket: WebSocketConnection, wire: Wire, listener: Listener
    ) -> str:
        """Run until either side ends it, with what it needs beside; gives the reason, for the log.

        The nursery is the caller's, to be cancelled afterwards.
        """
        self._nursery, self._socket, self._wire = nursery, socket, wire
        try:
            wire.admit(
                socket,
                on_texts=partial(self._hear, listener),
                on_too_big=partial(self.close, TOO_BIG, "message too big"),
                rest=self._rest,
            )
            if self.waiting:
                self._write_later()
            with self._listening:
                await self._take_what_is_not_plain(socket, wire, listener)
            code, reason = self._goodbye or (NORMAL, "closed")
            with trio.move_on_after(LINGER_S), suppress(ConnectionClosed, *GONE):
                await wire.flush(self._rest())
                await socket.aclose(code, reason)
                await wire.last_word()
            return reason
        finally:
            self._goodbye = self._goodbye or (NORMAL, "closed")

    def forget(self) -> None:
        """It is gone: let go of what knows it, or only the collector would find them."""
        if self._wire is not None:
            self._wire.forget()
        self._wire = self._socket = self._nursery = None

    def _hear(self, listener: Listener, texts: Sequence[str | bytes]) -> Continuation | None:
        """Deal with messages; what can be answered at once leaves together. Gives the rest."""
        waiting = iter(texts)
        rest = self._hear_at_once(listener, waiting)
        self._is_hearing = rest is not None
        return None if rest is None else partial(self._hear_on, listener, rest, waiting)

    async def _hear_on(
        self, listener: Listener, first: Continuation, waiting: Iterator[str | bytes]
    ) -> None:
        rest: Continuation | None = first
        while rest is not None:
            await rest()
            rest = self._hear_at_once(listener, waiting)
        self._is_hearing = False
        if self._heard is not None:
            self._heard.set()
            self._heard = None

    def _hear_at_once(
        self, listener: Listener, texts: Iterator[str | bytes]
    ) -> Continuation | None:
        """Up to the first message that has to be waited for; gives its rest."""
        rest: Continuation | None = None
        self._corked, self._corked_bytes = [], 0
        for text in texts:
            if self._is_deaf or self._is_ending:
                break
            if (rest := listener(self, text)) is not None:
                break
            if self._corked_bytes > MOST_CORKED:
                rest = trio.lowlevel.checkpoint
                break
        corked, self._corked = self._corked, None
        if corked:
            self._send(merge(corked))
        return rest

    async def _take_what_is_not_plain(
        self, socket: WebSocketConnection, wire: Wire, listener: Listener
    ) -> None:
        """Messages in fragments, binary ones and the end come through trio-websocket."""
        try:
            while True:
                text = await socket.get_message()
                if (rest := self._hear(listener, [text])) is not None:
                    await rest()
                wire.message_taken()
        except ConnectionClosed as closed:
            self._heard_goodbye(closed)

    def _write_later(self) -> None:
        """Only a connection that has ever been behind has a task that writes."""
        if not self._has_writer and self._nursery is not None:
            self._has_writer = True
            self._nursery.start_soon(self._write)
        self._queue.wake()

    async def _write(self) -> None:
        """Write what waits, whenever something does."""
        try:
            while not self._is_ending:
                await self._flush_next()
        except GONE:  # who reads may be waiting for the reader, and would not hear of it
            self.close(NORMAL, "lost")

    async def _flush_next(self) -> None:
        assert self._wire is not None
        data = await self._queue.take()
        if data or self._wire.is_behind:
            await self._wire.flush(data)

    async def _ping(self) -> None:
        """Not given up half-way, for that would cut a frame off."""
        assert self._socket is not None
        try:
            await self._socket.ping()
            self._gulps_at_ping, self._is_excused = None, False
        except ConnectionClosed as closed:  # sooner than who listens hears of it
            self._heard_goodbye(closed)

    def _heard_goodbye(self, closed: ConnectionClosed) -> None:
        reason = closed.reason
        text = "lost" if reason is None else f"{reason.code} {reason.reason or ''}".strip()
        self.close(NORMAL, text)

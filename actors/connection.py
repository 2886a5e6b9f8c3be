"""One signed-in WebSocket connection: reads, writes, pings, and is closed in order.

How it came to be signed in is `actors/door.py`; what its messages mean is `actors/router.py`.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from uuid import uuid4

import structlog
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from actors.meter import Meter
from actors.outbox import Outbox
from actors.said import Batch
from actors.wire import Wire
from game.limits import Limits

log = structlog.get_logger()

POLICY_VIOLATION = 1008
TOO_BIG = 1009
GOING_AWAY = 1001
NORMAL = 1000

LINGER_S = 5.0
"""How long a connection that is being closed may take to finish a frame, and to say goodbye."""

GONE = (trio.BrokenResourceError, trio.ClosedResourceError)

Listener = Callable[["Connection", str | bytes], Awaitable[None]]


class Connection:
    """What the rest of the server knows of a connection. Made by the door, run by `serve`."""

    def __init__(self, user_id: int, user_name: str, is_host: bool, limits: Limits) -> None:
        self.connection_id = str(uuid4())
        self.user_id = user_id
        self.user_name = user_name
        self.is_host = is_host
        self.log = log.bind()
        self.joined: set[str] = set()
        self.has_logged_on = False
        self.meter = Meter(limits.rate_limit, limits.rate_burst)
        self._limits = limits
        self._outbox = Outbox(limits.outbox_size, limits.outbox_bytes)
        self._under_way = 0
        self._idle = trio.Event()
        self._idle.set()
        self._is_deaf = self._is_hearing = False
        self._has_writer = False
        self._wire: Wire | None = None
        self._nursery: trio.Nursery | None = None
        self._ending = trio.Event()
        self._goodbye: tuple[int, str] = (NORMAL, "closed")

    # What others may do with it.

    def tell(self, said: Batch, *, counted: bool = True) -> None:
        """Send at once what the socket takes, queue the rest, in the order of the calls.

        A reader that does not keep up is closed: `lagging` (contract, section 9).
        """
        if not said.messages or self._ending.is_set():
            return
        if counted and self._writes_now(said.data):
            return
        if self._outbox.put(said, counted=counted):
            self._write_later()
        else:
            log.warning("subscriber_lagging", **self.about())
            self._outbox.clear()
            self.close(POLICY_VIOLATION, "lagging")

    def _writes_now(self, data: bytes) -> bool:
        if self._wire is None or not self._outbox.is_empty or not self._wire.write_now(data):
            return False
        if self._wire.is_behind:
            self._write_later()
        return True

    @property
    def is_cut_off(self) -> bool:
        """Whether we close it, for what it did or lost: nothing more is done for it.

        What a client asked for before it closed by itself is done all the same.
        """
        return self._ending.is_set() and self._goodbye[0] == POLICY_VIOLATION

    def close(self, code: int, reason: str) -> None:
        """Begin to close; the first reason given counts."""
        if not self._ending.is_set():
            self._goodbye = (code, reason)
            self._ending.set()

    def stop_listening(self) -> None:
        """Take no more messages; what is under way is still answered."""
        self._is_deaf = True

    def op_begins(self) -> None:
        """An op has been handed to an actor."""
        if not self._under_way:
            self._idle = trio.Event()
        self._under_way += 1

    def op_ends(self) -> None:
        """An op has been answered."""
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()

    async def nothing_under_way(self) -> None:
        """Wait until every op that was handed on is answered, so that replies keep their order."""
        await self._idle.wait()

    async def caught_up(self) -> None:
        """Wait until the reader has taken what is sent again, for that is not counted."""
        await self._outbox.caught_up()

    def about(self) -> dict[str, str | int]:
        """What a log line says of it."""
        return {"connection_id": self.connection_id, "user_id": self.user_id}

    # Its own tasks.

    async def serve(self, socket: WebSocketConnection, wire: Wire, listener: Listener) -> str:
        """Run until either side ends it; gives the reason, for the log."""
        try:
            async with trio.open_nursery() as nursery:
                await self._run(nursery, socket, wire, listener)
                nursery.cancel_scope.cancel()
        finally:
            self._ending.set()
        return self._goodbye[1]

    async def _run(
        self, nursery: trio.Nursery, socket: WebSocketConnection, wire: Wire, listener: Listener
    ) -> None:
        self._wire, self._nursery = wire, nursery
        nursery.start_soon(self._take_what_is_not_plain, socket, wire, listener)
        nursery.start_soon(self._keep_alive, socket)
        wire.admit(socket, partial(self._hear, listener))
        if not self._outbox.is_empty:
            self._write_later()
        await self._ending.wait()
        with trio.move_on_after(LINGER_S), suppress(ConnectionClosed, *GONE):
            await wire.flush(self._outbox.rest())
            await socket.aclose(*self._goodbye)

    async def _hear(self, listener: Listener, text: str | bytes) -> None:
        if not self._is_deaf and not self._ending.is_set():
            self._is_hearing = True
            await listener(self, text)
            self._is_hearing = False

    async def _take_what_is_not_plain(
        self, socket: WebSocketConnection, wire: Wire, listener: Listener
    ) -> None:
        """Messages in fragments, binary ones and the end come through trio-websocket."""
        try:
            while True:
                text = await socket.get_message()
                if self._is_too_big(text):
                    self.close(TOO_BIG, "message too big")
                    continue  # nothing that follows it is looked at
                await self._hear(listener, text)
                wire.message_taken()
        except ConnectionClosed as closed:
            self._heard_goodbye(closed)
        finally:
            wire.message_taken()

    def _is_too_big(self, text: str | bytes) -> bool:
        """trio-websocket has counted code points; the contract counts bytes."""
        most = self._limits.max_message_size
        return isinstance(text, str) and len(text) * 4 > most and len(text.encode()) > most

    def _write_later(self) -> None:
        """Only a connection that has ever been behind has a task that writes."""
        if not self._has_writer and self._nursery is not None:
            self._has_writer = True
            self._nursery.start_soon(self._write)
        self._outbox.wake()

    async def _write(self) -> None:
        """Write what waits, whenever something does."""
        with suppress(*GONE):
            while not self._ending.is_set():
                await self._flush_next()

    async def _flush_next(self) -> None:
        assert self._wire is not None
        data = await self._outbox.take()
        if data or self._wire.is_behind:
            await self._wire.flush(data)

    async def _keep_alive(self, socket: WebSocketConnection) -> None:
        """Ask for a sign of life. Not given up half-way, for that would cut a frame off."""
        assert self._nursery is not None
        interval = self._limits.ping_interval / 1_000
        try:
            while True:
                await trio.sleep(interval)
                patience = trio.CancelScope()
                self._nursery.start_soon(self._lose_patience, interval, patience)
                await socket.ping()
                patience.cancel()
        except ConnectionClosed as closed:
            self._heard_goodbye(closed)

    async def _lose_patience(self, interval: float, patience: trio.CancelScope) -> None:
        """No pong in an interval. One behind an op that waits for its reader is not heard yet."""
        with patience:
            is_taking = True
            while is_taking:
                gulps = self._outbox.gulps
                await trio.sleep(interval)
                is_taking = self._is_hearing and self._outbox.gulps > gulps
            self.close(POLICY_VIOLATION, "no pong")

    def _heard_goodbye(self, closed: ConnectionClosed) -> None:
        reason = closed.reason
        text = "lost" if reason is None else f"{reason.code} {reason.reason or ''}".strip()
        self.close(NORMAL, text)

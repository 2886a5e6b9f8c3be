"""One signed-in WebSocket connection, from the sign-in to its end.

Theory of operation
===================

A `Connection` is what the rest of the server knows of a client. Its work is done by parts, each in
a file of its own:

                        SocketReader
                             |
        socket ----------> Wire                          FrameWriter ---------> socket
                             | texts                          ^
    +------------------------|--------------------------------|------------+
    | Connection             v                                |            |
    |                     Receiver ----- cork, uncork ----> Sender         |
    |   Keepalive            |                             (Outbox)        |
    |   RateLimiter          |                                ^            |
    |   RequestsInFlight     |                                |            |
    |   Closing              |                                |            |
    +------------------------|--------------------------------|------------+
                             v messages                       | replies, publications
                          Router ---------> actors -----------+

The life of a connection:

    made        `Admission` has checked the signed URL. `send` queues.
    open        The handshake is done, and `open` was called: what was queued is sent.
    closing     `close` was called, the client has closed, or the stream broke. The first reason
                counts. No further message is handled or sent. What waits in the outbox is written,
                then the close frame, within `CLOSE_S`. Then `run` returns.
    released    It refers to nothing any more, so that no reference cycle is left.

Tasks. trio-websocket's reading task is the connection's own task, and the only one of a connection
that is idle. It sleeps while `SocketReader` finds only plain texts. Closing, a ping that waits for
its pong, and writing to a client that is behind are side tasks, each for as long as it lasts
(`actors/edge/connection_tasks.py`).

How a client signs in: `actors/edge/admission.py`. What messages mean: `actors/link/intake.py`.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from actors.edge.closing import GONE, NORMAL, Closing
from actors.edge.connection_tasks import ConnectionTasks
from actors.edge.keepalive import Decision, Keepalive
from actors.edge.rate_limiter import RateLimiter
from actors.edge.receiver import Receiver
from actors.edge.sender import Sender
from actors.edge.wire import Wire
from actors.link.caller import POLICY_VIOLATION, Continuation
from actors.link.claim import Identity
from actors.link.encoded_message import FrameBatch
from actors.link.requests_in_flight import RequestsInFlight
from protocol.limits import Limits

CLOSE_S = 5.0
"""How long a connection that is being closed may take to finish a frame and to exchange close
frames."""

MessageHandler = Callable[["Connection", str | bytes], Continuation | None]
"""Handles a message. Returns the work that is left if it cannot be handled immediately."""


class Connection:
    """A client as the rest of the server knows it. `Admission` makes it, runs it and opens it."""

    def __init__(self, identity: Identity, limits: Limits) -> None:
        self.connection_id = identity.connection_id
        self.user_id = identity.user_id
        self.user_name = identity.user_name
        self.is_host = identity.is_host
        self.joined: dict[str, None] = {}  # an empty set takes three times the memory
        self.has_logged_on = self.has_returned = False
        self.rate_limiter = RateLimiter(limits.rate_limit, limits.rate_burst)
        self.in_flight = RequestsInFlight()
        self._closing = Closing()
        self._sender = Sender(limits, self._closing, self.connection_id, self.user_id)
        self._receiver = Receiver(self._sender, self._closing)
        self._keepalive = Keepalive()
        self._wire: Wire | None = None
        self._socket: WebSocketConnection | None = None
        self._tasks: ConnectionTasks | None = None

    @property
    def log_fields(self) -> dict[str, str | int]:
        """The fields of every log line about this connection."""
        return {"connection_id": self.connection_id, "user_id": self.user_id}

    # Games.

    relay = None
    """Publications are sent to a connection of this process directly."""
    number = 0
    """The number of the connection on the link of a worker."""

    def note_joined(self, game_id: str, _seq: int) -> None:
        """Note that the connection has joined a game."""
        self.joined[game_id] = None

    def note_left(self, game_id: str) -> None:
        """Note that the connection has left a game, or that the game has ended."""
        self.joined.pop(game_id, None)

    # Sending.

    def send(self, batch: FrameBatch, *, counted: bool = True) -> None:
        """Send what the socket takes immediately and queue the rest, in the order of the calls.

        A client that does not read fast enough is disconnected: `lagging` (contract, section 9).
        `counted=False` is for a replay: it does not count against the outbox.
        """
        self._sender.send(batch, counted=counted)

    @property
    def queued_batches(self) -> int:
        """How many batches wait for the client."""
        return self._sender.queued

    @property
    def is_far_behind(self) -> bool:
        """Whether so much waits that a request is not answered before the client reads."""
        return self._sender.is_far_behind

    async def drained(self) -> None:
        """Wait until the client is no longer far behind."""
        await self._sender.drained()

    # Ending.

    def close(self, code: int, reason: str) -> None:
        """Begin to close. The first code and reason count."""
        self._closing.begin(code, reason)

    @property
    def is_closing(self) -> bool:
        """Whether the connection is being closed, by whichever side."""
        return self._closing.has_begun

    @property
    def is_cut_off(self) -> bool:
        """Whether the server closes the connection because of what its client or user did.

        Its requests are dropped. Requests that a client sent before it disconnected are executed.
        """
        return self._closing.is_forced

    def stop_reading(self) -> None:
        """Handle no further message; requests in flight still get their replies."""
        self._receiver.stop()

    async def wait_until_idle(self) -> None:
        """Wait until every request that was read has its reply."""
        while self._receiver.is_handling or not self.in_flight.is_empty:
            await self.in_flight.wait_until_empty()
            await self._receiver.wait_until_handled()

    # Signs of life.

    def on_heartbeat(self) -> None:
        """Act on an interval that has passed: ping, wait for the pong, or close."""
        if self._closing.has_begun or self._tasks is None:
            return
        decision = self._keepalive.on_heartbeat(
            is_handling=self._receiver.is_handling,
            is_behind=self._sender.is_behind,
            chunks_taken=self._sender.chunks_taken,
        )
        if decision is Decision.PING:
            self._tasks.start_soon(self._ping)
        elif decision is Decision.CLOSE:
            self.close(POLICY_VIOLATION, "no pong")

    def on_pause(self) -> None:
        """The process was paused: what came late meanwhile does not count against the client."""
        self._keepalive.on_pause()
        self.rate_limiter.on_pause()

    async def _ping(self) -> None:
        """Send a ping and wait for its pong. Cancelled only at the end: it may cut a frame off."""
        assert self._socket is not None
        try:
            await self._socket.ping()
            self._keepalive.on_pong()
        except ConnectionClosed:  # the own task may notice it later
            self.close(NORMAL, self._end_of_stream)

    # From the handshake to the end.

    async def run(self, read: Callable[[], Awaitable[None]], tasks: ConnectionTasks) -> None:
        """Read until either side has closed. This is the connection's own task.

        `read` is trio-websocket's reading task, and returns once the stream has ended. The caller
        cancels `tasks.lifetime` if the handshake fails.
        """
        self._tasks = tasks
        with tasks.lifetime:
            await read()
            self.close(NORMAL, self._end_of_stream)
            await trio.sleep_forever()  # what waits in the outbox is still being written

    def open(self, socket: WebSocketConnection, wire: Wire, on_message: MessageHandler) -> None:
        """End the handshake: handle messages, and send what was queued. `run` runs."""
        assert self._tasks is not None
        self._socket, self._wire = socket, wire
        self._receiver.attach(partial(on_message, self))
        wire.admit(socket, self._receiver, self._sender)
        self._sender.attach(wire.writer, self._tasks)
        self._closing.on_begin = self._begin_to_close
        if self._closing.has_begun:
            self._begin_to_close()

    def _begin_to_close(self) -> None:
        if self._tasks is not None:
            self._tasks.start_soon(partial(self._close, self._tasks.lifetime))

    async def _close(self, lifetime: trio.CancelScope) -> None:
        """Send what waits, then the close frame. Wait for the client's, and end `run`."""
        assert self._socket is not None
        assert self._wire is not None
        with trio.move_on_after(CLOSE_S), suppress(ConnectionClosed, *GONE):
            await self._wire.writer.flush(self._sender.take_all())
            await self._socket.aclose(self._closing.code, self._closing.reason)
            await self._wire.send_missing_close()
        lifetime.cancel()

    @property
    def close_reason(self) -> str:
        """Why the connection was closed, for the log."""
        return self._closing.reason

    @property
    def _end_of_stream(self) -> str:
        """How the client has closed, or that the stream broke."""
        reason = None if self._socket is None else self._socket.closed
        return "lost" if reason is None else f"{reason.code} {reason.reason or ''}".strip()

    def end(self) -> None:
        """Send nothing more, and cancel the side tasks: `run` has ended."""
        self._closing.on_begin = None
        self.close(NORMAL, "closed")
        if self._tasks is not None:
            self._tasks.end()

    def release(self) -> None:
        """Drop the references to what refers to the connection, so that no cycle is left."""
        if self._wire is not None:
            self._wire.release()
        self._receiver.detach()
        self._sender.detach()
        self._wire = self._socket = self._tasks = None

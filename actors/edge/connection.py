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
    served      `serve` runs: it reads, and sends what was queued.
    closing     `close` was called, the client has closed, or the stream broke. The first reason
                counts. Nothing more is read or sent. What waits in the outbox is written, then the
                close frame, within `CLOSE_S`.
    released    It refers to nothing any more, so that no reference cycle is left.

Tasks. `serve` is the connection's own task. trio-websocket has one that reads, and sleeps while
`SocketReader` finds only plain texts. A ping, and a client that is behind, have a task each.

How a client signs in: `actors/edge/admission.py`. What messages mean: `actors/link/intake.py`.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from actors.edge.closing import NORMAL, TOO_BIG, Closing
from actors.edge.keepalive import Decision, Keepalive
from actors.edge.rate_limiter import RateLimiter
from actors.edge.receiver import Receiver
from actors.edge.sender import Sender
from actors.edge.wire import GONE, OnMessages, Wire
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
    """A client as the rest of the server knows it. `Admission` makes it and calls `serve`."""

    def __init__(self, identity: Identity, limits: Limits) -> None:
        self.connection_id = identity.connection_id
        self.user_id = identity.user_id
        self.user_name = identity.user_name
        self.is_host = identity.is_host
        self.joined: set[str] = set()
        self.has_logged_on = False
        self.rate_limiter = RateLimiter(limits.rate_limit, limits.rate_burst)
        self.in_flight = RequestsInFlight()
        self._closing = Closing()
        self._sender = Sender(limits, self._closing, self.connection_id, self.user_id)
        self._receiver = Receiver(self._sender, self._closing)
        self._keepalive = Keepalive()
        self._wire: Wire | None = None
        self._socket: WebSocketConnection | None = None
        self._nursery: trio.Nursery | None = None

    @property
    def log_fields(self) -> dict[str, str | int]:
        """The fields of every log line about this connection."""
        return {"connection_id": self.connection_id, "user_id": self.user_id}

    # Games.

    relay = None
    """Publications are sent to a connection of this process directly."""
    number = 0
    """The number of the connection on the link of a worker."""

    def note_joined(self, game_id: str) -> None:
        """Note that the connection has joined a game."""
        self.joined.add(game_id)

    def note_left(self, game_id: str) -> None:
        """Note that the connection has left a game, or that the game has ended."""
        self.joined.discard(game_id)

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
        if self._closing.has_begun or self._nursery is None:
            return
        decision = self._keepalive.on_heartbeat(
            is_handling=self._receiver.is_handling,
            is_behind=self._sender.is_behind,
            chunks_taken=self._sender.chunks_taken,
        )
        if decision is Decision.PING:
            self._nursery.start_soon(self._ping)
        elif decision is Decision.CLOSE:
            self.close(POLICY_VIOLATION, "no pong")

    def on_pause(self) -> None:
        """The process was paused: what came late meanwhile does not count against the client."""
        self._keepalive.on_pause()
        self.rate_limiter.on_pause()

    async def _ping(self) -> None:
        """Send a ping and wait for its pong. Not cancelled, because that could cut a frame off."""
        assert self._socket is not None
        try:
            await self._socket.ping()
            self._keepalive.on_pong()
        except ConnectionClosed as closed:  # the reading task may notice it later
            self._on_closed(closed)

    # Serving.

    async def serve(
        self,
        nursery: trio.Nursery,
        socket: WebSocketConnection,
        wire: Wire,
        on_message: MessageHandler,
    ) -> str:
        """Read and send until either side closes. Return the reason, for the log.

        `nursery` runs the connection's other tasks; the caller cancels it afterwards.
        """
        self._nursery, self._socket, self._wire = nursery, socket, wire
        receive = partial(self._receiver.receive, partial(on_message, self))
        try:
            wire.admit(
                socket,
                on_texts=receive,
                on_too_big=partial(self.close, TOO_BIG, "message too big"),
                pending=self._sender.take_all,
            )
            self._sender.attach(wire.writer, nursery)
            with self._closing.reading:
                await self._read_other_messages(socket, wire, receive)
            self.close(NORMAL, "closed")
            with trio.move_on_after(CLOSE_S), suppress(ConnectionClosed, *GONE):
                await wire.writer.flush(self._sender.take_all())
                await socket.aclose(self._closing.code, self._closing.reason)
                await wire.send_missing_close()
            return self._closing.reason
        finally:
            self.close(NORMAL, "closed")

    async def _read_other_messages(
        self, socket: WebSocketConnection, wire: Wire, receive: OnMessages
    ) -> None:
        """Handle the messages that come through trio-websocket: fragmented and binary ones."""
        try:
            while True:
                message = await socket.get_message()
                if (continuation := receive([message])) is not None:
                    await continuation()
                wire.message_handled()
        except ConnectionClosed as closed:
            self._on_closed(closed)

    def _on_closed(self, closed: ConnectionClosed) -> None:
        """The client has closed, or the stream broke."""
        reason = closed.reason
        text = "lost" if reason is None else f"{reason.code} {reason.reason or ''}".strip()
        self.close(NORMAL, text)

    def release(self) -> None:
        """Drop the references to what refers to the connection, so that no cycle is left."""
        if self._wire is not None:
            self._wire.release()
        self._sender.detach()
        self._wire = self._socket = self._nursery = None

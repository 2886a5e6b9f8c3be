"""A WebSocket client on any byte stream, under asyncio and trio.

`wsproto` has the protocol; this module moves the bytes. A task, `pump`, reads the stream, answers
pings and keeps the messages for `get_message`. It stops reading while several wait, so that a
program that does not read slows the server down instead of filling the memory.
"""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import anyio
from anyio.abc import ByteStream
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from toteboard_client.errors import (
    ABNORMAL_CLOSURE,
    CloseReason,
    ConnectionClosedError,
    ConnectionRejectedError,
    HandshakeError,
)

LARGEST_MESSAGE: Final = 64 * 1_024 * 1_024
"""In code points. The details of a game with 10,000 long targets are one message."""
READ_SIZE: Final = 65_536
MOST_UNREAD: Final = 1
"""So many messages may wait for the program before `pump` stops reading, pings included."""
TOO_BIG: Final = 1009
NORMAL_CLOSURE: Final = 1000
NO_CODE: Final = 1005

_LOST: Final = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)
Headers = Sequence[tuple[bytes, bytes]]


class WebSocket:
    """The client's end of a WebSocket. Call `handshake`, then run `pump` in a task."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._messages: deque[str] = deque()
        self._parts: list[str] = []
        self._size = 0
        self._changed = anyio.Event()
        self._pongs: dict[bytes, anyio.Event] = {}
        self._pings = 0
        self._writing = anyio.Lock()
        self._is_closing = False
        self.closed: CloseReason | None = None

    @property
    def _is_ending(self) -> bool:
        return self._is_closing or self.closed is not None

    async def handshake(self, host: str, target: str, headers: Headers = ()) -> None:
        """Open the WebSocket. Raises `ConnectionRejectedError` and `HandshakeError`."""
        request = Request(host=host, target=target, extra_headers=[*headers])
        try:
            await self._stream.send(self._protocol.send(request))
            while self.closed is None and not await self._is_accepted():
                pass
        except _LOST as lost:
            raise HandshakeError("the server closed the connection during the handshake") from lost
        except RemoteProtocolError as wrong:
            raise HandshakeError(f"the answer is not a WebSocket handshake: {wrong}") from wrong

    async def _is_accepted(self) -> bool:
        self._protocol.receive_data(await self._stream.receive(READ_SIZE))
        is_accepted = False
        for event in self._protocol.events():
            match event:
                case RejectConnection() | RejectData():
                    raise ConnectionRejectedError(getattr(event, "status_code", 400))
                case AcceptConnection():
                    is_accepted = True
                case _:
                    await self._handle(event)
        return is_accepted

    # Reading.

    async def pump(self) -> None:
        """Read until the connection ends."""
        try:
            while self.closed is None:
                await self._read()
                while len(self._messages) > MOST_UNREAD and not self._is_ending:
                    await self._next_change()
        except _LOST:
            self._end(CloseReason(ABNORMAL_CLOSURE))
        except RemoteProtocolError as wrong:
            self._end(CloseReason(ABNORMAL_CLOSURE, str(wrong)))

    async def _read(self) -> None:
        self._protocol.receive_data(await self._stream.receive(READ_SIZE))
        for event in self._protocol.events():
            await self._handle(event)

    async def _handle(self, event: Event) -> None:
        match event:
            case TextMessage():
                await self._received(event)
            case Ping() if not self._is_ending:  # After a close frame no pong may follow.
                await self._try_send(event.response())
            case Pong():
                if pong := self._pongs.pop(bytes(event.payload), None):
                    pong.set()
            case CloseConnection():
                if not self._is_closing:
                    await self._try_send(event.response())
                self._end(CloseReason(event.code, event.reason or ""))
            case _:
                pass  # The server sends no binary messages.

    async def _received(self, part: TextMessage) -> None:
        self._parts.append(part.data)
        self._size += len(part.data)
        if self._size > LARGEST_MESSAGE:
            await self._try_send(CloseConnection(code=TOO_BIG))
            self._end(CloseReason(TOO_BIG))
        elif part.message_finished:
            self._messages.append("".join(self._parts))
            self._parts, self._size = [], 0
            self._notify()

    def _end(self, reason: CloseReason) -> None:
        self.closed = self.closed or reason
        for pong in self._pongs.values():
            pong.set()
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def _next_change(self) -> None:
        await self._changed.wait()

    async def get_message(self) -> str:
        """Return the next message. Raises `ConnectionClosedError` once all have been read."""
        while not self._messages:
            if self.closed is not None:
                raise ConnectionClosedError(self.closed)
            await self._next_change()
        message = self._messages.popleft()
        if len(self._messages) <= MOST_UNREAD:
            self._notify()
        return message

    # Writing.

    async def send_message(self, text: str) -> None:
        """Send a message. Raises `ConnectionClosedError`.

        If this is cancelled half-way, the connection is unusable.
        """
        await self._send(TextMessage(data=text))

    async def ping(self) -> None:
        """Send a ping, and wait for its pong. Raises `ConnectionClosedError`."""
        self._pings += 1
        payload = self._pings.to_bytes(4, "big")
        self._pongs[payload] = pong = anyio.Event()
        await self._send(Ping(payload=payload))
        await pong.wait()
        if self.closed is not None:
            raise ConnectionClosedError(self.closed)

    async def aclose(self, code: int = NORMAL_CLOSURE, reason: str = "") -> None:
        """Close the connection, and wait until the server has confirmed it."""
        if not self._is_ending:
            self._is_closing = True
            self._notify()
            await self._try_send(CloseConnection(code=code, reason=reason))
        while self.closed is None:
            await self._next_change()
        await self._stream.aclose()

    async def _try_send(self, event: Event) -> None:
        with suppress(ConnectionClosedError):
            await self._send(event)

    async def _send(self, event: Event) -> None:
        if self.closed is not None:
            raise ConnectionClosedError(self.closed)
        async with self._writing:
            try:
                await self._stream.send(self._protocol.send(event))
            except (anyio.BrokenResourceError, anyio.ClosedResourceError) as lost:
                # The close frame, with the reason, may still be unread: `pump` will find out.
                raise ConnectionClosedError(CloseReason(ABNORMAL_CLOSURE)) from lost
            except LocalProtocolError as late:  # A close frame has been sent or received.
                raise ConnectionClosedError(self.closed or CloseReason(NO_CODE)) from late

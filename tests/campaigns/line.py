"""A client connection that uses little CPU: prepared frames on a raw socket.

Two hundred of them in one process have to send faster than the server replies. `bettor.py` and
`host.py` define the requests.
"""

import base64
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import orjson
import trio

from toteboard_client import Message, signed_url

_CHUNK = 1 << 16
_TEXT, _CLOSE = 0x81, 0x88
_LONG, _LONGER = 126, 127


class LostError(Exception):
    """The server is gone or has closed this connection."""


class Line:
    """A signed-in connection. It does not answer pings, because no life is long enough."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._rest = b""
        self._is_closing = False

    async def send(self, *requests: bytes) -> None:
        """Send requests, framed by `bench.line.frame`. Raises `LostError`."""
        try:
            await self._stream.send_all(b"".join(requests))
        except trio.BrokenResourceError as error:
            raise LostError from error

    async def receive(self) -> list[Message]:
        """Wait for bytes and return the complete messages. Raise `LostError`."""
        if self._is_closing:
            raise LostError
        self._rest += await self._more()
        texts, self._rest, self._is_closing = _unframed(self._rest)
        return [orjson.loads(text) for text in texts]

    async def shake_hands(self, target: str) -> None:
        """Do the WebSocket handshake. Raise `LostError`, also if the server is stopping.

        Any other refusal raises `AssertionError`.
        """
        lines = (
            f"GET {target} HTTP/1.1",
            "Host: toteboard.test",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        )
        await self.send("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._rest:
            self._rest += await self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 503"):
            raise LostError
        assert head.startswith(b"HTTP/1.1 101"), head

    async def _more(self) -> bytes:
        try:
            data = await self._stream.receive_some(_CHUNK)
        except trio.BrokenResourceError as error:
            raise LostError from error
        if not data:
            raise LostError
        return bytes(data)


@asynccontextmanager
async def signed_in(port: int, user_id: int, key: str) -> AsyncIterator[Line]:
    """Open a signed-in connection for the block. Raise `LostError` if the server is gone."""
    try:
        stream = await trio.open_tcp_stream("127.0.0.1", port)
    except OSError as error:
        raise LostError from error
    async with stream:
        line = Line(stream)
        await line.shake_hands(signed_url("/", user_id, key))
        yield line


def _unframed(data: bytes) -> tuple[list[bytes], bytes, bool]:
    """Return the payloads of whole frames, the beginning of the next, and whether one closes."""
    texts, start, is_closing = [], 0, False
    for kind, begin, end in _frames(data):
        if kind == _TEXT:
            texts.append(data[begin:end])
        start, is_closing = end, is_closing or kind == _CLOSE
    return texts, data[start:], is_closing


def _frames(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the first byte of each whole frame, and the bounds of its payload."""
    end = 0
    while len(data) >= end + 2:
        kind, size, begin = data[end], data[end + 1], end + 2
        if size == _LONG:
            begin, size = end + 4, int.from_bytes(data[end + 2 : end + 4])
        elif size == _LONGER:
            begin, size = end + 10, int.from_bytes(data[end + 2 : end + 10])
        end = begin + size
        if len(data) < max(begin, end):
            return
        yield kind, begin, end

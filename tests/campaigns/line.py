"""A client connection that uses little CPU: prepared frames on a raw socket.

Two hundred of them in one process have to send faster than the server replies. The campaigns that
use it define the requests, such as `tests/campaigns/kills/bettor.py`.
"""

import base64
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import orjson
import trio

from toteboard_client import Message, signed_url

_CHUNK = 1 << 16
_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A
_LONG, _LONGER = 126, 127
_NO_CODE = (1005).to_bytes(2)


class LostError(Exception):
    """The server is gone or has closed this connection, perhaps with this code and reason."""


class Line:
    """A signed-in connection. It answers pings when it receives."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._rest = b""
        self._close = b""

    async def send(self, *requests: bytes) -> None:
        """Send requests, framed by `bench.line.frame`. Raises `LostError`."""
        try:
            await self._stream.send_all(b"".join(requests))
        except trio.BrokenResourceError as error:
            raise LostError from error

    async def receive(self) -> list[Message]:
        """Wait for bytes and return the complete messages. Raise `LostError`."""
        if self._close:
            raise LostError(f"{int.from_bytes(self._close[:2])} {self._close[2:].decode()}")
        self._rest += await self._more()
        frames, self._rest = _unframed(self._rest)
        for kind, payload in frames:
            if kind == _PING:
                await self.send(bytes((_PONG, 0x80 | len(payload))) + bytes(4) + payload)
            elif kind == _CLOSE:
                self._close = payload or _NO_CODE
        return [orjson.loads(payload) for kind, payload in frames if kind == _TEXT]

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


def _unframed(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Return first byte and payload of each whole frame, and the beginning of the next one."""
    frames, start = [], 0
    for kind, begin, end in _frames(data):
        frames.append((kind, data[begin:end]))
        start = end
    return frames, data[start:]


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

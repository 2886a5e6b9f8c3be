"""A WebSocket client that can break the protocol: it sends bytes as they are."""

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import trio
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)

from tests.support.process import PATIENCE_S, Process
from toteboard_client import signed_url

TEXT, BINARY, CONTINUATION = 1, 2, 0


def frame(payload: bytes, opcode: int = TEXT, *, is_last: bool = True) -> bytes:
    """Return a masked frame with any content. The mask is zeros, so it changes nothing."""
    size = len(payload)
    short, extended = (
        (size, b"")
        if size < 126
        else (126, struct.pack("!H", size))
        if size < 65_536
        else (127, struct.pack("!Q", size))
    )
    return bytes([is_last << 7 | opcode, 0x80 | short]) + extended + bytes(4) + payload


class Wire:
    """One side of a connection. The protocol library only parses what arrives."""

    def __init__(self, stream: trio.abc.Stream, protocol: WSConnection) -> None:
        self._stream, self._protocol = stream, protocol
        self._text = ""

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        await self._stream.send_all(data)

    async def hear(self) -> Any:
        """Return the next event (text only when complete), or None once the server has closed."""
        with trio.fail_after(PATIENCE_S):
            while True:
                for event in self._protocol.events():
                    if not isinstance(event, TextMessage):
                        return event
                    self._text += event.data
                    if event.message_finished:
                        text, self._text = self._text, ""
                        return TextMessage(text)
                data = await self._stream.receive_some()
                if not data:
                    return None
                self._protocol.receive_data(bytes(data))

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        event = await self.hear()
        assert isinstance(event, TextMessage), event
        message: dict[str, Any] = orjson.loads(event.data)
        return message

    async def goodbye(self, *, is_answered: bool = True) -> int:
        """Return the code of the server's close frame, which must come next."""
        event = await self.hear()
        assert isinstance(event, CloseConnection), event
        if is_answered:
            await self.send(self._protocol.send(event.response()))
        return int(event.code)

    async def handshake(self, target: str, **headers: str) -> Any:
        """Send a handshake and return the server's answer as an event."""
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        request = Request(host="toteboard.test", target=target, extra_headers=extra)
        await self.send(self._protocol.send(request))
        return await self.hear()


@asynccontextmanager
async def wire_to(server: Process) -> AsyncIterator[Wire]:
    """Open a connection and send nothing."""
    async with await server.socket() as stream:
        yield Wire(stream, WSConnection(ConnectionType.CLIENT))


@asynccontextmanager
async def wired(server: Process, name: str) -> AsyncIterator[Wire]:
    """Open a signed-in connection of a user."""
    async with wire_to(server) as wire:
        accepted = await wire.handshake(signed_url("/", *server.keys[name]))
        assert isinstance(accepted, AcceptConnection), accepted
        assert not accepted.extensions, "no permessage-deflate"
        yield wire


async def refused(server: Process, target: str, **headers: str) -> tuple[int, bytes]:
    """Attempt a handshake that is refused. Return the HTTP status and the body."""
    async with wire_to(server) as wire:
        rejected = await wire.handshake(target, **headers)
        assert isinstance(rejected, RejectConnection), rejected
        body = b""
        while isinstance(event := await wire.hear(), RejectData):
            body += event.data
        return rejected.status_code, body

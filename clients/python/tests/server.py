"""A server for the client's own tests: it speaks WebSocket and answers as a test says."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import SocketAttribute, SocketStream
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

from toteboard_client import Message, SessionKey

KEY = SessionKey(17, "secret")
GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, RemoteProtocolError)
"""What ends a connection besides a goodbye."""
Answers = Callable[[Message], Iterable[Message]]


class Peer:
    """The server's end of one connection."""

    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        self._protocol = WSConnection(ConnectionType.SERVER)

    async def tell(self, message: Message) -> None:
        await self._stream.send(self._protocol.send(TextMessage(data=json.dumps(message))))

    async def close(self, code: int = 1001) -> None:
        await self._stream.send(self._protocol.send(CloseConnection(code=code)))

    async def reject(self, status: int) -> None:
        await self._stream.send(self._protocol.send(RejectConnection(status_code=status)))

    async def accept(self) -> None:
        await self._stream.send(self._protocol.send(AcceptConnection()))

    async def serve(self, answers: Answers, status: int) -> None:
        """Answer the handshake with a status, and requests as a test says."""
        async for data in self._stream:
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                match event:
                    case Request():
                        await (self.accept() if status == 101 else self.reject(status))
                    case TextMessage():
                        for message in answers(json.loads(event.data)):
                            await self.tell(message)
                    case Ping():
                        await self._stream.send(self._protocol.send(event.response()))
                    case CloseConnection():
                        return await self._answer(event)

    async def _answer(self, goodbye: CloseConnection) -> None:
        if self._protocol.state is ConnectionState.REMOTE_CLOSING:
            await self._stream.send(self._protocol.send(goodbye.response()))


class Server:
    """A server on a port of its own. `peers`: its connections, the newest last."""

    def __init__(self, answers: Answers, statuses: Iterable[int] = ()) -> None:
        self._answers = answers
        self._statuses = iter(statuses)
        self.peers: list[Peer] = []
        self.url = ""

    async def handle(self, stream: SocketStream) -> None:
        peer = Peer(stream)
        self.peers.append(peer)
        async with stream:
            with suppress(*GONE):
                await peer.serve(self._answers, next(self._statuses, 101))


@asynccontextmanager
async def serving(answers: Answers, statuses: Iterable[int] = ()) -> AsyncIterator[Server]:
    """Run a server for the block."""
    server = Server(answers, statuses)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)
    server.url = f"ws://127.0.0.1:{port}/"
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, server.handle)
        yield server
        tasks.cancel_scope.cancel()


def reply(request: Message, res: int, **body: object) -> Message:
    """Return the reply to a request."""
    header = {"t": 1, "request_id": request["header"]["request_id"]}
    return {"response_header": header, "res": res, **body}


def run(backend: str, program: Callable[[], Awaitable[None]]) -> None:
    """Run a program under asyncio or trio, for at most 30 s."""

    async def in_time() -> None:
        with anyio.fail_after(30):
            await program()

    anyio.run(in_time, backend=backend)

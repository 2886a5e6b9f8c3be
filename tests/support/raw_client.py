"""A WebSocket client that sends any bytes and checks the answers strictly.

It is for `tests/actors/edge/test_wire.py`. The server's end is a `Connection` on a `Wire`, as
`Admission` makes it. The socket buffers are so small that frames are written in parts.
"""

import socket
import struct
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import cast

import trio
import trio.testing
from attrs import Factory, define, frozen
from trio.testing import lockstep_stream_one_way_pair, memory_stream_one_way_pair
from trio_websocket import wrap_server_stream
from wsproto import ConnectionType, WSConnection
from wsproto.events import Request

from actors.edge.admission import ReadingStarter
from actors.edge.connection import Connection, MessageHandler
from actors.edge.connection_tasks import ConnectionTasks
from actors.edge.gate import read_head
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.edge.wire import Wire
from actors.link.claim import Identity
from actors.link.encoded_message import EncodedMessage, FrameBatch, frame_batch
from protocol.frames import text_frame
from protocol.limits import Limits

LONGEST = 65_536
SMALL_BUFFER = 2_048
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN, MASKED = 0x80, 0x80
NO_STATUS = 1005

HANDSHAKE = WSConnection(ConnectionType.CLIENT).send(Request(host="toteboard.test", target="/"))

Listener = Callable[[str | bytes], Awaitable[None]]


def client_frame(payload: bytes, opcode: int = TEXT, *, fin: int = FIN, rsv: int = 0) -> bytes:
    """Return a masked frame."""
    key = bytes((opcode, len(payload) & 0xFF, 0x55, 0xA7))
    size = len(payload)
    whole_key = (key * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload) ^ int.from_bytes(whole_key)).to_bytes(size)
    short, more = (
        (size, b"")
        if size < 126
        else (126, struct.pack("!H", size))
        if size < 65_536
        else (127, struct.pack("!Q", size))
    )
    return bytes((fin | rsv | opcode, MASKED | short)) + more + key + masked


def close_frame(code: int, reason: bytes = b"") -> bytes:
    """Return a close frame with any content."""
    return client_frame(struct.pack("!H", code) + reason, CLOSE)


def said(text: str) -> FrameBatch:
    """Return one message to send. It need not be JSON here."""
    return frame_batch([EncodedMessage(text_frame(text.encode()), {})])


@frozen
class ServerFrame:
    """A frame from the server: its opcode and its payload."""

    opcode: int
    payload: bytes

    @property
    def close_code(self) -> int:
        """Return the code of a close frame."""
        return int.from_bytes(self.payload[:2], "big") if self.payload else NO_STATUS


def split(data: bytes) -> tuple[list[ServerFrame], bytes]:
    """Split bytes from a server into whole, unmasked frames and the bytes of a partial one."""
    frames = []
    while len(data) >= 2:
        opcode, short = data[0] & 0x0F, data[1]
        assert data[0] & 0xF0 == FIN, data[:20]
        assert opcode in (TEXT, CLOSE, PING, PONG), data[:20]
        extra = {126: 2, 127: 8}.get(short, 0)
        size = int.from_bytes(data[2 : 2 + extra], "big") if extra else short
        assert size < 10_000_000, ("not a frame of ours", data[:20])
        end = 2 + extra + size
        if len(data) < end:
            break
        frames.append(ServerFrame(opcode, data[2 + extra : end]))
        data = data[end:]
    return frames, data


@define
class Dialogue:
    """A client that can send any bytes, and the connection that serves it."""

    connection: Connection
    stream: trio.SocketStream
    received: bytearray = Factory(bytearray)
    is_over: bool = False

    async def send(self, chunks: Iterable[bytes]) -> None:
        """Send the chunks. The server has handled each before the next is sent."""
        try:
            for chunk in chunks:
                await trio.testing.wait_all_tasks_blocked()
                await self.stream.send_all(chunk)
        except trio.BrokenResourceError:
            pass  # the server has closed; what it sent before can still be read

    async def listen(self, sizes: Sequence[int]) -> None:
        """Read to the end in portions of these sizes, as slowly as possible."""
        portion = 0
        while data := await self._receive(sizes[portion % len(sizes)]):
            self.received += data
            portion += 1
            await trio.testing.wait_all_tasks_blocked()

    async def _receive(self, size: int) -> bytes:
        try:
            return bytes(await self.stream.receive_some(size))
        except trio.BrokenResourceError:
            return b""

    @property
    def heard(self) -> tuple[list[ServerFrame], bytes]:
        """Return the frames since the handshake, and the bytes of a partial one."""
        answer, _, frames = bytes(self.received).partition(b"\r\n\r\n")
        assert not answer or answer.startswith(b"HTTP/1.1 101 "), answer
        return split(frames)


def socket_pair() -> tuple[trio.SocketStream, trio.SocketStream]:
    """Return two connected sockets."""
    ours, theirs = (
        trio.SocketStream(trio.socket.from_stdlib_socket(end)) for end in socket.socketpair()
    )
    return ours, theirs


def small_pair() -> tuple[trio.SocketStream, trio.SocketStream]:
    """Return two connected sockets with small buffers."""
    ends = socket_pair()
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL_BUFFER)
    return ends


Client = Callable[[Dialogue], Awaitable[None]]


async def converse(client: Client, listener: Listener, *, limits: Limits | None = None) -> Dialogue:
    """Serve a client on small buffers until either side closes. Every message has to wait."""
    return await converse_at_once(client, lambda _, text: partial(listener, text), limits=limits)


async def converse_at_once(
    client: Client, listener: MessageHandler, *, limits: Limits | None = None
) -> Dialogue:
    """Do the same with a handler whose messages need not wait."""
    limits = limits or Limits(max_message_size=LONGEST)
    ours, theirs = small_pair()
    dialogue = Dialogue(Connection(Identity("1", 1, "ann", False), limits), ours)
    async with ours, theirs, trio.open_nursery() as nursery:
        nursery.start_soon(_serve, dialogue, theirs, listener, limits.max_message_size)
        await client(dialogue)
    return dialogue


async def _serve(
    dialogue: Dialogue, stream: trio.SocketStream, listener: MessageHandler, longest: int
) -> None:
    """Serve a connection as `Admission` does."""
    reader, received = SocketReader(), bytearray()
    head = await read_head(stream, received)
    if head is None:
        return
    wire = Wire(stream, longest, reader, handshake=head.encoded(), received=received)
    connection, heartbeat = dialogue.connection, Heartbeat(Limits().ping_interval / 1_000)
    async with stream, trio.open_nursery() as reading, trio.open_nursery() as nursery:
        tasks = ConnectionTasks(nursery.start_soon)
        reading.start_soon(reader.run)
        reading.start_soon(heartbeat.run)

        async def live(read: Callable[[], Awaitable[None]]) -> None:
            await connection.run(read, tasks)
            heartbeat.remove(connection)
            connection.end()
            connection.release()
            reading.cancel_scope.cancel()

        starter = cast(trio.Nursery, ReadingStarter(nursery.start_soon, live))
        request = await wrap_server_stream(starter, wire, max_message_size=longest)
        heartbeat.add(connection)
        connection.open(await request.accept(), wire, listener)
    dialogue.is_over = True


def pair_as_over_tls() -> tuple[trio.abc.Stream, trio.abc.Stream]:
    """Return two streams. Sending on the server's returns once the client has read the bytes."""
    (ask, asked), (tell, told) = memory_stream_one_way_pair(), lockstep_stream_one_way_pair()
    return trio.StapledStream(ask, told), trio.StapledStream(tell, asked)

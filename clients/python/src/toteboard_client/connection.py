"""One connection, of a user or a guest. It knows the envelope of messages, but no ops.

It does not reconnect; `session.py` does.
"""

import json
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import anyio
from anyio.abc import ByteStream

from toteboard_client.background import background
from toteboard_client.calls import to_json
from toteboard_client.errors import HandshakeError, Message
from toteboard_client.sign_in import guest_url, signed_url
from toteboard_client.websocket import WebSocket

HANDSHAKE_S: Final = 10.0
"""Timeout of the handshake, in seconds."""
CLOSE_S: Final = 1.0
"""Timeout of the closing handshake, in seconds."""


class Client:
    """A connection. Only one task may receive and call; several may send."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self._request_ids = count(1)
        self._set_aside: deque[Message] = deque()

    async def send(self, op: int, *, header: Message | None = None, **parameters: Any) -> None:
        """Send an op. `receive` returns its reply, like every other message.

        Raises `TypeError` if JSON cannot express a parameter, and `ConnectionClosedError`.
        """
        await self.send_text(to_json({"header": header or {}, "op": op, **parameters}))

    async def send_text(self, request: str) -> None:
        """Send a whole request. If this is cancelled half-way, the connection is unusable."""
        await self.socket.send_message(request)

    async def receive(self) -> Message:
        """Return the next message that is not the reply to a `call`.

        Raises `ConnectionClosedError`.
        """
        if self._set_aside:
            return self._set_aside.popleft()
        return await self._next()

    async def call(self, op: int, *, key: str | None = None, **parameters: Any) -> Message:
        """Send an op and return its reply, maybe an error. Keep other messages for `receive`.

        `key` is the idempotency key. Raises `ConnectionClosedError`.
        """
        request_id = next(self._request_ids)
        header = {"request_id": request_id} | ({"idempotency_key": key} if key else {})
        await self.send(op, header=header, **parameters)
        while True:
            message = await self._next()
            if message["response_header"].get("request_id") == request_id:
                return message
            self._set_aside.append(message)

    async def _next(self) -> Message:
        message: Message = json.loads(await self.socket.get_message())
        return message


@asynccontextmanager
async def connect(
    url: str, user_id: int, session_key: str, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Client]:
    """Connect to `ws://` or `wss://` and sign in. Close the connection at the end of the block.

    Raises `OSError` (`TimeoutError` after 10 s), `HandshakeError`, and `ConnectionRejectedError` if
    the server refuses the handshake (contract, section 1, "Connecting").
    """
    async with _connect(signed_url(url, user_id, session_key), tls) as client:
        yield client


@asynccontextmanager
async def connect_as_guest(url: str, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Client]:
    """Connect to `ws://` or `wss://` without a user, to look. Raises the same as `connect`."""
    async with _connect(guest_url(url), tls) as client:
        yield client


@asynccontextmanager
async def _connect(url: str, tls: ssl.SSLContext | None) -> AsyncIterator[Client]:
    address = _split(url)
    assert address.hostname is not None
    stream = await _open_stream(address.hostname, address.port, tls, address.scheme == "wss")
    resource = f"{address.path or '/'}?{address.query}"
    async with converse(stream, address.netloc, resource) as client:
        yield client


def _split(url: str) -> SplitResult:
    """Split the URL of a server. Raise HandshakeError if it is not one."""
    try:
        address = urlsplit(url)
        is_proper = address.scheme in ("ws", "wss") and address.hostname and address.port != 0
    except ValueError:  # from a port or an IPv6 address
        is_proper = False
    if not is_proper:
        raise HandshakeError(f"{url.partition('?')[0]!r} is not a ws:// or wss:// URL")
    return address


@asynccontextmanager
async def converse(stream: ByteStream, host: str, resource: str) -> AsyncIterator[Client]:
    """Open a WebSocket on an existing stream. Raises the same exceptions as `connect`.

    The WebSocket and the stream are closed at the end of the block, with code 1000, also if the
    block is cancelled.
    """
    socket = WebSocket(stream)
    try:
        with _in_time("the handshake was not completed"):
            await socket.handshake(host, resource)
        async with background() as tasks, _pumping(socket, tasks):
            yield Client(socket)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.aclose_forcefully(stream)


@asynccontextmanager
async def _pumping(socket: WebSocket, tasks: anyio.abc.TaskGroup) -> AsyncIterator[None]:
    """Read the socket during the block, and until the closing handshake is over."""
    # The handshake needs the reading task also if the block was cancelled.
    reading = anyio.CancelScope(shield=True)

    async def pump() -> None:
        with reading:
            await socket.pump()

    tasks.start_soon(pump)
    try:
        yield
    finally:
        with anyio.move_on_after(CLOSE_S, shield=True):
            await socket.aclose()
        reading.cancel()


async def _open_stream(
    host: str, port: int | None, tls: ssl.SSLContext | None, is_secure: bool
) -> ByteStream:
    port = port or (443 if is_secure else 80)
    with _noting_address(f"{host} port {port}"), _in_time("the server could not be reached"):
        if not is_secure:
            return await anyio.connect_tcp(host, port)
        return await anyio.connect_tcp(
            host,
            port,
            tls=True,
            ssl_context=tls or ssl.create_default_context(),
            tls_standard_compatible=False,
        )


@contextmanager
def _noting_address(address: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        error.add_note(f"The server at {address} could not be reached.")
        raise


@contextmanager
def _in_time(failure: str) -> Iterator[None]:
    try:
        with anyio.fail_after(HANDSHAKE_S):
            yield
    except TimeoutError as late:
        raise TimeoutError(f"{failure} within {HANDSHAKE_S:g} s") from late

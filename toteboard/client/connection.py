"""One signed-in connection. It knows the envelope of messages, but no ops.

It does not reconnect; `toteboard/client/session.py` does.
"""

import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import trio
from trio_websocket import WebSocketConnection, wrap_client_stream
from wsproto.utilities import LocalProtocolError

from toteboard.client.calls import Message
from toteboard.client.sign_in import signed_url

LARGEST_MESSAGE: Final = 64 * 1_024 * 1_024
"""In code points. The details of a game with 10,000 long targets are one message."""
HANDSHAKE_S: Final = 10.0
"""Timeout of the handshake, in seconds."""
CLOSE_S: Final = 1.0
"""Timeout of the closing handshake, in seconds."""


class Client:
    """A signed-in connection. Only one task may receive and call; several may send."""

    def __init__(self, socket: WebSocketConnection) -> None:
        self.socket = socket
        self._request_ids = count(1)
        self._set_aside: deque[Message] = deque()

    async def send(self, op: int, *, header: Message | None = None, **parameters: Any) -> None:
        """Send an op. `receive` returns its reply, like every other message.

        Raises `TypeError` if JSON cannot express a parameter.
        """
        request = {"header": header or {}, "op": op, **parameters}
        await self.send_text(orjson.dumps(request).decode())

    async def send_text(self, request: str) -> None:
        """Send a whole request. If this is cancelled half-way, the connection is unusable."""
        await self.socket.send_message(request)

    async def receive(self) -> Message:
        """Return the next message that is not the reply to a `call`.

        Raises `trio_websocket.ConnectionClosed`.
        """
        if self._set_aside:
            return self._set_aside.popleft()
        return await self._next()

    async def call(self, op: int, *, key: str | None = None, **parameters: Any) -> Message:
        """Send an op and return its reply, maybe an error. Keep other messages for `receive`.

        `key` is the idempotency key. Raises `trio_websocket.ConnectionClosed`.
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
        message: Message = orjson.loads(await self.socket.get_message())
        return message


class Background:
    """A nursery whose tasks end with the block. It raises a single exception without a group."""

    async def __aenter__(self) -> trio.Nursery:
        self._manager = trio.open_nursery()
        self._nursery = await self._manager.__aenter__()
        return self._nursery

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._nursery.cancel_scope.cancel()
        try:
            await self._manager.__aexit__(None, None, None)
        except ExceptionGroup as group:
            # trio-websocket fails on a ping that arrives during the close. No pong is needed then.
            others = [each for each in _each(group) if not isinstance(each, LocalProtocolError)]
            if len(others) > 1:
                raise
            if others:
                raise others[0] from None
            return kind is not None and issubclass(kind, trio.Cancelled)
        return False


def _each(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _each(error)
        else:
            yield error


@asynccontextmanager
async def connect(
    url: str, user_id: int, session_key: str, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Client]:
    """Connect to `ws://` or `wss://` and sign in. Close the connection at the end of the block.

    Raises `OSError` (`TimeoutError` after 10 s), and `trio_websocket.ConnectionRejected` if the
    server refuses the handshake (contract, section 1, "Connecting").
    """
    address = urlsplit(signed_url(url, user_id, session_key))
    host, port = address.hostname or "", address.port or (443 if address.scheme == "wss" else 80)
    stream = await _open_stream(host, port, tls, is_secure=address.scheme == "wss")
    resource = f"{address.path or '/'}?{address.query}"
    async with converse(stream, address.netloc, resource) as client:
        yield client


@asynccontextmanager
async def converse(stream: trio.abc.Stream, host: str, resource: str) -> AsyncIterator[Client]:
    """Open a WebSocket on an existing stream. Raises the same exceptions as `connect`.

    The WebSocket and the stream are closed at the end of the block, with code 1000, also if the
    block is cancelled.
    """
    async with stream, Background() as background, _outlasting(background) as nursery:
        with _in_time("the handshake was not completed"):
            socket = await wrap_client_stream(
                nursery,
                stream,  # type: ignore[arg-type]  # Any stream works.
                host,
                resource,
                max_message_size=LARGEST_MESSAGE,
            )
        try:
            yield Client(socket)
        finally:
            with trio.move_on_after(CLOSE_S, shield=True):
                await socket.aclose()


@asynccontextmanager
async def _outlasting(background: trio.Nursery) -> AsyncIterator[trio.Nursery]:
    """Open a nursery whose tasks end with the block, even if the block is cancelled earlier.

    The closing handshake needs the reading task, which must receive the server's close frame.
    """
    nursery: trio.Nursery = await background.start(_hold)
    try:
        yield nursery
    finally:
        nursery.cancel_scope.cancel()


async def _hold(task_status: trio.TaskStatus[trio.Nursery]) -> None:
    with trio.CancelScope(shield=True):
        async with trio.open_nursery() as nursery:
            task_status.started(nursery)
            await trio.sleep_forever()


async def _open_stream(
    host: str, port: int, tls: ssl.SSLContext | None, *, is_secure: bool
) -> trio.abc.Stream:
    with _in_time("the server could not be reached"):
        stream = await trio.open_tcp_stream(host, port)
    if not is_secure:
        return stream
    tls = tls or ssl.create_default_context()
    return trio.SSLStream(stream, tls, server_hostname=host, https_compatible=True)


@contextmanager
def _in_time(failure: str) -> Iterator[None]:
    try:
        with trio.fail_after(HANDSHAKE_S):
            yield
    except trio.TooSlowError as late:
        raise TimeoutError(f"{failure} within {HANDSHAKE_S:g} s") from late

"""A small client of the public protocol, for programs on trio: sign in, ask, listen.

It knows the envelope and nothing of the ops: what can be asked is in docs/protocol.md.
"""

import secrets
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import trio
from trio_websocket import WebSocketConnection, wrap_client_stream

Message = dict[str, Any]


def signed_url(url: str, user_id: int, session_key: str) -> str:
    """The server's URL with a sign-in for one connection (contract, section 1)."""
    nonce = secrets.token_urlsafe(16)
    digest = sha256(f"{user_id}{nonce}{session_key}".encode()).hexdigest()
    return f"{url}?{urlencode({'id': user_id, 'n': nonce, 'h': digest})}"


class Client:
    """A signed-in connection. Not for several tasks at once."""

    def __init__(self, socket: WebSocketConnection) -> None:
        self.socket = socket
        self._request_ids = count(1)
        self._set_aside: deque[Message] = deque()

    async def send(self, op: int, *, header: Message | None = None, **parameters: Any) -> None:
        """Send an op; its reply, and all else, comes by `receive`."""
        request = {"header": header or {}, "op": op, **parameters}
        await self.socket.send_message(orjson.dumps(request).decode())

    async def receive(self) -> Message:
        """The next message that `call` has not taken as its reply.

        Raises `trio_websocket.ConnectionClosed`.
        """
        if self._set_aside:
            return self._set_aside.popleft()
        return await self._next()

    async def call(self, op: int, *, key: str | None = None, **parameters: Any) -> Message:
        """Send an op and give its reply, errors included; what comes before it is kept.

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


@asynccontextmanager
async def connect(
    url: str, user_id: int, session_key: str, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Client]:
    """Connect to `ws://` or `wss://` and sign in; closes at the end of the block.

    Raises `OSError`, and `trio_websocket.ConnectionRejected` if the server says no.
    """
    address = urlsplit(signed_url(url, user_id, session_key))
    host, port = address.hostname or "", address.port or (443 if address.scheme == "wss" else 80)
    stream = await _open_stream(host, port, tls if address.scheme == "wss" else None)
    async with stream, trio.open_nursery() as nursery:
        resource = f"{address.path or '/'}?{address.query}"
        socket = await wrap_client_stream(nursery, stream, address.netloc, resource)
        async with socket:
            yield Client(socket)
        nursery.cancel_scope.cancel()


async def _open_stream(
    host: str, port: int, tls: ssl.SSLContext | None
) -> trio.SocketStream | trio.SSLStream[trio.SocketStream]:
    stream = await trio.open_tcp_stream(host, port)
    if tls is None:
        return stream
    return trio.SSLStream(stream, tls, server_hostname=host, https_compatible=True)

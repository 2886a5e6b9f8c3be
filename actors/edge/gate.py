"""The gate of a port: reads the head of each connection's first request, and routes it.

Theory of operation
===================

No library sees a connection before its first head has been read and checked.

                          no head in time
    accepted --> waiting -----------------------------------> lingering close
                 for the head                                        ^
                    |                                                |
                    v    not HTTP, HTTP/2, another upgrade           |
                  routed ---------------------------> refused -------+
                    |    |                                           |
                    |    +--> any other request: `Site.serve` -------+
                    +-------> a WebSocket at /: `Admission.receive`, which takes the stream over

**Waiting.** A head may take `handshake_timeout` and 16 KiB in all, however many pieces it comes in
(`protocol/request_head.py`). `PendingHeads` bounds the waiting connections: when it is full, the
address with the most of them loses its oldest. So silent connections never delay a client that
sends its request promptly. If a deadline fires late, the process was paused; then the gate reads
for `FINAL_READ_S` more, because the head may have arrived in time.

**Lingering close.** Closing a socket that has unread input sends a reset, and a reset can overtake
the response. So the gate shuts down its sending side and reads for up to `LINGER_S`.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final, Protocol

import structlog
import trio
from attrs import frozen

from actors.edge.addresses import neighbourhood, peer_address
from actors.edge.closing import GONE
from protocol.handshake import check_handshake, refuse_other_upgrades
from protocol.plain_answer import plain_answer
from protocol.request_head import BadHeadError, RequestHead, split_head

log = structlog.get_logger()

MOST_WAITING: Final = 2_000
"""Connections of one port that wait for their head."""
LEAST_PAUSE_S: Final = 0.1
"""A deadline that fires this late fired after a pause of the whole process."""
FINAL_READ_S: Final = 0.5
"""How long a head is read after a pause: it may have arrived before the deadline."""
READ_BYTES: Final = 16_384
LINGER_S: Final = 1.0
"""How long input is read and dropped before a connection is closed, and a refusal may take."""
LINGER_BYTES: Final = 1_048_576
TLS_LINGER_S: Final = 0.1
"""The same over TLS, which has no half close: a client that waits for the end waits this long."""


@frozen(eq=False)
class Visitor:
    """A connection, the head of its first request, and the bytes behind the head.

    `address` is the peer's IP address, empty where there is none.
    """

    stream: trio.abc.Stream
    head: RequestHead
    received: bytearray
    address: str

    @property
    def is_secure(self) -> bool:
        """Whether the connection is behind TLS."""
        return is_secure(self.stream)


Handler = Callable[[Visitor], Awaitable[None]]
"""Serves a connection. The gate closes the stream of an HTTP request afterwards."""

Handshake = Callable[[], Awaitable[None]]


class Site(Protocol):
    """Serves every request that is not for a WebSocket."""

    async def serve(self, visitor: Visitor) -> None:
        """Serve a connection until it ends. Raise `BadHeadError`."""

    async def all_answered(self) -> None:
        """Wait until every request that has arrived has its response."""

    def address_of(self, visitor: Visitor) -> str:
        """Return the IP address of a client, as proxies that are trusted have seen it."""


class NoSite:
    """The site of a port that serves only WebSockets."""

    async def serve(self, _visitor: Visitor) -> None:
        """Raise `BadHeadError`."""
        raise BadHeadError(404, "This port serves only WebSockets.")

    async def all_answered(self) -> None:
        """Return: no request is ever in progress."""

    def address_of(self, visitor: Visitor) -> str:
        """Return the address at the other end of the connection."""
        return visitor.address


NO_SITE: Final = NoSite()


class Gate:
    """Receives connections. Without `on_websocket` every upgrade is refused.

    `on_websocket` takes the stream over: it must see that the stream is closed.
    `head_timeout_s`: how long a head may take, in seconds.
    """

    def __init__(
        self, *, head_timeout_s: float, on_request: Handler, on_websocket: Handler | None = None
    ) -> None:
        self._head_timeout_s = head_timeout_s
        self._on_request, self._on_websocket = on_request, on_websocket
        self._waiting = PendingHeads(MOST_WAITING)

    async def receive(self, stream: trio.abc.Stream) -> None:
        """Serve one connection until it ends, or perform the handshake of a WebSocket."""
        handshake = None
        try:
            with suppress(*GONE):
                handshake = await self._receive(stream)
        finally:
            if handshake is None:
                with trio.CancelScope(shield=True):
                    await close_lingering(stream)
        if handshake is not None:
            await handshake()

    async def _receive(self, stream: trio.abc.Stream) -> Handshake | None:
        """Serve HTTP. Return what performs the handshake if a WebSocket is asked for."""
        try:
            visitor = await self._visitor(stream)
            if visitor is None:
                return None
            if visitor.head.is_upgrade:
                return partial(self._websocket_handler(visitor.head), visitor)
            await self._on_request(visitor)
        except BadHeadError as error:
            log.info("request_refused", status=error.status)
            await refuse(stream, error.status, str(error))
        return None

    async def _visitor(self, stream: trio.abc.Stream) -> Visitor | None:
        """Read the first head. Return None if it does not arrive in time. Raise `BadHeadError`."""
        address, received, head = peer_address(stream), bytearray(), None
        with self._waiting.place(neighbourhood(address)) as scope:
            scope.deadline = trio.current_time() + self._head_timeout_s
            head = await read_head(stream, received)
        if trio.current_time() - scope.deadline > LEAST_PAUSE_S:
            with trio.move_on_after(FINAL_READ_S):
                head = await read_head(stream, received)
        return None if head is None else Visitor(stream, head, received, address)

    def _websocket_handler(self, head: RequestHead) -> Handler:
        """Return what takes the stream over. Raise `BadHeadError`."""
        refuse_other_upgrades(head)
        if self._on_websocket is None:
            raise BadHeadError(404, "This port does not serve WebSockets.")
        check_handshake(head)
        return self._on_websocket


class PendingHeads:
    """The connections that wait for their head, by address; `most` in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._by_address: dict[str, dict[trio.CancelScope, None]] = {}

    @contextmanager
    def place(self, address: str) -> Iterator[trio.CancelScope]:
        """Take a place while the context lasts. Cancel the scope if another connection needs it."""
        if self._count >= self._most:
            self._evict()
        with trio.CancelScope() as scope:
            self._by_address.setdefault(address, {})[scope] = None
            self._count += 1
            try:
                yield scope
            finally:
                self._leave(address, scope)

    def _evict(self) -> None:
        address = max(self._by_address, key=lambda each: len(self._by_address[each]))
        oldest = next(iter(self._by_address[address]))
        self._leave(address, oldest)
        oldest.cancel()

    def _leave(self, address: str, scope: trio.CancelScope) -> None:
        """Free a place, once."""
        places = self._by_address.get(address, {})
        if scope in places:
            del places[scope]
            self._count -= 1
            if not places:
                del self._by_address[address]


async def read_head(stream: trio.abc.Stream, received: bytearray) -> RequestHead | None:
    """Read a head, beginning with `received`. Leave the bytes behind it in `received`.

    Return None at the end of the stream. Raise `BadHeadError`, `trio.BrokenResourceError` and
    `trio.ClosedResourceError`. There is no timeout: the caller sets one.
    """
    seen = 0
    while (split := split_head(received, seen)) is None:
        seen = len(received)
        data = await stream.receive_some(READ_BYTES)
        if not data:
            return None
        received += data
    head, size = split
    del received[:size]
    return head


async def refuse(
    stream: trio.abc.Stream, status: int, text: str, fields: Sequence[tuple[str, str]] = ()
) -> None:
    """Send a refusal. Give up after `LINGER_S` if the client does not read."""
    if status == 426:
        fields = (*fields, ("Sec-WebSocket-Version", "13"))
    answer = plain_answer(status, text, is_secure=is_secure(stream), fields=fields)
    with trio.move_on_after(LINGER_S), suppress(*GONE):
        await stream.send_all(answer)


async def close_lingering(stream: trio.abc.Stream) -> None:
    """Close a stream after reading what the client still sends, for up to `LINGER_S`."""
    with trio.move_on_after(LINGER_S), suppress(*GONE, OSError):
        if isinstance(stream, trio.SocketStream):
            stream.socket.shutdown(trio.socket.SHUT_WR)
            await _drop_input(stream)
        else:
            if is_secure(stream):
                with trio.move_on_after(TLS_LINGER_S):
                    await _drop_input(stream)
            await stream.aclose()
    if isinstance(stream, trio.SocketStream):
        # Close without yielding: many refused clients must not take turns of the event loop.
        stream.socket.close()
    else:
        await trio.aclose_forcefully(stream)


async def _drop_input(stream: trio.abc.Stream) -> None:
    left = LINGER_BYTES
    while left > 0 and (data := await stream.receive_some(65_536)):
        left -= len(data)


def is_secure(stream: trio.abc.Stream) -> bool:
    """Whether a stream is TLS."""
    return isinstance(stream, trio.SSLStream)

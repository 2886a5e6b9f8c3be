"""The gate of a port: reads the head of each connection's first request, and says where it goes.

A request that upgrades to a WebSocket at `/` goes to the door (`actors/edge/admission.py`), any
other to the site (`toteboard/http/serving.py`). Everything else is refused here: other upgrades,
HTTP/2, what is no HTTP at all. No library sees a connection before its head has been read.

What is bounded. A head has `handshake_timeout` in all, however many pieces it comes in, and 16 KiB
(`protocol/request_head.py`). Connections whose head has not come wait in the `WaitingRoom`: when it
is full, the address with most of them loses its oldest, so that silent connections never keep a
request that is sent promptly from being read.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, Protocol

import structlog
import trio
from attrs import frozen

from actors.edge.addresses import neighbourhood, peer_address
from actors.edge.wire import GONE
from protocol.handshake import check_handshake, refuse_other_upgrades
from protocol.plain_answer import plain_answer
from protocol.request_head import BadHeadError, RequestHead, split_head

log = structlog.get_logger()

MOST_WAITING: Final = 2_000
"""Connections, on one port, whose head has not come yet."""
LATE_S: Final = 0.1
"""A deadline that is noticed so much later passed while the whole process stood still."""
LAST_LOOK_S: Final = 0.5
"""How long it is then read what came meanwhile: it was sent in time, for all that is known."""
READ_BYTES: Final = 16_384
GOODBYE_S: Final = 1.0
"""How long a connection is read from after the last word to it: a reset would overtake that."""
GOODBYE_BYTES: Final = 1_048_576
TLS_GOODBYE_S: Final = 0.1
"""The same over TLS, which has no half close: a client that waits for our end waits this long."""


@frozen(eq=False)
class Visitor:
    """A connection, the head of its request, and what came behind the head.

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
"""Serves a visitor to its end. The gate closes the stream afterwards."""


class Site(Protocol):
    """What answers the requests that are no WebSocket's."""

    async def serve(self, visitor: Visitor) -> None:
        """Serve a connection to its end. Raises `BadHeadError`."""

    async def all_answered(self) -> None:
        """Wait until every request that has arrived is answered."""


class NoSite:
    """A port with nothing but WebSockets."""

    async def serve(self, _visitor: Visitor) -> None:
        """Refuse a request. Raises `BadHeadError`."""
        raise BadHeadError(404, "There is nothing but a WebSocket at this port.")

    async def all_answered(self) -> None:
        """There is nothing to wait for."""


NO_SITE: Final = NoSite()


class Gate:
    """Receives connections. Without `on_websocket` no upgrade is accepted.

    `head_timeout_s`: how long a head may take, in seconds.
    """

    def __init__(
        self, *, head_timeout_s: float, on_request: Handler, on_websocket: Handler | None = None
    ) -> None:
        self._head_timeout_s = head_timeout_s
        self._on_request, self._on_websocket = on_request, on_websocket
        self._waiting = WaitingRoom(MOST_WAITING)

    async def receive(self, stream: trio.abc.Stream) -> None:
        """Serve one connection to its end."""
        try:
            with suppress(*GONE):
                await self._receive(stream)
        finally:
            with trio.CancelScope(shield=True):
                await hang_up(stream)

    async def _receive(self, stream: trio.abc.Stream) -> None:
        try:
            visitor = await self._visitor(stream)
            if visitor is not None:
                await self._handler(visitor.head)(visitor)
        except BadHeadError as error:
            log.info("request_refused", status=error.status)
            await refuse(stream, error.status, str(error))

    async def _visitor(self, stream: trio.abc.Stream) -> Visitor | None:
        """Read the first head; None if it does not come in time. Raises `BadHeadError`."""
        address, received, head = peer_address(stream), bytearray(), None
        with self._waiting.place(neighbourhood(address)) as patience:
            patience.deadline = trio.current_time() + self._head_timeout_s
            head = await read_head(stream, received)
        if trio.current_time() - patience.deadline > LATE_S:
            with trio.move_on_after(LAST_LOOK_S):
                head = await read_head(stream, received)
        return None if head is None else Visitor(stream, head, received, address)

    def _handler(self, head: RequestHead) -> Handler:
        if not head.is_upgrade:
            return self._on_request
        refuse_other_upgrades(head)
        if self._on_websocket is None:
            raise BadHeadError(404, "There is no WebSocket at this port.")
        check_handshake(head)
        return self._on_websocket


class WaitingRoom:
    """Connections whose head has not come, by address; `most` in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._by_address: dict[str, dict[trio.CancelScope, None]] = {}

    @contextmanager
    def place(self, address: str) -> Iterator[trio.CancelScope]:
        """Wait inside; the scope is cancelled if the place is needed."""
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
        """Give up a place, once."""
        places = self._by_address.get(address, {})
        if scope in places:
            del places[scope]
            self._count -= 1
            if not places:
                del self._by_address[address]


async def read_head(stream: trio.abc.Stream, received: bytearray) -> RequestHead | None:
    """Read a head, `received` first; what comes behind it is left in `received`.

    Return None at the end of the stream. Raises `BadHeadError`, `trio.BrokenResourceError` and
    `trio.ClosedResourceError`. It takes as long as the client does.
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
    """Answer with a refusal, unless the client does not take it."""
    if status == 426:
        fields = (*fields, ("Sec-WebSocket-Version", "13"))
    answer = plain_answer(status, text, is_secure=is_secure(stream), fields=fields)
    with trio.move_on_after(GOODBYE_S), suppress(*GONE):
        await stream.send_all(answer)


async def hang_up(stream: trio.abc.Stream) -> None:
    """Close, after reading for a moment what the client still sends."""
    with trio.move_on_after(GOODBYE_S), suppress(*GONE, OSError):
        if isinstance(stream, trio.SocketStream):
            stream.socket.shutdown(trio.socket.SHUT_WR)
            await _drain(stream)
        else:
            if is_secure(stream):
                with trio.move_on_after(TLS_GOODBYE_S):
                    await _drain(stream)
            await stream.aclose()
    if isinstance(stream, trio.SocketStream):
        stream.socket.close()  # at once: a crowd that is refused must not take rounds of the loop
    else:
        await trio.aclose_forcefully(stream)


async def _drain(stream: trio.abc.Stream) -> None:
    left = GOODBYE_BYTES
    while left > 0 and (data := await stream.receive_some(65_536)):
        left -= len(data)


def is_secure(stream: trio.abc.Stream) -> bool:
    """Whether a stream is TLS."""
    return isinstance(stream, trio.SSLStream)

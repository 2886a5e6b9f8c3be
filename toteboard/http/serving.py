"""Serves HTTP on connections that the gate passes on: one request after another, within limits.

Limits:
- `MOST_CONNECTIONS` connections on a port, and `http_connections_per_address` for each address.
  Beyond that, a request is refused with 429. Once half of the places are taken, a connection is
  closed after its answer, so that idle connections do not keep places.
- `EXCHANGE_S` for one exchange, and `IDLE_S` for the pause between two.
- A throttle for the requests of one address: 429.

A supervisor may restart a server that does not answer a health check. So the paths in `always` are
answered beyond the limits too, on a connection that is closed after the answer.

An exception in an exchange closes only its connection, and is logged as `http_failed`.
`exchange.py` handles HTTP on the wire, and `site.py` the paths.
"""

from collections.abc import Collection
from typing import Final

import structlog
import trio
from attrs import frozen
from starlette.types import ASGIApp

from actors.edge.addresses import neighbourhood
from actors.edge.gate import Visitor, read_head, refuse
from actors.survival import survive
from protocol.request_head import BadHeadError, RequestHead
from toteboard.http.exchange import Exchange
from toteboard.http.places import Admittance, Places
from toteboard.http.proxies import RequestOrigin, request_origin
from toteboard.http.throttle import Throttle

log = structlog.get_logger()

MOST_CONNECTIONS: Final = 500
IDLE_S: Final = 5.0
EXCHANGE_S: Final = 60.0
REQUEST_BURST: Final = 1_000
REQUEST_INTERVAL_S: Final = 0.01
"""Requests from one address: 1,000 immediately, and 100 more each second."""
RETRY: Final = (("Retry-After", "1"),)


@frozen
class Refused:
    """The reason why the site does not answer a request: an HTTP status and a sentence."""

    status: int
    text: str


class HttpService:
    """Serves an ASGI application to visitors.

    `always`: paths that are answered beyond the limits too. `per_address`: the limit of connections
    for each address, 0 for none. `exchange_s`: the longest time of an exchange, None for the usual.
    `is_throttled`: whether the requests of an address are limited.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        always: Collection[bytes],
        per_address: int,
        trusted_hops: int,
        exchange_s: float | None = None,
        is_throttled: bool = True,
    ) -> None:
        self._app = app
        self._always = always
        self._trusted_hops = trusted_hops
        # Behind a proxy, every connection has the proxy's address, so count clients by request.
        self._connections = Places(MOST_CONNECTIONS, 0 if trusted_hops else per_address)
        self._clients = Places(MOST_CONNECTIONS, per_address if trusted_hops else 0)
        self._under_way, self._one_ended = 0, trio.Event()
        self._requests = Throttle(REQUEST_BURST, REQUEST_INTERVAL_S)
        self._exchange_s, self._is_throttled = exchange_s, is_throttled

    @property
    def connections(self) -> int:
        """The number of connections in use."""
        return self._connections.count

    async def all_answered(self) -> None:
        """Wait until all requests in progress are answered."""
        while self._under_way:
            await self._one_ended.wait()

    def address_of(self, visitor: Visitor) -> str:
        """Return the IP address of a client, as proxies that are trusted have seen it."""
        return request_origin(visitor, visitor.head, self._trusted_hops).address

    async def serve(self, visitor: Visitor) -> None:
        """Serve a connection to its end, beginning with the request that the gate has read.

        Raise BadHeadError for the head of a later request.
        """
        with self._connections.place(visitor.address) as place:
            head: RequestHead | None = visitor.head
            while head is not None and await self._answer(visitor, head, place):
                head = await _next_head(visitor)

    async def _answer(self, visitor: Visitor, head: RequestHead, place: Admittance) -> bool:
        """Answer one request; return whether the connection can serve another."""
        if head.is_upgrade:
            raise BadHeadError(400, "An upgrade must be the first request of a connection.")
        origin = request_origin(visitor, head, self._trusted_hops)
        with self._clients.place(origin.address) as client:
            refused = None if head.path in self._always else self._refused(origin, place, client)
            if refused is not None:
                log.info("request_refused", status=refused.status)
                await refuse(visitor.stream, refused.status, refused.text, RETRY)
                return False
            exchange = Exchange(visitor, head, origin, may_stay=place.is_roomy and client.is_roomy)
            return await self._exchange(exchange)

    def _refused(self, origin: RequestOrigin, *places: Admittance) -> Refused | None:
        if not all(place.is_granted for place in places):
            return Refused(429, "Too many connections are open from this address, or in total.")
        if not self._is_throttled:
            return None
        if self._requests.take(neighbourhood(origin.address), trio.current_time()):
            return Refused(429, "Too many requests came from this address.")
        return None

    async def _exchange(self, exchange: Exchange) -> bool:
        began = trio.current_time()
        self._under_way += 1
        try:
            with trio.move_on_after(self._exchange_s or EXCHANGE_S):
                await survive(exchange.run, self._app, event="http_failed")
        finally:
            self._under_way -= 1
            self._one_ended.set()
            self._one_ended = trio.Event()
        log.debug(
            "http_handled",
            method=exchange.head.method.decode(),
            path=exchange.head.path.decode(),
            status=exchange.status,
            duration_ms=round((trio.current_time() - began) * 1_000, 3),
        )
        return exchange.is_reusable


async def _next_head(visitor: Visitor) -> RequestHead | None:
    """Read the head of the next request; return None if none comes in time. Raise BadHeadError."""
    with trio.move_on_after(IDLE_S):
        return await read_head(visitor.stream, visitor.received)
    return None

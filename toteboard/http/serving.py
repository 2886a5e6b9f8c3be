"""Serves HTTP on connections that the gate hands over: one request after another, all bounded.

What is bounded, and how:
- connections in use, `MOST_CONNECTIONS` on a port and `http_connections_per_address` an address.
  Beyond that a request is refused with 429. Once half of them is taken, a connection ends with its
  answer, so that places are not kept by connections that only wait;
- the time of one exchange, `EXCHANGE_S`, and of a pause between two, `IDLE_S`;
- requests of one address, by a throttle: 429.

Health is asked by machines that restart a server which does not answer. So the paths in `always`
are answered whatever the bounds say, on a connection that ends afterwards.

Whatever an exchange raises ends that connection alone and is logged as `http_failed`. What HTTP is
made of on the wire is `exchange.py`; who is asked, `site.py`.
"""

from collections.abc import Collection
from typing import Final

import structlog
import trio
from attrs import frozen
from starlette.types import ASGIApp

from actors.edge.addresses import neighbourhood
from actors.edge.gate import Visitor, read_head, refuse
from actors.games.supervisor import survive
from protocol.request_head import BadHeadError, RequestHead
from toteboard.http.exchange import Exchange
from toteboard.http.places import Place, Places
from toteboard.http.proxies import Origin, origin_of
from toteboard.http.throttle import Throttle

log = structlog.get_logger()

MOST_CONNECTIONS: Final = 500
IDLE_S: Final = 5.0
EXCHANGE_S: Final = 60.0
REQUEST_BURST: Final = 1_000
REQUEST_INTERVAL_S: Final = 0.01
"""Requests from one address: a thousand at once, and a hundred a second."""
RETRY: Final = (("Retry-After", "1"),)


@frozen
class Refused:
    """Why a request is not answered by the site: an HTTP status and a sentence."""

    status: int
    text: str


class HttpService:
    """Serves an ASGI application to visitors.

    `always`: paths that are answered whatever the bounds say. `per_address`: connections, 0 for no
    limit.
    """

    def __init__(
        self, app: ASGIApp, *, always: Collection[bytes], per_address: int, trusted_hops: int
    ) -> None:
        self._app = app
        self._always = always
        self._trusted_hops = trusted_hops
        # Behind a proxy every connection has its address: there clients are counted by request.
        self._connections = Places(MOST_CONNECTIONS, 0 if trusted_hops else per_address)
        self._clients = Places(MOST_CONNECTIONS, per_address if trusted_hops else 0)
        self._under_way, self._one_ended = 0, trio.Event()
        self._requests = Throttle(REQUEST_BURST, REQUEST_INTERVAL_S)

    @property
    def connections(self) -> int:
        """How many are in use."""
        return self._connections.count

    async def all_answered(self) -> None:
        """Wait until no request is being answered."""
        while self._under_way:
            await self._one_ended.wait()

    async def serve(self, visitor: Visitor) -> None:
        """Serve a connection to its end, from the request that the gate has read.

        Raises `BadHeadError` for the head of a later request.
        """
        with self._connections.place(visitor.address) as place:
            head: RequestHead | None = visitor.head
            while head is not None and await self._answer(visitor, head, place):
                head = await _next_head(visitor)

    async def _answer(self, visitor: Visitor, head: RequestHead, place: Place) -> bool:
        """Answer one request; return whether the connection can serve another."""
        if head.is_upgrade:
            raise BadHeadError(400, "An upgrade is the first request of a connection.")
        origin = origin_of(visitor, head, self._trusted_hops)
        with self._clients.place(origin.address) as client:
            refused = None if head.path in self._always else self._refused(origin, place, client)
            if refused is not None:
                log.info("request_refused", status=refused.status)
                await refuse(visitor.stream, refused.status, refused.text, RETRY)
                return False
            exchange = Exchange(visitor, head, origin, may_stay=place.is_roomy and client.is_roomy)
            return await self._exchange(exchange)

    def _refused(self, origin: Origin, *places: Place) -> Refused | None:
        if not all(place.is_granted for place in places):
            return Refused(429, "Too many connections are open from this address, or in all.")
        if self._requests.take(neighbourhood(origin.address), trio.current_time()):
            return Refused(429, "Too many requests came from this address.")
        return None

    async def _exchange(self, exchange: Exchange) -> bool:
        began = trio.current_time()
        self._under_way += 1
        try:
            with trio.move_on_after(EXCHANGE_S):
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
    """Read the head of the next request; None if none comes soon. Raises `BadHeadError`."""
    with trio.move_on_after(IDLE_S):
        return await read_head(visitor.stream, visitor.received)
    return None

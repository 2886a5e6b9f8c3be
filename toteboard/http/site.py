"""Which path is answered by what (operation.md, "HTTP side")."""

from pathlib import Path

from attrs import frozen
from hypercorn.middleware import ProxyFixMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from protocol import asyncapi
from toteboard import __version__
from toteboard.http.accounts import Accounts
from toteboard.http.addresses import Addresses
from toteboard.http.answers import HttpRefusal, json_answer, refuse
from toteboard.http.guard import Guard
from toteboard.http.health import Health
from toteboard.http.page import Page
from toteboard.metrics import CONTENT_TYPE, Metrics


@frozen(kw_only=True)
class Rooms:
    """What the site is made of."""

    accounts: Accounts
    addresses: Addresses
    health: Health
    metrics: Metrics
    has_signup: bool
    page: Path


def site(rooms: Rooms, *, allowed_origins: tuple[str, ...], trusted_hops: int) -> ASGIApp:
    """The whole site, as an ASGI application."""

    async def config(request: Request) -> Response:
        """What the page has to know of this server."""
        return json_answer(
            {
                "websocket_url": rooms.addresses.websocket(request.scope),
                "version": __version__,
                "signup": rooms.has_signup,
            }
        )

    async def metrics(_request: Request) -> Response:
        return Response(await rooms.metrics.text(), media_type=CONTENT_TYPE)

    async def document(_request: Request) -> Response:
        return Response(asyncapi.printed(__version__), media_type="application/json")

    routes = [
        Route("/r/signup/", rooms.accounts.sign_up, methods=["POST"]),
        Route("/r/login/", rooms.accounts.log_in, methods=["POST"]),
        Route("/healthz", rooms.health.alive),
        Route("/readyz", rooms.health.ready),
        Route("/metrics", metrics),
        Route("/asyncapi.json", document),
        Route("/config.json", config),
        Mount("/", Page(rooms.page)),
    ]
    app = Starlette(routes=routes, exception_handlers={HttpRefusal: refuse})
    guarded: ASGIApp = Guard(app, rooms.addresses, allowed_origins)
    if trusted_hops:
        return ProxyFixMiddleware(guarded, trusted_hops=trusted_hops)  # type: ignore[arg-type,return-value]
    return guarded

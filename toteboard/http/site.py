"""Which path is answered by what (operation.md, "HTTP side")."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from attrs import frozen
from hypercorn.middleware import ProxyFixMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from protocol import asyncapi
from toteboard import __version__
from toteboard.http.accounts import Accounts
from toteboard.http.addresses import Addresses
from toteboard.http.answers import HANDLERS, json_answer
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
        printed = asyncapi.printed(__version__, rooms.addresses.own)
        return Response(printed, media_type="application/json")

    routes = [
        *_posted("/r/signup", rooms.accounts.sign_up),
        *_posted("/r/login", rooms.accounts.log_in),
        Route("/healthz", rooms.health.alive),
        Route("/readyz", rooms.health.ready),
        Route("/metrics", metrics),
        Route("/asyncapi.json", document),
        Route("/config.json", config),
    ]
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    # Not a mount: that would answer for a path of ours that is asked by a wrong method.
    app.router.default, app.router.redirect_slashes = Page(rooms.page), False
    guarded: ASGIApp = Guard(app, rooms.addresses, allowed_origins)
    if trusted_hops:
        return ProxyFixMiddleware(guarded, trusted_hops=trusted_hops)  # type: ignore[arg-type,return-value]
    return guarded


def _posted(path: str, call: Callable[[Request], Awaitable[Response]]) -> list[Route]:
    """A call that is a POST, with a slash at its end or without."""
    return [Route(each, call, methods=["POST"]) for each in (f"{path}/", path)]

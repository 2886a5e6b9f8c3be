"""The paths of the public port, and what answers them (docs/reference/http.md).

A worker serves them too, so nothing here imports what decides.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from attrs import frozen
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from protocol import asyncapi
from toteboard import __version__
from toteboard.http.accounts import Accounts
from toteboard.http.addresses import Addresses
from toteboard.http.guard import Guard
from toteboard.http.health import ServesRequests
from toteboard.http.page import Page
from toteboard.http.responses import HANDLERS, json_answer
from toteboard.http.serving import HttpService
from toteboard.settings import Settings

HEALTH: Final = (b"/healthz", b"/readyz")
"""The paths that are answered when there are too many connections."""


@frozen
class PublicRooms:
    """The parts of the public site. `page` is the folder of the page."""

    accounts: Accounts
    addresses: Addresses
    health: ServesRequests
    has_signup: bool
    page: Path
    has_tokens: bool = False


def public_service(
    settings: Settings, accounts: Accounts, health: ServesRequests, port: int, page: Path
) -> HttpService:
    """Return the HTTP service of the public port, which listens on `port`."""
    rooms = PublicRooms(
        accounts,
        addresses_of(settings, port),
        health,
        has_signup=settings.signup,
        page=page,
        has_tokens=settings.tokens.is_on,
    )
    return HttpService(
        public_site(rooms, settings.limits.allowed_origins),
        always=HEALTH,
        per_address=settings.limits.http_connections_per_address,
        trusted_hops=settings.trusted_hops,
    )


def addresses_of(settings: Settings, port: int) -> Addresses:
    """Return the addresses of a server whose public port is `port`."""
    return Addresses(settings.host, port, settings.is_secure, settings.public_url)


def public_site(rooms: PublicRooms, allowed_origins: tuple[str, ...]) -> ASGIApp:
    """Return the site of the public port, as an ASGI application."""

    async def config(request: Request) -> Response:
        """Answer GET /config.json, which tells the page about this server."""
        return json_answer(
            {
                "websocket_url": rooms.addresses.websocket(request.scope),
                "version": __version__,
                "signup": rooms.has_signup,
            }
        )

    app = Starlette(
        routes=[
            *_posted("/r/signup", rooms.accounts.sign_up),
            *_posted("/r/login", rooms.accounts.log_in),
            *_posted("/r/password", rooms.accounts.change_password),
            *_posted("/r/signout", rooms.accounts.sign_out_everywhere),
            *_posted("/r/token", rooms.accounts.sign_in_with_token if rooms.has_tokens else _none),
            *health_routes(rooms.health),
            Route("/asyncapi.json", ProtocolDocument(rooms.addresses.own).answer),
            Route("/config.json", config),
        ],
        exception_handlers=HANDLERS,
    )
    # Not a mount: the page would then answer a wrong method on one of our paths.
    app.router.default, app.router.redirect_slashes = Page(rooms.page), False
    return Guard(app, rooms.addresses, allowed_origins)


class ProtocolDocument:
    """The protocol as an AsyncAPI document, made once and served with an ETag."""

    def __init__(self, url: str) -> None:
        self._body = asyncapi.printed(__version__, url).encode()
        self._etag = f'"{sha256(self._body).hexdigest()[:32]}"'

    async def answer(self, request: Request) -> Response:
        """Answer GET /asyncapi.json."""
        headers = {"ETag": self._etag, "Cache-Control": "no-cache"}
        known = request.headers.get("if-none-match", "")
        if self._etag in known or known.strip() == "*":
            return Response(status_code=304, headers=headers)
        return Response(self._body, media_type="application/json", headers=headers)


async def _none(_request: Request) -> Response:
    raise HTTPException(404)


def health_routes(health: ServesRequests) -> list[Route]:
    """Return the routes of both ports that say whether the server lives and is ready."""
    return [Route("/healthz", health.alive), Route("/readyz", health.ready)]


def _posted(path: str, call: Callable[[Request], Awaitable[Response]]) -> list[Route]:
    """Return the routes of a POST, with and without a slash at the end."""
    return [Route(each, call, methods=["POST"]) for each in (f"{path}/", path)]

"""What every answer carries, and whose pages may post here: the browser's side of security.

No third parties, no script or style that is not a file of ours, no frames. A page of somebody
else's cannot sign anybody in: its `Origin` gives it away.
"""

import re
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from game.refusals import Code
from protocol.plain_answer import TRANSPORT
from toteboard.http.addresses import Addresses
from toteboard.http.responses import json_answer

_ORIGIN: Final = re.compile(r"https?://([a-z0-9.:\[\]-]+)")
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' {websocket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Guard:
    """Stands before the whole site."""

    def __init__(self, app: ASGIApp, addresses: Addresses, allowed: Collection[str]) -> None:
        self._app = app
        self._addresses = addresses
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(scope, MutableHeaders(scope=message))
            await send(message)

        app = self._app if self._may_ask(scope) else _not_from_there()
        await app(scope, receive, guarded)

    def _mark(self, scope: Scope, headers: MutableHeaders) -> None:
        websocket = self._addresses.websocket(scope)
        headers["Content-Security-Policy"] = POLICY.format(websocket=origin_of(websocket))
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if scope["scheme"] == "https":
            name, value = TRANSPORT
            headers[name] = value
        headers.setdefault("Cache-Control", "no-cache")

    def _may_ask(self, scope: Scope) -> bool:
        """Whoever only looks may; who sends something, if no browser says it is somebody else's."""
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if scope["method"] in ("GET", "HEAD") or origin is None or origin in self._allowed:
            return True
        return _host_of(origin) == headers.get("host", "").lower() != ""


def _host_of(origin: str) -> str:
    """Host and port of an Origin field, empty if it is none."""
    found = _ORIGIN.fullmatch(origin.lower())
    return "" if found is None else found[1]


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, for a policy. The host may be a client's."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _not_from_there() -> Response:
    text = "Requests from this origin are not allowed."
    return json_answer({"code": str(Code.NOT_AUTHORIZED), "text": text}, 403)

"""Security of browsers: the headers of every answer, and the origins that may send requests.

The headers allow only scripts and styles from our own files, no third parties and no frames. The
`Origin` header gives away a request from the page of another site, and the guard refuses it.
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

_ORIGIN: Final = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.:\[\]-]+)")
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' {websocket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Guard:
    """Checks every request of a site, and adds headers to every answer."""

    def __init__(self, app: ASGIApp, addresses: Addresses, allowed: Collection[str]) -> None:
        self._app = app
        self._addresses = addresses
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, as an ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(scope, MutableHeaders(scope=message))
            await send(message)

        app = self._app if self._is_allowed(scope) else _refuse_origin()
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

    def _is_allowed(self, scope: Scope) -> bool:
        """Allow reads, and changes unless a browser names another origin than ours.

        Over TLS, a page of the same host that came without TLS is another origin: it may
        have been changed on the way. A page that came over TLS is ours either way, because a proxy
        may have ended the TLS.
        """
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if scope["method"] in ("GET", "HEAD") or origin is None or origin in self._allowed:
            return True
        found = _ORIGIN.fullmatch(origin.lower())
        if found is None or (found["scheme"] == "http" and scope["scheme"] == "https"):
            return False
        return found["host"] == headers.get("host", "").lower()


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL, for a policy. The host may come from a client."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _refuse_origin() -> Response:
    text = "Requests from this origin are not allowed."
    return json_answer({"code": str(Code.NOT_AUTHORIZED), "text": text}, 403)

"""The address at which a browser finds this server's WebSocket: the host of the page."""

import re
from typing import Final

from attrs import frozen
from starlette.datastructures import Headers
from starlette.types import Scope

HOST_FIELD: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
"""A host as a browser writes it. For any other, the server answers with its own address."""


@frozen
class Addresses:
    """`host`, `port`: where the server listens. `public_url`: set by an operator instead."""

    host: str
    port: int
    is_secure: bool
    public_url: str | None

    @property
    def own(self) -> str:
        """The server's own WebSocket URL: `public_url`, or where it listens."""
        return self.public_url or address("wss" if self.is_secure else "ws", self.host, self.port)

    def websocket(self, scope: Scope) -> str:
        """Return the WebSocket URL for the sender of a request, at the host that it names."""
        asked = HOST_FIELD.fullmatch(Headers(scope=scope).get("host", ""))
        if self.public_url or asked is None:
            return self.own
        return f"{'wss' if scope['scheme'] == 'https' else 'ws'}://{asked[0]}/"


def address(scheme: str, host: str, port: int) -> str:
    """Return the URL of a host and port; an IPv6 address is put in brackets."""
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{bracketed}:{port}/"

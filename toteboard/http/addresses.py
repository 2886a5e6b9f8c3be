"""At which address a browser finds the WebSocket of this server: where it found the page."""

import re
from typing import Final

from attrs import frozen
from starlette.datastructures import Headers
from starlette.types import Scope

HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
"""A host as a browser writes it. In place of any other, a client gets the server's own name."""


@frozen
class Addresses:
    """`host`, `port`: where it listens; `public_url`: what an operator says instead."""

    host: str
    port: int
    is_secure: bool
    public_url: str | None

    @property
    def own(self) -> str:
        """The WebSocket URL, whatever a client asked for: `public_url`, or where it listens."""
        return self.public_url or address("wss" if self.is_secure else "ws", self.host, self.port)

    def websocket(self, scope: Scope) -> str:
        """The WebSocket URL for the sender of a request: at the host that it asked for."""
        asked = HOST.fullmatch(Headers(scope=scope).get("host", ""))
        if self.public_url or asked is None:
            return self.own
        return f"{'wss' if scope['scheme'] == 'https' else 'ws'}://{asked[0]}/"


def address(scheme: str, host: str, port: int) -> str:
    """A URL as people and browsers write it."""
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{bracketed}:{port}/"

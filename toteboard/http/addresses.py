"""At which address a browser finds the WebSocket port of this server."""

import re
from typing import Final

from attrs import frozen
from starlette.datastructures import Headers
from starlette.types import Scope

# A host as a browser writes it; whoever made up another gets our own name.
_HOST: Final = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


@frozen
class Addresses:
    """`host`, `port`: where it listens; `public_url`: what an operator says instead."""

    host: str
    port: int
    is_secure: bool
    public_url: str | None

    @property
    def own(self) -> str:
        """The WebSocket URL, whoever asks: `public_url`, or where it listens."""
        return self.public_url or self._at(self.host)

    def websocket(self, scope: Scope) -> str:
        """The WebSocket URL for whoever made a request: at the host that was asked for."""
        asked = _HOST.fullmatch(Headers(scope=scope).get("host", ""))
        return self.public_url or self._at(asked[1] if asked else self.host)

    def _at(self, host: str) -> str:
        return address("wss" if self.is_secure else "ws", host, self.port)


def address(scheme: str, host: str, port: int) -> str:
    """A URL as people and browsers write it."""
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{bracketed}:{port}/"

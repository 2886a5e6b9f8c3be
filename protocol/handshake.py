"""Checks of a WebSocket handshake (RFC 6455, section 4.2.1; contract, section 1).

They come before any library reads the request and before the sign-in is checked, so a malformed
handshake costs a few comparisons. `actors/edge/admission.py` checks the sign-in.
"""

import base64
import binascii
from typing import Final

from attrs import evolve

from protocol.request_head import BadHeadError, RequestHead

PATH: Final = b"/"
WEBSOCKET_VERSION: Final = b"13"
KEY_BYTES: Final = 16
KEPT: Final = frozenset((b"host", b"sec-websocket-key", b"sec-websocket-version"))
STATED: Final = ((b"connection", b"Upgrade"), (b"upgrade", b"websocket"))


def refuse_other_upgrades(head: RequestHead) -> None:
    """Refuse an upgrade to anything but WebSocket at `/`. Raises `BadHeadError`."""
    if head.tokens(b"upgrade") != {b"websocket"}:
        raise BadHeadError(400, "This server supports upgrades to WebSocket only.")
    if head.path != PATH:
        raise BadHeadError(404, "The WebSocket is at the path /.")


def check_handshake(head: RequestHead) -> None:
    """Check everything about an upgrade to WebSocket but the sign-in. Raises `BadHeadError`."""
    if head.method != b"GET" or head.version != b"1.1" or head.has_body:
        raise BadHeadError(400, "A WebSocket handshake must be an HTTP/1.1 GET without a body.")
    if b"upgrade" not in head.tokens(b"connection"):
        raise BadHeadError(400, "A WebSocket handshake must contain Connection: Upgrade.")
    if head.values(b"sec-websocket-version") != [WEBSOCKET_VERSION]:
        raise BadHeadError(426, "This server supports version 13 of the WebSocket protocol.")
    if not _is_key(head.values(b"sec-websocket-key")):
        raise BadHeadError(400, "Sec-WebSocket-Key must be 16 bytes in base64, given once.")


def bare(head: RequestHead) -> RequestHead:
    """Return a checked handshake with only the fields that it needs, and without its query.

    Without subprotocols and extensions, a library has nothing left to reject once the nonce is
    spent. `Connection` and `Upgrade` are written again. A library keeps the target as long as the
    connection is open.
    """
    kept = [field for field in head.fields if field[0] in KEPT]
    return evolve(head, target=PATH, fields=[*kept, *STATED])


def _is_key(keys: list[bytes]) -> bool:
    try:
        (key,) = keys
        return len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except (ValueError, binascii.Error):
        return False

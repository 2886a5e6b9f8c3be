"""What makes a request a WebSocket handshake (RFC 6455, section 4.2.1; contract, section 1).

Checked before a library sees the request, and before the client's claim to be somebody is: a
handshake that is malformed costs a few comparisons. Who may come in is `actors/edge/admission.py`.
"""

import base64
import binascii
from typing import Final

from attrs import evolve

from protocol.request_head import BadHeadError, RequestHead

PATH: Final = b"/"
VERSION: Final = b"13"
KEY_BYTES: Final = 16
KEPT: Final = frozenset((b"host", b"sec-websocket-key", b"sec-websocket-version"))
STATED: Final = ((b"connection", b"Upgrade"), (b"upgrade", b"websocket"))


def refuse_other_upgrades(head: RequestHead) -> None:
    """Refuse a request to switch to anything but WebSocket at `/`. Raises `BadHeadError`."""
    if head.tokens(b"upgrade") != {b"websocket"}:
        raise BadHeadError(400, "The only protocol to upgrade to is WebSocket.")
    if head.path != PATH:
        raise BadHeadError(404, "There is no WebSocket at this path.")


def check_handshake(head: RequestHead) -> None:
    """Check an upgrade to WebSocket for everything but who asks. Raises `BadHeadError`."""
    if head.method != b"GET" or head.version != b"1.1" or head.has_body:
        raise BadHeadError(400, "A WebSocket handshake is an HTTP/1.1 GET without a body.")
    if b"upgrade" not in head.tokens(b"connection"):
        raise BadHeadError(400, "A WebSocket handshake has Connection: Upgrade.")
    if head.values(b"sec-websocket-version") != [VERSION]:
        raise BadHeadError(426, "This server speaks version 13 of the WebSocket protocol.")
    if not _is_key(head.values(b"sec-websocket-key")):
        raise BadHeadError(400, "Sec-WebSocket-Key is 16 bytes in base64, given once.")


def bare(head: RequestHead) -> RequestHead:
    """Leave only the fields that a checked handshake needs, `Connection` and `Upgrade` stated anew.

    Subprotocols and extensions are not offered, so there is nothing left that a library could
    object to once the nonce is spent.
    """
    kept = [field for field in head.fields if field[0] in KEPT]
    return evolve(head, fields=[*kept, *STATED])


def _is_key(keys: list[bytes]) -> bool:
    try:
        (key,) = keys
        return len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except (ValueError, binascii.Error):
        return False

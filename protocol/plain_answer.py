"""An HTTP response without an application: the gate and the admission refuse requests with it.

It contains a status and a sentence, and closes the connection. The responses of the site are in
`toteboard/http/`.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

SECURITY: Final = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
TRANSPORT: Final = ("Strict-Transport-Security", "max-age=31536000")
"""Sent over TLS only (RFC 6797, section 7.2)."""


def plain_answer(
    status: int, text: str, *, is_secure: bool, fields: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Encode a refusal. `text` is a sentence for a person, `fields` are further header fields."""
    body = text.encode() + b"\n"
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    own = (*SECURITY, TRANSPORT) if is_secure else SECURITY
    lines += [f"{name}: {value}" for name, value in (*own, *fields)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

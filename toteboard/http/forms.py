"""Reads what somebody who signs up or in has sent: a small JSON object or a form, in good time."""

import unicodedata
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
import trio
from attrs import field, frozen
from starlette.requests import ClientDisconnect, Request

from game.refusals import Code
from storage.users import is_name
from toteboard.http.responses import HttpRefusal

MOST_BYTES: Final = 8_192
DRAINED_BYTES: Final = 1_048_576
"""What is still read, and dropped, of a body that is too large, so that the answer arrives."""
PATIENCE_S: Final = 5.0
SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 1_024


@frozen
class Credentials:
    """A name and a password, prepared for comparison. What else came with them is not looked at."""

    username: str
    password: str = field(repr=False)
    as_sent: str = field(repr=False)


async def read_credentials(request: Request) -> Credentials:
    """Raises `HttpRefusal`."""
    fields = _fields(request, await _body(request))
    username, password = (_text(fields, name) for name in ("username", "password"))
    return Credentials(username, opaque(password), password)


def opaque(password: str) -> str:
    """Prepare a password for comparison, so that one password is one however it was typed.

    RFC 8265, section 4.2 (OpaqueString): spaces of any kind are spaces, and characters composed.
    """
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in password)
    return unicodedata.normalize("NFC", spaced)


def must_be_proper(given: Credentials) -> None:
    """Who signs up keeps to the rules. Raises `HttpRefusal`.

    Who signs in is not told of them: a name or password that nobody can have is a wrong one.
    """
    if not is_name(given.username):
        raise _invalid("username", "1 to 50 of A-Z a-z 0-9 . _ -")
    if not SHORTEST_PASSWORD <= len(given.password.encode()) <= LONGEST_PASSWORD:
        raise _invalid("password", f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} bytes of UTF-8")
    if any(unicodedata.category(each) == "Cc" for each in given.password):
        raise _invalid("password", "free of control characters")


async def _body(request: Request) -> bytes:
    body, size = b"", 0
    try:
        with trio.fail_after(PATIENCE_S):
            async with aclosing(request.stream()) as parts:
                async for part in parts:
                    size += len(part)
                    body += part if size <= MOST_BYTES else b""
                    if size > DRAINED_BYTES:
                        break
    except (trio.TooSlowError, ClientDisconnect):
        text = "The request body took too long to arrive."
        raise HttpRefusal(408, Code.MALFORMED_MESSAGE, text) from None
    if size > MOST_BYTES:
        text = f"The body has more than {MOST_BYTES} bytes."
        raise HttpRefusal(413, Code.MALFORMED_MESSAGE, text)
    return body


def _fields(request: Request, body: bytes) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            return dict(orjson.loads(body))
        if kind == "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except (ValueError, TypeError):
        raise HttpRefusal(400, Code.MALFORMED_MESSAGE, f"The body is not {kind}.") from None
    text = "Send application/json or application/x-www-form-urlencoded."
    raise HttpRefusal(415, Code.MALFORMED_MESSAGE, text)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None or value == "":
        raise HttpRefusal(400, Code.MISSING_PARAMETER, f"'{name}' is missing.", parameter=name)
    if not isinstance(value, str):
        raise _invalid(name, "a string")
    return value


def _invalid(name: str, wanted: str) -> HttpRefusal:
    # Not the value: it may be a password.
    return HttpRefusal(400, Code.INVALID_PARAMETER, f"'{name}' must be {wanted}.", parameter=name)

"""Reads the name and password of a sign-up or sign-in: a small JSON object or form."""

from contextlib import aclosing
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
import trio
from attrs import field, frozen
from starlette.requests import ClientDisconnect, Request

from game.refusals import Code
from storage.users import is_name
from toteboard.hashing import opaque, password_fault
from toteboard.http.responses import HttpRefusal

MOST_BYTES: Final = 8_192
PATIENCE_S: Final = 5.0


@frozen
class PasswordForm:
    """A name and a password, prepared for comparison. Other fields are ignored."""

    username: str
    password: str = field(repr=False)
    as_sent: str = field(repr=False)


async def read_form(request: Request) -> PasswordForm:
    """Read the form from the body of a request. Raise HttpRefusal."""
    fields = _fields(request, await read_whole_body(request))
    username, password = (_text(fields, name) for name in ("username", "password"))
    return PasswordForm(username, opaque(password), password)


def must_be_proper(given: PasswordForm) -> None:
    """Check the name and password of a sign-up. Raise HttpRefusal.

    A sign-in is not checked: a name or password outside the rules is a wrong one.
    """
    if not is_name(given.username):
        raise _invalid("username", "1 to 50 of A-Z a-z 0-9 . _ -")
    must_be_a_password("password", given.password)


def must_be_a_password(name: str, password: str) -> None:
    """Check a new password in the field `name`. Raise HttpRefusal."""
    if (wanted := password_fault(password)) is not None:
        raise _invalid(name, wanted)


async def read_password_change(request: Request) -> tuple[PasswordForm, str]:
    """Read the form of a change of password. Return it and the new password. Raise HttpRefusal."""
    fields = _fields(request, await read_whole_body(request))
    username, password, new = (
        _text(fields, name) for name in ("username", "password", "new_password")
    )
    must_be_a_password("new_password", opaque(new))
    return PasswordForm(username, opaque(password), password), opaque(new)


async def read_token(request: Request) -> str:
    """Read the token of a sign-in from the body of a request. Raise HttpRefusal."""
    return _text(_fields(request, await read_whole_body(request, 2 * MOST_BYTES)), "token")


async def read_whole_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """Return the body of a request, `most` bytes at most. Raise HttpRefusal (408, 413)."""
    body, size = b"", 0
    try:
        with trio.fail_after(PATIENCE_S):
            async with aclosing(request.stream()) as parts:
                async for part in parts:
                    size += len(part)
                    # Read and discard the rest of an oversized body, so that the client can read
                    # the answer.
                    body += part if size <= most else b""
    except (trio.TooSlowError, ClientDisconnect):
        text = "The request body took too long to arrive."
        raise HttpRefusal(408, Code.MALFORMED_MESSAGE, text) from None
    if size > most:
        text = f"The request body is longer than {most} bytes."
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
        text = f"The request body is not valid {kind}."
        raise HttpRefusal(400, Code.MALFORMED_MESSAGE, text) from None
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
    # Leave the value out: it may be a password.
    return HttpRefusal(400, Code.INVALID_PARAMETER, f"'{name}' must be {wanted}.", parameter=name)

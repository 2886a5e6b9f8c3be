"""Who a program is: a session key, or a name and a password that a key is asked for with.

A key signs the URL of each connection (contract, section 1, "Connecting"). It is asked for over
HTTP, by the standard library in a thread: one small request a day needs no HTTP client.
"""

import secrets
from hashlib import sha256
from http.client import HTTPException
from typing import Final, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

import orjson
import trio
from attrs import define, field, frozen

LOGIN_PATH: Final = "r/login/"
PATIENCE_S: Final = 10.0
"""How long a server may take to answer a sign-in."""
BUSY: Final = frozenset({408, 429})
"""Statuses below 500 that are no answer to who one is: it is tried again."""


class SignInRefusedError(Exception):
    """The server does not know who we say we are, or no longer wants us: trying again is no use."""


@frozen
class SessionKey:
    """A user by id and session key, as `toteboard user add` prints them."""

    user_id: int
    session_key: str = field(repr=False)

    async def key(self, *, anew: bool) -> "SessionKey":
        """Itself; there is no other one. Raises `SignInRefusedError` if it has been refused."""
        if anew:
            raise SignInRefusedError(f"the session key of user {self.user_id} is refused")
        return self


@define
class Password:
    """A user by name and password. A key is kept until it is refused, for its end is not told.

    `http_url`: the server's public port, such as `http://127.0.0.1:9999/`. On some servers a
    sign-in ends the user's older key, and the connections made with it: have one session for one
    user.
    """

    http_url: str
    username: str
    password: str = field(repr=False)
    _key: SessionKey | None = field(default=None, init=False, repr=False)

    async def key(self, *, anew: bool) -> SessionKey:
        """A session key, a new one if wished. Raises as `log_in` does."""
        if anew or self._key is None:
            self._key = await log_in(self.http_url, self.username, self.password)
        return self._key


class Credentials(Protocol):
    """Whatever can give a session key."""

    async def key(self, *, anew: bool) -> SessionKey:
        """A key; `anew`: the last one was refused. Raises `OSError`, `SignInRefusedError`."""


def signed_url(url: str, user_id: int, session_key: str) -> str:
    """The server's URL with a sign-in for one connection (contract, section 1)."""
    nonce = secrets.token_urlsafe(16)
    digest = sha256(f"{user_id}{nonce}{session_key}".encode()).hexdigest()
    return f"{url}?{urlencode({'id': user_id, 'n': nonce, 'h': digest})}"


async def log_in(http_url: str, username: str, password: str) -> SessionKey:
    """Ask for a session key with a name and a password (`POST /r/login/`).

    Raises `SignInRefusedError` if the server says no, `OSError` if it says nothing or what is no
    answer, `ValueError` if the URL is not `http://` or `https://`.
    """
    if urlsplit(http_url).scheme not in ("http", "https"):
        raise ValueError(f"{http_url!r} is not an http or https URL")
    asked = orjson.dumps({"username": username, "password": password})
    headers = {"Content-Type": "application/json"}
    request = Request(urljoin(http_url, LOGIN_PATH), asked, headers, method="POST")
    reply = await trio.to_thread.run_sync(_ask, request, abandon_on_cancel=True)
    try:
        said = orjson.loads(reply)
        return SessionKey(int(said["id"]), str(said["user_session_key"]))
    except (ValueError, KeyError, TypeError):
        raise OSError(f"what answers at {http_url} does not know how to sign in") from None


def _ask(request: Request) -> bytes:
    try:
        with urlopen(request, timeout=PATIENCE_S) as reply:
            body: bytes = reply.read()
            return body
    except HTTPError as error:
        with error:
            if error.code >= 500 or error.code in BUSY:
                raise
            raise SignInRefusedError(f"sign-in refused: HTTP {error.code}") from None
    except HTTPException as error:  # no OSError by itself: gibberish, or half an answer
        raise OSError(f"no whole answer to the sign-in: {error!r}") from error

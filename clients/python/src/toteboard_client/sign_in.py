"""Credentials: a session key, or a username and a password that obtain one.

A key signs the URL of each connection (contract, section 1, "Connecting"). A guest needs no key.
A password obtains a key over HTTP. The standard library does this in a thread, because one small
request a day needs no HTTP client.
"""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPException
from typing import Final, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

import anyio.to_thread

from toteboard_client.errors import SignInRefusedError

LOGIN_PATH: Final = "r/login/"
PATIENCE_S: Final = 10.0
"""Timeout of a sign-in, in seconds."""
BUSY: Final = frozenset({408, 429})
"""Statuses below 500 that do not refuse the credentials. The session retries."""


@dataclass(frozen=True)
class SessionKey:
    """A user's id and session key, as `toteboard user add` prints them."""

    user_id: int
    session_key: str = field(repr=False)

    async def key(self, *, anew: bool) -> "SessionKey":
        """Return the key. Raises `SignInRefusedError` if a new one is requested."""
        if anew:
            raise SignInRefusedError(f"the server refused the session key of user {self.user_id}")
        return self


@dataclass
class Password:
    """A user's name and password. The key that they obtain is used until it is refused.

    `http_url` is the server's public port, such as `http://127.0.0.1:9999/`. On some servers, a
    sign-in ends the user's older key and its connections. Use one session for each user.
    """

    http_url: str
    username: str
    password: str = field(repr=False)
    _key: SessionKey | None = field(default=None, init=False, repr=False)

    async def key(self, *, anew: bool) -> SessionKey:
        """Return a session key, a new one if `anew`. Raises the same as `log_in`."""
        if anew or self._key is None:
            self._key = await log_in(self.http_url, self.username, self.password)
        return self._key


class Credentials(Protocol):
    """Something that can supply a session key."""

    async def key(self, *, anew: bool) -> SessionKey:
        """Return a key, a new one if `anew`. Raises `OSError` or `SignInRefusedError`."""


def signed_url(url: str, user_id: int, session_key: str) -> str:
    """Return the server's URL, signed for one connection (contract, section 1)."""
    nonce = secrets.token_urlsafe(16)
    digest = sha256(f"{user_id}{nonce}{session_key}".encode()).hexdigest()
    return f"{url}?{urlencode({'id': user_id, 'n': nonce, 'h': digest})}"


def guest_url(url: str) -> str:
    """Return the server's URL for a connection without a user."""
    return f"{url}?guest=1"


async def log_in(http_url: str, username: str, password: str) -> SessionKey:
    """Obtain a session key with a username and a password (`POST /r/login/`).

    Raises `SignInRefusedError` if the server refuses them, `OSError` if there is no valid response,
    and `ValueError` if the URL is not `http://` or `https://`.
    """
    if urlsplit(http_url).scheme not in ("http", "https"):
        raise ValueError(f"{http_url!r} is not an http or https URL")
    body = json.dumps({"username": username, "password": password}).encode()
    headers = {"Content-Type": "application/json"}
    request = Request(urljoin(http_url, LOGIN_PATH), body, headers, method="POST")
    reply = await anyio.to_thread.run_sync(_send, request, abandon_on_cancel=True)
    try:
        signed_in = json.loads(reply)
        return SessionKey(int(signed_in["id"]), str(signed_in["user_session_key"]))
    except (ValueError, KeyError, TypeError):
        raise OSError(f"the server at {http_url} did not return a session key") from None


def _send(request: Request) -> bytes:
    try:
        with urlopen(request, timeout=PATIENCE_S) as reply:
            body: bytes = reply.read()
            return body
    except HTTPError as error:
        with error:
            if error.code >= 500 or error.code in BUSY:
                raise
            raise SignInRefusedError(f"the server refused the sign-in: HTTP {error.code}") from None
    except HTTPException as error:  # Not an OSError: an invalid or incomplete response.
        raise OSError(f"invalid response to the sign-in: {error!r}") from error

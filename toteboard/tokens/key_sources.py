"""The keys with which tokens are verified: from a file, a shared secret, or the issuer's JWKS.

A JWKS is fetched by a task of its own (`JwksSource.run`), never by the sign-in that needs it: a
sign-in waits for `WAIT_S` at most. A set is fresh for 10 minutes. If the issuer is down, the last
set is used for up to 24 hours. A token with an unknown key id causes a fetch at most once a minute,
so clients cannot make the server send requests.

Keys are kept by issuer, address and key id. Keeping them by key id alone would let the users of one
issuer sign in as those of another, as soon as there are two.
"""

import math
from collections.abc import Mapping
from ssl import create_default_context
from typing import Any, Final, Protocol

import httpx
import jwt
import orjson
import structlog
import trio
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from actors.survival import survive

log = structlog.get_logger()

VerifyingKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | bytes
FRESH_S: Final = 600.0
STALE_S: Final = 24 * 3_600.0
FETCH_S: Final = 5.0
"""How long a fetch may take."""
WAIT_S: Final = 5.5
"""How long a sign-in waits for a fetch."""
UNKNOWN_S: Final = 60.0
"""The shortest time between two fetches that unknown key ids cause."""
FETCH_PAUSE_S: Final = 1.0
"""The pause after a fetch. It doubles with each that fails in a row, so an issuer that is down is
not asked all the time, whatever clients send."""
LONGEST_FETCH_PAUSE_S: Final = 60.0
MOST_JWKS_BYTES: Final = 1_048_576
LEAST_BITS: Final = 2_048
_NOT_A_KEY: Final = (
    *(jwt.PyJWTError, UnsupportedAlgorithm),
    *(ValueError, TypeError, KeyError, AttributeError, OverflowError),
)
"""What PyJWT and cryptography raise for an entry of a key set that is not as it should be."""
_PUBLIC: Final = (RSAPublicKey, EllipticCurvePublicKey, Ed25519PublicKey)
_READERS: Final[Mapping[str, Any]] = {
    "RSA": RSAAlgorithm,
    "EC": ECAlgorithm,
    "OKP": OKPAlgorithm,
}


class KeySource(Protocol):
    """Has the keys of an issuer."""

    async def key(self, key_id: str | None, algorithm: str) -> VerifyingKey | None:
        """Return the key for a token, or None."""

    async def run(self) -> None:
        """Do what the source has to do beside, until cancelled."""


class FixedKey:
    """One key, for every token: a public key, or a shared secret."""

    def __init__(self, key: VerifyingKey) -> None:
        self._key = key

    async def key(self, key_id: str | None, algorithm: str) -> VerifyingKey | None:
        """Return the key."""
        await trio.lowlevel.checkpoint()
        return self._key

    async def run(self) -> None:
        """Do nothing."""
        await trio.sleep_forever()


class JwksSource:
    """The keys that an issuer publishes at an https address. `run` must be running."""

    def __init__(
        self, issuer: str, url: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._issuer, self._url, self._transport = issuer, url, transport
        self._keys: dict[tuple[str, str, str], tuple[VerifyingKey, str | None]] = {}
        self._fetched_at = self._asked_at = -math.inf
        self._pause_s = FETCH_PAUSE_S
        self._wanted, self._tried = trio.Event(), trio.Event()

    async def key(self, key_id: str | None, algorithm: str) -> VerifyingKey | None:
        """Return the key with this id if it may be used with the algorithm, or None."""
        age = trio.current_time() - self._fetched_at
        if age > FRESH_S:
            self._wanted.set()
        if age > STALE_S or not self._has(key_id):
            await self._fetched(is_first=age > STALE_S)
        if key_id is None:
            return None
        found = self._keys.get((self._issuer, self._url, key_id))
        if found is None or trio.current_time() - self._fetched_at > STALE_S:
            return None
        key, only_for = found
        return key if only_for in (None, algorithm) else None

    async def run(self) -> None:
        """Fetch the keys whenever they are wanted, one request at a time, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted = trio.Event()
            # The address and the answer are not ours: what fails costs this fetch alone.
            await survive(self._renew, event="jwks_failed")
            self._tried.set()
            self._tried = trio.Event()
            await trio.sleep(self._pause_s)

    async def _renew(self) -> None:
        """Fetch the keys. Log a failure, and keep the keys that there are."""
        # The pause is lengthened before the fetch, because an unexpected exception ends this call.
        self._pause_s = min(LONGEST_FETCH_PAUSE_S, 2 * self._pause_s)
        try:
            self._keys = dict(self._usable(await self._fetch()))
            self._fetched_at, self._pause_s = trio.current_time(), FETCH_PAUSE_S
        except (httpx.HTTPError, trio.TooSlowError, ValueError, OSError) as error:
            log.warning("jwks_failed", error=f"{type(error).__name__}: {error}")

    def _has(self, key_id: str | None) -> bool:
        return key_id is not None and (self._issuer, self._url, key_id) in self._keys

    async def _fetched(self, *, is_first: bool) -> None:
        """Wait for a fetch, unless an unknown key id has caused one within the last minute."""
        now = trio.current_time()
        if not is_first:
            if now - self._asked_at < UNKNOWN_S:
                return
            self._asked_at = now
        tried = self._tried
        self._wanted.set()
        with trio.move_on_after(WAIT_S):
            await tried.wait()

    async def _fetch(self) -> bytes:
        """Return the body. Raise `httpx.HTTPError`, `trio.TooSlowError` and ValueError."""
        client = httpx.AsyncClient(
            transport=self._transport,
            verify=create_default_context(),
            follow_redirects=False,
            trust_env=False,
            timeout=FETCH_S,
            headers={"Accept-Encoding": "identity"},  # a short body could become a very long one
        )
        body = bytearray()
        with trio.fail_after(FETCH_S):
            async with client, client.stream("GET", self._url) as response:
                if response.status_code != httpx.codes.OK:
                    raise ValueError(f"the issuer answers {response.status_code}")
                async for data in response.aiter_raw():
                    # Read an oversized body to its end, because leaving it half read would leave
                    # httpx's generators open. The time is limited.
                    body += data if len(body) <= MOST_JWKS_BYTES else b""
        if len(body) > MOST_JWKS_BYTES:
            raise ValueError("the key set is longer than 1 MiB")
        return bytes(body)

    def _usable(
        self, body: bytes
    ) -> "list[tuple[tuple[str, str, str], tuple[VerifyingKey, str | None]]]":
        """Return the keys of a set that can verify tokens. Raise ValueError."""
        found = orjson.loads(body)
        if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
            raise ValueError("the issuer's answer is not a key set")
        usable = []
        for each in found["keys"]:
            key = read_jwk(each)
            if key is not None:
                usable.append(((self._issuer, self._url, each["kid"]), (key, each.get("alg"))))
        if not usable:
            raise ValueError("the key set has no key that can verify tokens")
        return usable


def _may_verify(each: Mapping[str, Any]) -> bool:
    """Return whether the operations of a key, if it names any (RFC 7517, 4.3), allow it."""
    operations = each.get("key_ops", ["verify"])
    return isinstance(operations, list) and "verify" in operations


def read_jwk(each: Any) -> VerifyingKey | None:
    """Return the public key of an entry of a key set, or None if it cannot verify tokens."""
    if not isinstance(each, dict) or not isinstance(each.get("kid"), str):
        return None
    reader = _READERS.get(str(each.get("kty")))
    if reader is None or each.get("use", "sig") != "sig" or not _may_verify(each):
        return None
    try:
        key = reader.from_jwk(each)
    except _NOT_A_KEY:
        return None
    if not isinstance(key, _PUBLIC):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_BITS:
        return None
    return key

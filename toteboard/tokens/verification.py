"""Decides whether a token is one of the operator's, and what it says about the user.

PyJWT parses the token and checks the signature, the issuer and the audience. Everything that it
would accept and we do not is refused here first: another algorithm than those of the settings, a
key of another type than the algorithm's, critical headers, a token without `exp` or with one more
than 24 h ahead. Times are compared with the server's clock. Every refusal is a `TokenRefusedError`
whose text is for the log only: the client gets the same answer for all.
"""

from collections.abc import Mapping
from typing import Any, Final

import jwt
from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.types import Options

from protocol.requests import LONGEST_TOKEN
from toteboard.token_settings import TokenSettings
from toteboard.tokens.key_sources import KeySource, VerifyingKey

LONGEST_SUBJECT: Final = 200
LEEWAY_S: Final = 60
"""How far the issuer's clock may be ahead, for `nbf` and `iat`."""
LARGEST_TIME_S: Final = 10**12
LONGEST_LIFE_S: Final = 24 * 3_600
LEAST_RSA_BITS: Final = 2_048


class TokenRefusedError(Exception):
    """A token is not accepted. The text is for the log."""


_OPTIONS: Final[Options] = {
    "require": ["exp", "iss", "aud", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
"""Times are checked here, by the server's clock."""


@frozen
class TokenClaims:
    """What a token says about the user. `can_host`, `may_bet`: None if it does not say.

    Times in epoch ms. `issued_at`: None if it does not say.
    """

    issuer: str
    subject: str
    name: str
    can_host: bool | None
    may_bet: bool | None
    expires_at: int
    issued_at: int | None


class Verifier:
    """Verifies tokens with the keys of one issuer."""

    def __init__(self, settings: TokenSettings, keys: KeySource) -> None:
        self._settings, self._keys = settings, keys

    async def verify(self, token: str, now_ms: int) -> TokenClaims:
        """Return what a token says. Raise TokenRefusedError."""
        algorithm, key_id = self._header(token)
        key = await self._keys.key(key_id, algorithm)
        if key is None:
            raise TokenRefusedError("no key of the issuer fits")
        refuse_unfit(key, algorithm)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._settings.jwt_audience,
                issuer=self._settings.jwt_issuer,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise TokenRefusedError(type(error).__name__) from None
        _refuse_times(claims, now_ms / 1_000)
        return self._claims(claims)

    def _header(self, token: str) -> tuple[str, str | None]:
        """Return the algorithm and the id of the key. Raise TokenRefusedError."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise TokenRefusedError("too long, or not ASCII")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise TokenRefusedError(type(error).__name__) from None
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in self._settings.algorithms:
            raise TokenRefusedError("another algorithm")
        if "crit" in header or not isinstance(key_id, str | None):
            raise TokenRefusedError("a header that is not understood")
        return algorithm, key_id

    def _claims(self, claims: Mapping[str, Any]) -> TokenClaims:
        subject, issuer = claims["sub"], claims["iss"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT:
            raise TokenRefusedError("sub is not a string of 1 to 200 characters")
        if not isinstance(issuer, str) or not subject.isprintable():
            raise TokenRefusedError("sub or iss is not text")
        name, issued = claims.get(self._settings.jwt_name_claim), _seconds(claims, "iat")
        return TokenClaims(
            issuer=issuer,
            subject=subject,
            name=name if isinstance(name, str) else "",
            can_host=_flag_of(claims, "can_host"),
            may_bet=_flag_of(claims, "may_bet"),
            expires_at=int(claims["exp"] * 1_000),
            issued_at=None if issued is None else max(0, int(issued * 1_000)),
        )


def refuse_unfit(key: VerifyingKey, algorithm: str) -> None:
    """Refuse a key of another type than the algorithm's. Raise TokenRefusedError."""
    match key:
        case RSAPublicKey():
            fits = algorithm[:2] in ("RS", "PS") and key.key_size >= LEAST_RSA_BITS
        case EllipticCurvePublicKey():
            fits = algorithm == "ES256" and isinstance(key.curve, SECP256R1)
        case Ed25519PublicKey():
            fits = algorithm == "EdDSA"
        case _:
            fits = algorithm == "HS256"
    if not fits:
        raise TokenRefusedError("a key of another type than the algorithm's")


def _refuse_times(claims: Mapping[str, Any], now: float) -> None:
    """Refuse a token outside its time. `now` in epoch seconds. Raise TokenRefusedError."""
    expires = _seconds(claims, "exp")
    if expires is None or not now < expires <= now + LONGEST_LIFE_S:
        raise TokenRefusedError("expired, or valid for more than 24 h")
    for name in ("nbf", "iat"):
        at = _seconds(claims, name)
        if at is not None and at > now + LEEWAY_S:
            raise TokenRefusedError(f"{name} is in the future")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a time, or None if there is none. Raise TokenRefusedError if it is no time."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefusedError(f"{name} is not a number")
    if not abs(value) <= LARGEST_TIME_S:  # nor is NaN
        raise TokenRefusedError(f"{name} is no time")
    return value


def _flag_of(claims: Mapping[str, Any], name: str) -> bool | None:
    value = claims.get(name)
    return value if isinstance(value, bool) else None

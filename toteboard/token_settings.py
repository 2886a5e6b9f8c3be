"""The settings of sign-in with the operator's tokens (JWT), and which combinations are refused.

`toteboard/settings.py` reads the values. Sign-in by token is off unless `jwt_issuer` is set.
"""

from typing import Any, Final

from attrs import field, frozen

ASYMMETRIC: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA")
SYMMETRIC: Final = ("HS256",)
_DEFAULT: Final = ("RS256", "ES256", "EdDSA")


def _optional_text() -> Any:
    return field(default=None, metadata={"kind": "text"})


@frozen(kw_only=True)
class TokenSettings:
    """How tokens are verified. Exactly one of the three sources of keys is set if it is on."""

    jwt_issuer: str | None = _optional_text()
    jwt_audience: str | None = _optional_text()
    jwt_jwks_url: str | None = _optional_text()
    jwt_public_key: str | None = _optional_text()
    jwt_secret: str | None = field(
        default=None, repr=False, metadata={"kind": "text", "is_secret": True}
    )
    jwt_algorithms: tuple[str, ...] = field(default=_DEFAULT, metadata={"kind": "list"})
    jwt_name_claim: str = field(default="preferred_username", metadata={"kind": "text"})
    jwt_session_ttl: int = field(default=3_600_000, metadata={"kind": "duration", "minimum": 1_000})

    @property
    def is_on(self) -> bool:
        """Whether users can sign in with tokens."""
        return self.jwt_issuer is not None

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that a token may have."""
        if self.jwt_secret is not None:
            return SYMMETRIC
        return self.jwt_algorithms

    def fault(self) -> str | None:
        """Return why the settings cannot be used together, or None."""
        sources = {
            "jwt_jwks_url": self.jwt_jwks_url,
            "jwt_public_key": self.jwt_public_key,
            "jwt_secret": self.jwt_secret,
        }
        present = [name for name, value in sources.items() if value is not None]
        if (self.jwt_issuer is None) != (self.jwt_audience is None):
            return "set both jwt_issuer and jwt_audience, or neither"
        if self.is_on and len(present) != 1:
            return f"set one of {', '.join(sources)}, not {' and '.join(present) or 'none'}"
        if present and not self.is_on:
            return f"{present[0]} needs jwt_issuer and jwt_audience"
        if self.jwt_jwks_url is not None and not self.jwt_jwks_url.startswith("https://"):
            return "jwt_jwks_url must begin with https://"
        return self._fault_of_algorithms()

    def _fault_of_algorithms(self) -> str | None:
        known = ASYMMETRIC if self.jwt_secret is None else SYMMETRIC
        if self.jwt_secret is not None and self.jwt_algorithms == _DEFAULT:
            return None
        for each in self.jwt_algorithms:
            if each not in known:
                return f"jwt_algorithms has {each!r}: with this kind of key, use {', '.join(known)}"
        return None if self.jwt_algorithms else "jwt_algorithms is empty"

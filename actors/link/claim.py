"""A sign-in at the handshake: the claim of an edge, and the answers of the deciding side."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen


@frozen
class Claim:
    """The user that a signed URL names, and its proof; or the address of a guest."""

    user_id: int
    nonce: str
    digest: str
    guest_from: str | None = None


@frozen
class TokenClaim:
    """A token of the operator, which names its user."""

    token: str = field(repr=False)


AnyClaim = Claim | TokenClaim

NO_CLAIM = Claim(0, "", "")
"""Stands for a malformed URL. It is refused after the same work as any other."""


def claim_of(fields: Mapping[str, Any]) -> AnyClaim:
    """Return the claim with these fields."""
    return TokenClaim(**fields) if "token" in fields else Claim(**fields)


@frozen
class Identity:
    """A client that has signed in."""

    connection_id: str
    user_id: int
    user_name: str
    is_host: bool


class NotAdmittedError(Exception):
    """The handshake is refused with this HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


def not_signed_in() -> NotAdmittedError:
    """Return the refusal of a claim, which does not say why."""
    return NotAdmittedError(401, "not signed in")

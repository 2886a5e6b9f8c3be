"""A sign-in by a signed URL, or as a guest: the claim of an edge, and the answers to it."""

from attrs import frozen


@frozen
class Claim:
    """The user that a signed URL names, and its proof; or the address of a guest."""

    user_id: int
    nonce: str
    digest: str
    guest_from: str | None = None


NO_CLAIM = Claim(0, "", "")
"""Stands for a malformed URL. It is refused after the same work as any other."""


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

"""Checks signed URLs, and spends their nonces (contract, section 1, "Connecting").

**Same work for every 401.** Whatever is wrong, the same rows are read and one digest is compared,
so the time does not show what was wrong.

**One use.** The nonce is on disk before the connection opens, so a URL opens one connection even
across a power cut. Until then it is in `_nonces_in_use`. A refusal before `spend` leaves the nonce
unused. From the commit on it is spent, even if a later check refuses the client. A new session key
deletes the user's spent nonces (`storage/session_keys.py`).
"""

import hmac
from hashlib import sha256

from actors.link.claim import Claim, not_signed_in
from actors.services import Services
from storage.changes import NonceSpent
from storage.users import User

NO_KEY = "no key"
"""Compared where a user has no key, so that every refusal takes the same work."""


class SignedUrls:
    """The signed URLs of all edges."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._nonces_in_use: set[tuple[int, str]] = set()

    @property
    def is_storing(self) -> bool:
        """Whether a nonce is being stored."""
        return bool(self._nonces_in_use)

    def sign_in(self, claim: Claim) -> User:
        """Return the user if the proof is right and new. Do the same work for every refusal.

        Raise `NotAdmittedError` and `StorageError`.
        """
        nonce_is_new = (claim.user_id, claim.nonce) not in self._nonces_in_use
        spent = self._services.reads.nonce_spent(claim.user_id, claim.nonce)
        user = self._verify(claim)
        if user is None or spent or not nonce_is_new:
            raise not_signed_in()
        return user

    async def spend(self, claim: Claim) -> None:
        """Store the nonce, so that the URL opens no second connection, even after a power cut.

        Raise `StorageError`.
        """
        nonce = (claim.user_id, claim.nonce)
        self._nonces_in_use.add(nonce)
        try:
            await self._services.writer.commit([NonceSpent(*nonce)])
        finally:
            self._nonces_in_use.discard(nonce)

    def check_again(self, claim: Claim) -> None:
        """Raise `NotAdmittedError` if the key has ended while the nonce was being stored."""
        if self._verify(claim) is None:
            raise not_signed_in()

    def holder(self, claim: Claim) -> User | None:
        """Return the user if the digest is right, though the key may have expired meanwhile."""
        return self._proved(claim)[0]

    def _verify(self, claim: Claim) -> User | None:
        """Return the user if the digest is right, the key valid and the user not disabled."""
        user, expires_at = self._proved(claim)
        is_valid = expires_at is None or self._services.clock.now() < expires_at
        return user if is_valid else None

    def _proved(self, claim: Claim) -> tuple[User | None, int | None]:
        """Return the user if the digest is right and the user not disabled, and the key's end."""
        reads = self._services.reads
        user = reads.user_by_id(claim.user_id)
        key, expires_at = reads.session_key_of(claim.user_id) or (NO_KEY, 0)
        proof = sha256(f"{claim.user_id}{claim.nonce}{key}".encode()).hexdigest()
        is_right = hmac.compare_digest(proof.encode(), claim.digest.encode())
        return user if user and is_right and not user.disabled else None, expires_at

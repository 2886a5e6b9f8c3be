"""Hashes and verifies passwords, in a thread of its own.

`toteboard/hashing.py` has the algorithm. A password is never stored, logged or printed.
`storage/users.py` reads the hashes.
"""

import secrets
from collections.abc import Callable
from typing import Final, TypeVar

import trio
from argon2.exceptions import InvalidHashError, VerificationError

from toteboard.hashing import HASHER, hashed

THREADS: Final = 1
"""Threads that hash. There is one, so that many sign-ins leave the other cores to the games."""
MOST_WAITING: Final = 100
Result = TypeVar("Result")


class TooManyWaitingError(Exception):
    """Too many passwords are waiting to be hashed or verified."""


class Passwords:
    """Hashes and verifies passwords. Call `prepare` first."""

    def __init__(self) -> None:
        self._limiter = trio.CapacityLimiter(THREADS)
        self._decoy = ""

    async def prepare(self) -> None:
        """Make the hash to verify against if a user has no password or does not exist."""
        self._decoy = await self.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """Return the hash of a password. Raise TooManyWaitingError."""
        return await self._in_thread(lambda: hashed(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Return whether `kept` is the hash of this password. Do the same work if it is None.

        Raise TooManyWaitingError.
        """
        return await self._in_thread(lambda: self._verify(kept or self._decoy, password)) and (
            kept is not None
        )

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return HASHER.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._limiter.statistics().tasks_waiting >= MOST_WAITING:
            raise TooManyWaitingError
        return await trio.to_thread.run_sync(work, limiter=self._limiter)

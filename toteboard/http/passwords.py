"""Passwords: turned into hashes, and held against them, in a thread of their own.

argon2id with the parameters that OWASP names as the least: 19 MiB, two passes, about 30 ms of one
core. A password is never kept, logged or shown. Where hashes are kept is `storage/users.py`.
"""

import secrets
from collections.abc import Callable
from typing import Final, TypeVar

import trio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE: Final = 1
"""Threads: a storm of sign-ins must leave the other cores to the games."""
MOST_WAITING: Final = 100
Result = TypeVar("Result")


class TooManyWaitingError(Exception):
    """More passwords wait than can be looked at soon."""


class Passwords:
    """Hashes and verifies. `prepare` comes first."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._limiter = trio.CapacityLimiter(AT_ONCE)
        self._nobody = ""

    async def prepare(self) -> None:
        """Make the hash that the password of nobody is held against."""
        self._nobody = await self.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises `TooManyWaitingError`."""
        return await self._in_thread(lambda: self._hasher.hash(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether it is the password that `kept` is the hash of; the same work if there is none.

        Raises `TooManyWaitingError`.
        """
        return await self._in_thread(lambda: self._verify(kept or self._nobody, password)) and (
            kept is not None
        )

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._limiter.statistics().tasks_waiting >= MOST_WAITING:
            raise TooManyWaitingError
        return await trio.to_thread.run_sync(work, limiter=self._limiter)

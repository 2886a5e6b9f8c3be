"""When a session reconnects, and when it gives up. Pure: the caller supplies the randomness."""

from dataclasses import dataclass
from typing import Final

from toteboard_client.errors import SignInRefusedError

FIRST_S: Final = 0.25
LONGEST_S: Final = 30.0

UNAUTHORIZED: Final = 401
HOPELESS: Final = frozenset({400, 403, 404})
"""Statuses of a handshake that no retry can change. 401 may change with another key."""
POLICY_VIOLATION: Final = 1008


@dataclass
class Reconnection:
    """The history of a session's connections. `attempt`: failures since the last success."""

    attempt: int = 0
    needs_new_key: bool = False
    was_signed_in: bool = False
    _was_expelled: bool = False

    def signed_in(self) -> None:
        """Record that a connection is signed in."""
        self.was_signed_in, self.needs_new_key, self._was_expelled = True, False, False

    def received(self) -> None:
        """Record that the connection works. The next pause is a short one."""
        self.attempt = 0

    def lost(self, code: int | None) -> None:
        """Record that the connection ended with this close code, or None."""
        self._was_expelled = code == POLICY_VIOLATION

    def rejected(self, status: int) -> None:
        """Record that a handshake was refused. Raises `SignInRefusedError` if no retry can help.

        A key may be refused because it has expired; then a password obtains a new one. After a
        close with 1008, the key or the user was ended on purpose. A new key would then end the
        sessions of the client that made the current one.
        """
        if status in HOPELESS:
            raise SignInRefusedError(f"the server refused the connection: HTTP {status}")
        if status == UNAUTHORIZED and (self.needs_new_key or self._was_expelled):
            raise SignInRefusedError("the server refused the session key: HTTP 401")
        self.needs_new_key = status == UNAUTHORIZED

    def pause(self, dice: float) -> float:
        """Return the seconds until the next attempt: doubling up to 30, half of them random.

        `dice` is a random number from 0 to 1. It spreads the clients that lost the same server.
        """
        longest = min(LONGEST_S, FIRST_S * 2.0 ** min(self.attempt, 16))
        self.attempt += 1
        return longest * (0.5 + 0.5 * dice)

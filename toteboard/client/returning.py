"""When a session tries to connect again, and when it gives up. Pure: others throw the dice."""

from typing import Final

from attrs import define

from toteboard.client.sign_in import SignInRefusedError

FIRST_S: Final = 0.25
LONGEST_S: Final = 30.0

UNAUTHORIZED: Final = 401
HOPELESS: Final = frozenset({400, 403, 404})
"""Statuses of a handshake that waiting does not change; 401 may change with another key."""
POLICY_VIOLATION: Final = 1008


@define
class Returning:
    """What became of the connections so far. `attempt`: how many failed one after another."""

    attempt: int = 0
    needs_new_key: bool = False
    has_been_in: bool = False
    _was_thrown_out: bool = False

    def entered(self) -> None:
        """A connection is signed in."""
        self.has_been_in, self.needs_new_key, self._was_thrown_out = True, False, False

    def stood(self) -> None:
        """The connection was of use: the next pause is a short one."""
        self.attempt = 0

    def lost(self, code: int | None) -> None:
        """The connection was closed with this code, None if without any."""
        self._was_thrown_out = code == POLICY_VIOLATION

    def rejected(self, status: int) -> None:
        """The handshake was refused. Raises `SignInRefusedError` if there is no use in another.

        A key is refused because it has ended by itself: then a password gets a new one. But if the
        connection was closed with 1008 before, somebody has ended it, or the user: to make another
        one would throw out whoever did.
        """
        if status in HOPELESS:
            raise SignInRefusedError(f"the server does not let us in: HTTP {status}")
        if status == UNAUTHORIZED and (self.needs_new_key or self._was_thrown_out):
            raise SignInRefusedError("the session key is refused, or was ended: HTTP 401")
        self.needs_new_key = status == UNAUTHORIZED

    def pause(self, dice: float) -> float:
        """Seconds until the next attempt: doubling up to 30, half of it left to chance.

        `dice`: from 0 to 1. Chance, so that all who lost one server do not come back at once.
        """
        longest = min(LONGEST_S, FIRST_S * 2.0 ** min(self.attempt, 16))
        self.attempt += 1
        return longest * (0.5 + 0.5 * dice)

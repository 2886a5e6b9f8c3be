"""The users who may not bet, in memory, because every bet asks.

What a user's newest token says counts (`storage/token_writes.py`). A disabled user has no
connection any more, but may have bets that wait for their delay.
"""

from game.refusals import Code, Refusal
from storage.reads import Reads


class Bettors:
    """Whether users may bet. The exceptions are read at the first question."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._barred: set[int] | None = None
        self._disabled: set[int] = set()

    def set(self, user_id: int, *, may_bet: bool) -> None:
        """Note what is on disk about a user."""
        if self._barred is not None:
            (self._barred.discard if may_bet else self._barred.add)(user_id)

    def set_disabled(self, user_id: int, *, is_disabled: bool) -> None:
        """Note that a user was disabled or enabled while the server runs."""
        (self._disabled.add if is_disabled else self._disabled.discard)(user_id)

    def refuse_barred(self, user_id: int) -> None:
        """Raise `Refusal` if the user may not bet, and `StorageError`."""
        if self._barred is None:
            self._barred = self._reads.users_who_may_not_bet()
        if user_id in self._disabled:
            raise Refusal(Code.NOT_AUTHORIZED, "This user is disabled.")
        if user_id in self._barred:
            raise Refusal(Code.NOT_AUTHORIZED, "The operator does not let this user bet.")

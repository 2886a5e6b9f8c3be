"""What a user's questions have cost, in bytes of replies (contract, section 9, `cost_limit`).

What a reply costs is known once it is made: so it is charged afterwards, and a user who has had
too much is refused until time has made up for it. One reply may be more than the limit.
"""

import trio

from game.refusals import Refusal, rate_limited

FEW = 1_000
"""Users who are remembered without looking whether they have to be."""


class Costs:
    """`rate` bytes a second for each user, and as many at once; a rate of 0 is none.

    Of all connections of a user together, also of those that are gone. Times are trio's.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._owed: dict[int, tuple[float, float]] = {}
        """What is not made up for yet, and when it was so much."""
        self._many = FEW

    def charge(self, user_id: int, size: int) -> None:
        """A user was told so many bytes."""
        if not self._rate:
            return
        self._owed[user_id] = (self._owes(user_id) + size, trio.current_time())
        if len(self._owed) > self._many:
            self._forget_who_owes_nothing()

    def refusal(self, user_id: int) -> Refusal | None:
        """What to answer if a user has had too much."""
        if user_id not in self._owed:
            return None
        over = round(self._owes(user_id) - self._rate, 3)  # or the next float would be too much
        if over <= 0:
            return None
        sentence = "More than {rate} bytes of answers a second"
        return rate_limited(sentence, over / self._rate, rate=self._rate)

    def _owes(self, user_id: int) -> float:
        owed, at = self._owed.get(user_id, (0.0, 0.0))
        return max(0.0, owed - (trio.current_time() - at) * self._rate)

    def _forget_who_owes_nothing(self) -> None:
        self._owed = {user: owed for user, owed in self._owed.items() if self._owes(user)}
        self._many = max(FEW, 2 * len(self._owed))

"""What a user's questions have cost, in bytes of replies (contract, section 9, `cost_limit`).

What a reply costs is known once it is made: so it is charged afterwards, and a user who has had
too much is refused until time has made up for it. One reply may be more than the limit.
"""

import trio

from actors.token_bucket import TokenBucket
from game.refusals import Refusal, rate_limited

FEW = 1_000
"""Users who are remembered without looking whether they have to be."""


class Costs:
    """`rate` bytes a second for each user, and as many at once; a rate of 0 is none.

    Of all connections of a user together, also of those that are gone.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buckets: dict[int, TokenBucket] = {}
        self._many = FEW

    def charge(self, user_id: int, size: int) -> None:
        """A user was told so many bytes."""
        if not self._rate:
            return
        bucket = self._buckets.get(user_id)
        if bucket is None:
            bucket = self._buckets[user_id] = TokenBucket(self._rate, self._rate)
        bucket.take(trio.current_time(), size)
        if len(self._buckets) > self._many:
            self._forget_the_full()

    def refusal(self, user_id: int) -> Refusal | None:
        """What to answer if a user has had too much."""
        bucket = self._buckets.get(user_id)
        if bucket is None or not (wait_s := bucket.wait(trio.current_time())):
            return None
        return rate_limited("More than {rate} bytes of answers a second", wait_s, rate=self._rate)

    def _forget_the_full(self) -> None:
        now = trio.current_time()
        self._buckets = {user: each for user, each in self._buckets.items() if each.full_at > now}
        self._many = max(FEW, 2 * len(self._buckets))

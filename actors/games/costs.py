"""What a user's questions have cost, in bytes of replies (contract, section 9, `cost_limit`).

What a reply costs is known once it is made: so it is charged afterwards, and a user who has had
too much is refused until time has made up for it. One reply may be more than the limit.
"""

import trio

from actors.edge.token_bucket import TokenBuckets
from game.refusals import Refusal, rate_limited


class Costs:
    """`rate` bytes a second for each user, and as many at once; a rate of 0 is none.

    Of all connections of a user together, also of those that are gone.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buckets = TokenBuckets[int](rate, rate)

    def charge(self, user_id: int, size: int) -> None:
        """A user was told so many bytes."""
        if self._rate:
            self._buckets.take(user_id, trio.current_time(), size)

    def refusal(self, user_id: int) -> Refusal | None:
        """What to answer if a user has had too much."""
        wait_s = self._buckets.wait(user_id, trio.current_time())
        if not wait_s:
            return None
        return rate_limited("More than {rate} bytes of answers a second", wait_s, rate=self._rate)

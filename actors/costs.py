"""Limits the bytes of replies to a user's queries (contract, section 9, `cost_limit`).

The size of a reply is known once it is made, so the user is charged afterwards. A user who has
received too much is refused until enough time has passed. One reply may exceed the limit.
"""

import trio

from actors.token_bucket import TokenBuckets
from game.refusals import Refusal, rate_limited


class Costs:
    """Allows each user `rate` bytes a second, with a burst of the same size. 0 means no limit.

    The limit is for all connections of a user together, closed ones included.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buckets = TokenBuckets[int](rate, rate)

    def charge(self, user_id: int, size: int) -> None:
        """Count `size` bytes that are sent to a user."""
        if self._rate:
            self._buckets.take(user_id, trio.current_time(), size)

    def check(self, user_id: int) -> None:
        """Raise `Refusal` if a user has received too much."""
        if self._rate and (refusal := self.refusal(user_id)) is not None:
            raise refusal

    def refusal(self, user_id: int) -> Refusal | None:
        """Return the refusal if a user has received too much, otherwise None."""
        wait_s = self._buckets.wait(user_id, trio.current_time())
        if not wait_s:
            return None
        return rate_limited("More than {rate} bytes of answers a second", wait_s, rate=self._rate)

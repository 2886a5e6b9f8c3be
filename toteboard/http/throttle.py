"""How often somebody may try: so many at once, then one more in every interval.

A key is whatever attempts are counted by: an address, a name. What an attempt is, and what is said
to those who try too often, is `toteboard/http/accounts.py`.
"""

from collections import OrderedDict
from typing import Final

from actors.token_bucket import TokenBucket

MOST_KEYS: Final = 10_000
"""Of so many keys, those that tried last, is it known how often they did."""


class Throttle:
    """Counts attempts by key. Times in seconds, of a clock that is never set back."""

    def __init__(self, burst: int, interval_s: float, most_keys: int = MOST_KEYS) -> None:
        self._burst, self._rate = burst, 1 / interval_s
        self._most_keys = most_keys
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Count an attempt, unless it is one too many: then, in how many seconds it would not be.

        0: it was counted.
        """
        bucket = self._buckets.get(key) or TokenBucket(self._rate, self._burst)
        if wait := bucket.wait(now):
            return wait
        bucket.take(now)
        self._buckets[key] = bucket
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most_keys:
            self._buckets.popitem(last=False)
        return 0

    def refund(self, key: str) -> None:
        """An attempt that was counted was a good one."""
        if key in self._buckets:
            self._buckets[key].refund()

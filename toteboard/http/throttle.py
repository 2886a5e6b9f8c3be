"""Limits attempts by key: a burst immediately, then one more in each interval.

A key is an address or a name. `toteboard/http/accounts.py` and `serving.py` define what an attempt
is, and answer when there are too many.
"""

from collections import OrderedDict
from typing import Final

from actors.edge.token_bucket import TokenBucket

MOST_KEYS: Final = 10_000
"""The number of keys to remember: those with the latest attempts."""


class Throttle:
    """Counts attempts by key. Times are in seconds, of a monotonic clock."""

    def __init__(self, burst: int, interval_s: float, most_keys: int = MOST_KEYS) -> None:
        self._burst, self._rate = burst, 1 / interval_s
        self._most_keys = most_keys
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Count an attempt and return 0, or return the seconds until the next one is allowed."""
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
        """Undo the count of an attempt."""
        if key in self._buckets:
            self._buckets[key].refund()

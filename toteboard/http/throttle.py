"""How often somebody may try: so many at once, then one more in every interval.

A key is whatever attempts are counted by: an address, a name. What an attempt is, and what is said
to those who try too often, is `toteboard/http/accounts.py`.
"""

from collections import OrderedDict
from typing import Final

MOST_KEYS: Final = 10_000
"""Of so many keys, those that tried last, is it known how often they did."""


class Throttle:
    """Counts attempts by key. Times in seconds, of a clock that is never set back."""

    def __init__(self, burst: int, interval_s: float, most_keys: int = MOST_KEYS) -> None:
        self._interval_s = interval_s
        self._burst_s = burst * interval_s
        self._most_keys = most_keys
        self._paid_until: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Count an attempt, unless it is one too many: then, in how many seconds it would not be.

        0: it was counted.
        """
        paid_until = max(self._paid_until.get(key, now), now) + self._interval_s
        if (wait := paid_until - self._burst_s - now) > 0:
            return wait
        self._paid_until[key] = paid_until
        self._paid_until.move_to_end(key)
        if len(self._paid_until) > self._most_keys:
            self._paid_until.popitem(last=False)
        return 0

    def give_back(self, key: str) -> None:
        """An attempt that was counted was a good one."""
        if key in self._paid_until:
            self._paid_until[key] -= self._interval_s

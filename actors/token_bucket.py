"""Token buckets: a burst, then a rate per second.

They limit a connection (`actors/edge/rate_limiter.py`), a user in a game
(`actors/games/chat_limiter.py`), a user (`actors/costs.py`), and an address or a name over
HTTP (`toteboard/http/throttle.py`).
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

from attrs import define

Key = TypeVar("Key", bound=Hashable)

FEW = 1_000
"""Up to this many buckets are kept without a search for full ones."""
_TINY_S = 1e-6
"""A shorter wait counts as none, because it comes from the rounding of floats."""


@define
class TokenBucket:
    """Holds `burst` tokens and gains `rate` tokens a second; starts full. Times are in seconds.

    It stores only when it will be full, because a full bucket equals a new one.
    """

    rate: float
    burst: int
    full_at: float = 0.0

    def wait(self, now: float) -> float:
        """Return in how many seconds there is a token; 0 if there is one now."""
        wait = self.full_at - now - (self.burst - 1) / self.rate
        return wait if wait > _TINY_S else 0.0

    def take(self, now: float, tokens: int = 1) -> None:
        """Take tokens. The caller has checked that there is one; a shortfall is owed."""
        self.full_at = max(self.full_at, now) + tokens / self.rate

    def refund(self) -> None:
        """Return a token that turned out not to be needed."""
        self.full_at -= 1 / self.rate


class TokenBuckets(Generic[Key]):
    """A bucket for each key. Full buckets are dropped, because they equal new ones.

    So there are at most `FEW`, or twice as many as were not full at the last search.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: dict[Key, TokenBucket] = {}
        self._most = FEW

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, key: Key, now: float) -> float:
        """See `TokenBucket.wait`."""
        bucket = self._buckets.get(key)
        return 0.0 if bucket is None else bucket.wait(now)

    def take(self, key: Key, now: float, tokens: int = 1) -> None:
        """See `TokenBucket.take`."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._rate, self._burst)
        bucket.take(now, tokens)
        if len(self._buckets) > self._most:
            self._drop_full(now)

    def _drop_full(self, now: float) -> None:
        self._buckets = {key: each for key, each in self._buckets.items() if each.full_at > now}
        self._most = max(FEW, 2 * len(self._buckets))

"""A token bucket: so much at once, and then so much a second.

Who is limited by it: `actors/meter.py` (a connection), `actors/chat_limiter.py` (a user in a game),
`actors/costs.py` (a user).
"""

from attrs import define

_TINY_S = 1e-6
"""A shorter wait is none: it comes from the rounding of floats."""


@define
class TokenBucket:
    """A full bucket of `burst` tokens, filled at `rate` tokens a second. Times in seconds.

    What is stored is the time at which it will be full: a bucket that is full is like a new one.
    """

    rate: float
    burst: int
    full_at: float = 0.0

    def wait(self, now: float) -> float:
        """Return in how many seconds there is a token; 0: there is one now."""
        wait = self.full_at - now - (self.burst - 1) / self.rate
        return wait if wait > _TINY_S else 0.0

    def take(self, now: float, tokens: int = 1) -> None:
        """Take tokens; that there is one has been looked at, so more than there are may be owed."""
        self.full_at = max(self.full_at, now) + tokens / self.rate

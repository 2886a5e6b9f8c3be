"""How fast a connection may send: a token bucket (contract, section 9, `rate_limit`)."""

import math

import trio

from game.refusals import Code, Refusal

PATIENCE_S = 10.0
"""How long a connection may stay over its rate before it is closed."""


class Meter:
    """`rate` ops a second and a burst; a rate of 0 is none. Times are trio's, in seconds.

    An op takes a token if it is granted. A second bucket runs full with all that is sent, granted
    or not: as long as it stays full, the connection is over its rate.
    """

    def __init__(self, rate: int, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._tokens = float(burst)
        self._sent = 0.0
        self._seen = trio.current_time()
        self._over_since: float | None = None

    def spend(self) -> Refusal | None:
        """Count an op; what to answer if it comes too fast."""
        if not self._rate:
            return None
        self._let_time_pass(trio.current_time())
        self._sent = min(self._burst + 1, self._sent + 1)
        if self._sent <= self._burst:
            self._over_since = None
        elif self._over_since is None:
            self._over_since = self._seen
        if self._tokens >= 1:
            self._tokens -= 1
            return None
        return self._too_fast()

    @property
    def is_hopeless(self) -> bool:
        """Whether the connection has stayed over its rate for too long."""
        over = self._over_since
        return over is not None and self._seen - over >= PATIENCE_S

    def _let_time_pass(self, now: float) -> None:
        passed = (now - self._seen) * self._rate
        self._tokens = min(self._burst, self._tokens + passed)
        self._sent = max(0.0, self._sent - passed)
        self._seen = now

    def _too_fast(self) -> Refusal:
        wait_ms = math.ceil((1 - self._tokens) / self._rate * 1_000)
        return Refusal(
            Code.RATE_LIMITED,
            "More than {rate} ops a second; try again in {wait_ms} ms.",
            rate=self._rate,
            wait_ms=wait_ms,
            details={"retry_after_ms": wait_ms},
        )

"""Collects the bets of each pool until the pool may send a 361 (contract, section 7).

A pool sends at most one 361 in an interval, with all bets since the one before. So the cost of
publishing grows neither with the number of bets in a pool nor with their rate.
`actors/games/publisher.py` numbers the 361s.
"""

import math

from attrs import Factory, define

from game.pools import Bet, Pool


@define(eq=False)
class PendingBets:
    """The bets of a pool since its latest 361. `first_seq` is the position of the first."""

    pool: Pool
    first_seq: int
    bets: list[Bet] = Factory(list)


class BetBatcher:
    """The pending bets of one game, by pool. Times are trio's, in seconds."""

    __slots__ = ("_interval", "_pending", "_published_at")

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._pending: dict[str, PendingBets] = {}
        self._published_at: dict[str, float] = {}

    @property
    def first_seq(self) -> int | None:
        """Return the position of the oldest pending bet, or None."""
        if not self._pending:
            return None
        # Facts come in order, so the pool that has waited longest is the first in the dict.
        return next(iter(self._pending.values())).first_seq

    @property
    def wake_at(self) -> float:
        """Return when a 361 may be sent next; infinity if no bet waits."""
        return min(map(self._due_at, self._pending)) if self._pending else math.inf

    def add(self, pool: Pool, seq: int, bet: Bet) -> None:
        """Add a bet, which the fact `seq` placed."""
        pool_id = pool.opened.pool_id
        pending = self._pending.get(pool_id)
        if pending is None:
            pending = self._pending[pool_id] = PendingBets(pool, seq)
        pending.bets.append(bet)

    def due(self, now: float) -> list[str]:
        """Return the pools that may send a 361 now."""
        return [pool_id for pool_id in self._pending if self._due_at(pool_id) <= now]

    def take(self, pool_id: str, now: float) -> PendingBets | None:
        """Remove and return a pool's pending bets, to be published now; None if none wait."""
        pending = self._pending.pop(pool_id, None)
        if pending is not None:
            self._published_at[pool_id] = now
        return pending

    def end(self, pool_id: str) -> None:
        """Forget a pool that ended: no more bets come."""
        self._published_at.pop(pool_id, None)

    def clear(self) -> None:
        """Drop the pending bets: they may not be stored."""
        self._pending.clear()

    def _due_at(self, pool_id: str) -> float:
        return self._published_at.get(pool_id, -math.inf) + self._interval

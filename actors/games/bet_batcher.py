"""Bets that have not been told yet: joined into one 361 a pool and interval (contract, section 7).

So the cost of telling grows neither with the bets already placed nor with the rate of betting.
Who is told is `actors/games/subscribers.py`.
"""

import math
from collections.abc import Iterator

from attrs import Factory, define

from game.pools import Bet


@define
class _PendingBets:
    """A pool's bets since its last 361; the first of them is the fact `first_seq`."""

    first_seq: int
    bets: list[Bet] = Factory(list)


class BetBatcher:
    """The untold bets of one game's pools. Times are trio's, in seconds: no clock that is set."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._untold: dict[str, _PendingBets] = {}
        self._told_at: dict[str, float] = {}

    @property
    def first_seq(self) -> int | None:
        """The first fact that is not told yet, None: all are. It holds the watermark back."""
        # Facts come in order, so the pool that has waited longest is the first in the dict.
        return next((untold.first_seq for untold in self._untold.values()), None)

    @property
    def wake_at(self) -> float:
        """When the next 361 may go out; infinity: none waits."""
        return min((self._due_at(pool_id) for pool_id in self._untold), default=math.inf)

    def add(self, pool_id: str, seq: int, bet: Bet) -> None:
        """A bet was accepted, by the fact `seq`."""
        self._untold.setdefault(pool_id, _PendingBets(seq)).bets.append(bet)

    def due(self, now: float) -> Iterator[str]:
        """The pools whose 361 may go out."""
        return iter([pool_id for pool_id in self._untold if self._due_at(pool_id) <= now])

    def take(self, pool_id: str, now: float) -> list[Bet]:
        """The pool's untold bets, which now are told; perhaps none."""
        untold = self._untold.pop(pool_id, None)
        if untold is None:
            return []
        self._told_at[pool_id] = now
        return untold.bets

    def end(self, pool_id: str) -> None:
        """The pool was resolved: no more bets come."""
        self._told_at.pop(pool_id, None)

    def clear(self) -> None:
        """Forget what is untold: it may not be stored."""
        self._untold.clear()

    def _due_at(self, pool_id: str) -> float:
        return self._told_at.get(pool_id, -math.inf) + self._interval

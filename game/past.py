"""What has been decided: resolved pools with their bets and results, and events of one moment.

A resolved pool is not part of its game (`game/state.py`). A decision that concerns it needs what
its facts say, read again from the journal. `storage/past.py` reads them, and
`game/corrections.py` decides.
"""

from collections.abc import Sequence

from attrs import Factory, define, field, frozen

from game.facts import (
    BetPlaced,
    Entry,
    EventRegistered,
    PoolOpened,
    PoolResolved,
    TargetScratched,
)
from game.names import NONE
from game.pools import Pool, bet_of, opened_pool
from game.revisions import PoolCorrected
from game.vocabulary import LARGEST_TIME


@define
class PastPool:
    """A resolved pool.

    - `pool`: the pool at its end, with its bets.
    - `resolved`: the fact that ended it, `resolved_seq` its position, `resolved_at` its time.
    - `result`: the fact whose result stands, `result_seq` its position.
    - `void_after`: bets after it (epoch ms) are void in the result that stands, `bound` in the
      first.
    - `event_id`: the first event of those that decided the result that stands, or None.
    - `received`: what each user has received from the pool so far, in hundredths.
    - `carried`: what the carry of the source has received from it.
    """

    pool: Pool
    resolved: PoolResolved = field(init=False)
    resolved_seq: int = 0
    resolved_at: int = 0
    result: PoolResolved | PoolCorrected = field(init=False)
    result_seq: int = 0
    void_after: int = LARGEST_TIME
    bound: int = LARGEST_TIME
    event_id: str | None = None
    received: dict[int, int] = Factory(dict)
    carried: int = 0

    def add(self, entry: Entry) -> None:
        """Add the next fact of the pool."""
        match entry.fact:
            case BetPlaced() as fact:
                self.pool.add(bet_of(fact, entry.at))
            case TargetScratched() as fact:
                self.pool.scratch(fact.target_id)
            case PoolResolved() as fact:
                self._resolved(fact, entry)
            case PoolCorrected() as fact:
                self._corrected(fact, entry)

    @property
    def is_resolved(self) -> bool:
        """Return whether the pool has ended."""
        return self.resolved_seq > 0

    @property
    def entitled(self) -> dict[int, int]:
        """Return what the result that stands gives each user, in hundredths."""
        return {one.user_id: one.received for one in self.result.settlements}

    def decided_by(self, event: EventRegistered) -> None:
        """Set what the fact that ended the pool is too old to say: the event."""
        self.bound = event.happened_at
        if self.result is self.resolved:
            self.void_after = event.happened_at
            self.event_id = event.first_id

    def _resolved(self, fact: PoolResolved, entry: Entry) -> None:
        self.resolved = self.result = fact
        self.resolved_seq = self.result_seq = entry.seq
        self.resolved_at, self.event_id = entry.at, fact.event_id
        if fact.void_after is not None:
            self.void_after = self.bound = fact.void_after
        self.received = self.entitled
        self.carried = fact.carried_out

    def _corrected(self, fact: PoolCorrected, entry: Entry) -> None:
        self.result, self.result_seq = fact, entry.seq
        self.void_after, self.event_id = fact.void_after, fact.event_id
        for move in fact.moves:
            self.received[move.user_id] += move.amount
        self.carried += fact.carry_moved


def names_no_event(fact: PoolResolved) -> bool:
    """Return whether an event decided the pool, and the fact is too old to name it."""
    is_by_event = fact.expired_at is None and fact.winners not in ((), (NONE,))
    return is_by_event and fact.event_id is None


def past_pool(entry: Entry) -> PastPool:
    """Return the pool that a fact opens, for `PastPool.add`."""
    if not isinstance(entry.fact, PoolOpened):
        raise TypeError(f"the facts of a pool begin with pool_opened, not {entry.fact.kind}")
    return PastPool(opened_pool(entry.fact, entry.at))


@frozen(kw_only=True)
class Past:
    """What a decision on past results needs to know.

    `pools`: the resolved pools that it may correct. `moment`: the events that happened at the same
    moment as the one that it takes back, this included; `taken_back` those that were taken back.
    """

    pools: Sequence[PastPool] = ()
    moment: Sequence[Entry] = ()
    taken_back: frozenset[str] = frozenset()

"""Recompute windows, stakes and timers of a game from its facts alone.

It is written from the contract and not from the rules, so that a bug has to be made twice to stay
unnoticed.
"""

from collections import Counter

from attrs import Factory, define

from game.facts import (
    ActionAllowed,
    ActionBlocked,
    BetPlaced,
    BettingAllowed,
    BettingBlocked,
    ClosingStarted,
    DetailsUpdated,
    Entry,
    GameClosed,
    GameCreated,
    GameOpened,
    PoolOpened,
    PoolResolved,
    SwitchPlanned,
    TargetScratched,
)
from game.revisions import PoolCorrected, PoolDecided, PoolReopened


@define
class Window:
    """A pool that is not resolved: when it takes bets, and the stakes in it."""

    opened: PoolOpened
    start_at: int
    is_blocked: bool
    stakes: Counter[int] = Factory(Counter)
    on: Counter[tuple[int, str]] = Factory(Counter)
    """The stakes by user and target."""
    scratched: set[str] = Factory(set)
    decided: PoolDecided | None = None


@define
class Auditor:
    """The books of one game. A violation raises `AssertionError`."""

    seq: int = 0
    clock: int = 0
    is_opened: bool = False
    is_closing: bool = False
    is_closed: bool = False
    open_at: int = 0
    close_at: int | None = None
    pools: dict[str, Window] = Factory(dict)
    ended: dict[str, Window] = Factory(dict)
    """The pools that are due to be recreated."""
    timers: dict[tuple[str, bool], int] = Factory(dict)
    """When betting in a pool or for an action is to be blocked (True) or allowed (False)."""
    bets: set[str] = Factory(set)
    received: dict[str, Counter[int]] = Factory(dict)
    """What each user has received from each resolved pool."""

    def takes_bets(self, pool_id: str, at: int) -> bool:
        """Return whether a bet in this pool at this time (epoch ms) is within every window."""
        pool = self.pools.get(pool_id)
        if pool is None or pool.is_blocked or not self.is_active(at):
            return False
        opened = pool.opened
        ends = (opened.finish_at, opened.stop_accepting_bets_at, *self._blocks_at(opened))
        return pool.start_at <= at and not any(end is not None and end <= at for end in ends)

    def late(self, now: int) -> list[int]:
        """Return the times of switches that should have happened by now (epoch ms)."""
        held = {pool_id for pool_id, pool in self.pools.items() if pool.decided is not None}
        return [at for (what, _), at in self.timers.items() if at <= now and what not in held]

    def is_active(self, at: int) -> bool:
        """Return whether betting is active in the game at this time (epoch ms)."""
        is_over = self.is_closing or self.is_closed or (self.close_at and self.close_at <= at)
        return self.is_opened and self.open_at <= at and not is_over

    def exposure(self) -> Counter[int]:
        """Return the open stakes by user."""
        total: Counter[int] = Counter()
        for pool in self.pools.values():
            total.update(pool.stakes)
        return total

    def saw(self, entry: Entry) -> None:
        """Process the next fact."""
        is_correction = isinstance(entry.fact, PoolCorrected)
        assert is_correction or not self.is_closed, "only results change after the close"
        assert entry.seq == self.seq + 1, "positions have no gaps"
        assert entry.at >= self.clock, "time does not fall"
        self.seq, self.clock = entry.seq, entry.at
        match entry.fact:
            case PoolOpened() as fact:
                self._pool_opened(fact, entry.at)
            case BetPlaced() as fact:
                self._bet_placed(fact, entry.at)
            case PoolResolved() as fact:
                self._pool_resolved(fact)
            case TargetScratched() as fact:
                self._target_scratched(fact)
            case PoolCorrected() as fact:
                self._pool_corrected(fact)
            case _:
                self._decisions(entry)
                self._life(entry)
                self._switches(entry)

    def _pool_opened(self, fact: PoolOpened, at: int) -> None:
        assert self.is_active(at), "pools are opened only while betting is active"
        assert fact.finish_at is None or fact.finish_at > at
        if fact.recreates is not None:
            old = self.ended.pop(fact.recreates)
            before = (old.opened.finish_at, old.opened.stop_accepting_bets_at)
            now = (fact.finish_at, fact.stop_accepting_bets_at)
            assert [_since(old.start_at, t) for t in before] == [_since(at, t) for t in now]
        self.pools[fact.pool_id] = Window(fact, at, fact.is_blocked)

    def _bet_placed(self, fact: BetPlaced, at: int) -> None:
        assert self.takes_bets(fact.pool_id, at), "no accepted bet is outside its window"
        assert fact.bet_id not in self.bets
        assert fact.target_id in self.pools[fact.pool_id].opened.targets
        self.bets.add(fact.bet_id)
        pool = self.pools[fact.pool_id]
        assert fact.target_id not in pool.scratched
        pool.stakes[fact.user_id] += fact.amount
        pool.on[fact.user_id, fact.target_id] += fact.amount

    def _target_scratched(self, fact: TargetScratched) -> None:
        pool = self.pools[fact.pool_id]
        assert fact.target_id not in pool.scratched
        backed = {user: n for (user, target), n in pool.on.items() if target == fact.target_id}
        assert {one.user_id: one.received for one in fact.settlements} == backed
        for user, amount in backed.items():
            pool.stakes[user] -= amount
            del pool.on[user, fact.target_id]
        pool.stakes = +pool.stakes
        pool.scratched.add(fact.target_id)
        assert fact.amount_total == pool.stakes.total()
        assert fact.participants == len(pool.stakes)

    def _pool_resolved(self, fact: PoolResolved) -> None:
        pool = self.pools.pop(fact.pool_id)  # there is nothing to pay a second time
        settled = {one.user_id: one.stakes for one in fact.settlements}
        assert settled == dict(pool.stakes), "every stake is settled, once"
        assert len(settled) == len(fact.settlements)
        received = sum(one.received for one in fact.settlements)
        gone = fact.takeout + fact.breakage + fact.carried_out
        there = pool.stakes.total() + pool.opened.carried_in + fact.minus
        assert received + gone == there, "everything in the pool goes somewhere"
        assert not set(fact.winners) & pool.scratched, "what is scratched does not win"
        assert all(one.paid >= one.won_stake for one in fact.settlements)
        if pool.decided is not None and fact.winners:
            assert fact.winners == pool.decided.winning_targets
        got = {one.user_id: one.received for one in fact.settlements}
        self.received[fact.pool_id] = Counter(got)
        if fact.is_recreated:
            assert pool.opened.recreate_on_end
            assert not self.is_closing
            assert fact.winning_target is not None, "what is cancelled does not come back"
            self.ended[fact.pool_id] = pool
        self.timers.pop((fact.pool_id, True), None)
        self.timers.pop((fact.pool_id, False), None)

    def _pool_corrected(self, fact: PoolCorrected) -> None:
        received = self.received[fact.pool_id]
        received.update({move.user_id: move.amount for move in fact.moves})
        assert min(received.values(), default=0) >= 0
        owed = Counter({move.user_id: move.owed for move in fact.moves})
        for one in fact.settlements:
            surplus = received[one.user_id] - one.received
            assert surplus >= 0, "who was right has everything"
            assert one.user_id not in owed or surplus == owed[one.user_id]

    def _decisions(self, entry: Entry) -> None:
        match entry.fact:
            case PoolDecided() as fact:
                pool = self.pools[fact.pool_id]
                assert pool.is_blocked
                assert entry.at <= fact.confirm_at
                assert not set(fact.winning_targets) & pool.scratched
                pool.decided = fact
            case PoolReopened() as fact:
                pool = self.pools[fact.pool_id]
                assert pool.decided is not None
                pool.decided, pool.is_blocked = None, fact.is_blocked

    def _life(self, entry: Entry) -> None:
        match entry.fact:
            case GameCreated() as fact:
                self.is_opened, self.open_at = fact.opened, fact.open_at
                self.close_at = fact.close_at
            case GameOpened():
                self.is_opened = True
            case DetailsUpdated() as fact:
                self.open_at = self.open_at if fact.open_at is None else fact.open_at
                self.close_at = self.close_at if fact.close_at is None else fact.close_at or None
            case ClosingStarted():
                assert all(pool.opened.type in (3, 4) for pool in self.pools.values())
                assert all(pool.is_blocked for pool in self.pools.values())
                self.is_closing = True
            case GameClosed():
                assert not self.pools, "a game does not close over a pool"
                self.is_closed = True

    def _switches(self, entry: Entry) -> None:
        match entry.fact:
            case BettingBlocked() as fact:
                self.pools[fact.pool_id].is_blocked = True
                self._disarm(fact.pool_id if fact.own else "", blocks=True)
            case BettingAllowed() as fact:
                self.pools[fact.pool_id].is_blocked = False
                self._disarm(fact.pool_id if fact.own else "", blocks=False)
            case ActionBlocked() as fact:
                self._disarm(fact.action_id, blocks=True)
            case ActionAllowed() as fact:
                self._disarm(fact.action_id, blocks=False)
            case SwitchPlanned() as fact:
                pool = self.pools.get(fact.pool_id or "")
                assert fact.switch_at > entry.at or (pool is not None and pool.decided)
                self.timers[fact.pool_id or fact.action_id or "", fact.blocks] = fact.switch_at

    def _disarm(self, what: str, *, blocks: bool) -> None:
        self.timers.pop((what, blocks), None)

    def _blocks_at(self, pool: PoolOpened) -> list[int | None]:
        return [self.timers.get((what, True)) for what in (pool.pool_id, pool.action_id)]


def _since(start_at: int, at: int | None) -> int | None:
    return None if at is None else at - start_at

"""What becomes due in a game: ends of pools, planned switches, status changes, closes.

Pure: time is an argument. Everything that is due happens in the order of its times and is dated
with its own time, however late the timer. At equal times, pools come before their game (contract,
section 6, "Life").
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from attrs import evolve, frozen

from game.context import fresh_id
from game.facts import BettingAllowed, BettingBlocked, Fact, PoolOpened, StatusReached
from game.names import POOL_ACTION_PREFIX
from game.policy import Unbacked
from game.pools import Plans, Pool
from game.results import close, confirm_due, expire
from game.state import Game, Recreation, next_status_at, status_at
from game.vocabulary import Phase
from game.wagering import allowed_action, blocked_action

POOLS, GAME, STATUS, REOPEN = range(4)
"""Ranks: the order of what is due at the same moment."""

_Maker = Callable[[Game, Any, int], Sequence[Fact]]
_Time = tuple[int, int, _Maker, Any]
"""Time (epoch ms), rank, maker of the facts, its subject. A tuple, because there are many."""


@frozen
class Due:
    """Something that is due at a time (epoch ms). `facts` decides on it when its turn comes."""

    at: int
    rank: int
    facts: Callable[[], Sequence[Fact]]


def wake_at(game: Game) -> int | None:
    """Return when the game next has to act (epoch ms), or None if never."""
    if not game.wake_is_known:
        game.known_wake_at = min((time[0] for time in _times(game)), default=None)
        game.wake_is_known = True
    return game.known_wake_at


def due_together(game: Game, now: int) -> list[Due]:
    """Return everything that is due first at `now` (epoch ms): all of one moment and one rank.

    The facts of one may make another unnecessary. Its `facts` are then empty.
    """
    due = [time for time in _times(game, now) if time[0] <= now]
    first = min((time[:2] for time in due), default=None)
    return [
        Due(at, rank, partial(make, game, of, at))
        for at, rank, make, of in due
        if (at, rank) == first
    ]


def with_carry(facts: Sequence[Fact], carry: int) -> Sequence[Fact]:
    """Return what falls due, with what a pool that opens takes of the carry, in hundredths."""
    return [
        evolve(fact, carried_in=carry)
        if isinstance(fact, PoolOpened) and fact.policy_in_force.unbacked is Unbacked.CARRY
        else fact
        for fact in facts
    ]


def _times(game: Game, now: int = 0) -> Iterator[_Time]:
    if game.phase is Phase.CLOSED:
        return
    for pool in game.pools.values():
        yield from _times_of(pool)
    for action_id, plans in game.action_plans.items():
        yield from _switches(plans, blocked_action, allowed_action, action_id)
    if game.close_at is not None and not game.close_is_due:
        yield game.close_at, GAME, _close, None
    if (status_due := next_status_at(game)) is not None:
        yield status_due, STATUS, _reach_status, None
    for recreation in game.recreations:
        yield _reopen_at(recreation, now), REOPEN, _reopen, recreation


def _times_of(pool: Pool) -> Iterator[_Time]:
    """Yield what is due in a pool. All else waits while a result waits for its confirmation."""
    if pool.decided is not None:
        yield pool.decided.confirm_at, POOLS, _confirm, pool
        return
    if pool.opened.finish_at is not None:
        yield pool.opened.finish_at, POOLS, _expire, pool
    yield from _switches(pool.plans, _block, _allow, pool)


def _switches(plans: Plans, block: _Maker, allow: _Maker, of: Pool | str) -> Iterator[_Time]:
    if plans.block_at is not None:
        yield plans.block_at, POOLS, block, of
    if plans.allow_at is not None:
        yield plans.allow_at, POOLS, allow, of


def _confirm(game: Game, pool: Pool, at: int) -> Sequence[Fact]:
    if pool.decided is None or not _is_unresolved(game, pool):
        return ()
    return confirm_due(game, pool, pool.decided)


def _expire(game: Game, pool: Pool, at: int) -> Sequence[Fact]:
    return expire(game, pool, at) if _is_unresolved(game, pool) else ()


def _block(game: Game, pool: Pool, at: int) -> Sequence[Fact]:
    # The time has passed if it came while a result waited for its confirmation.
    fact = BettingBlocked(pool_id=pool.opened.pool_id, blocked_at=max(at, game.clock))
    return [fact] if _is_unresolved(game, pool) else ()


def _allow(game: Game, pool: Pool, at: int) -> Sequence[Fact]:
    fact = BettingAllowed(pool_id=pool.opened.pool_id, allowed_at=max(at, game.clock))
    return [fact] if _is_unresolved(game, pool) else ()


def _is_unresolved(game: Game, pool: Pool) -> bool:
    return pool.opened.pool_id in game.pools


def _close(game: Game, _: None, at: int) -> Sequence[Fact]:
    return close(game, by=None, at=at)


def _reach_status(game: Game, _: None, at: int) -> Sequence[Fact]:
    return [StatusReached(status=status_at(game, at))]


def _reopen_at(recreation: Recreation, now: int) -> int:
    """Return when the new pool opens (epoch ms): when the old one ended.

    After a downtime in which the new pool would have ended too, it opens once, at `now`.
    """
    finish_at = recreation.opened.finish_at
    if finish_at is None:
        return recreation.ended_at
    lasts = finish_at - recreation.start_at
    return recreation.ended_at if recreation.ended_at + lasts > now else now


def _reopen(game: Game, recreation: Recreation, start_at: int) -> Sequence[Fact]:
    """Open a pool with the same settings and the same durations (contract, section 7)."""
    moved = start_at - recreation.start_at
    old = recreation.opened
    pool_id = fresh_id(game)
    is_own_action = old.action_id.endswith(old.pool_id)
    return [
        evolve(
            old,
            pool_id=pool_id,
            action_id=f"{POOL_ACTION_PREFIX}{pool_id}" if is_own_action else old.action_id,
            finish_at=None if old.finish_at is None else old.finish_at + moved,
            stop_accepting_bets_at=(
                None if old.stop_accepting_bets_at is None else old.stop_accepting_bets_at + moved
            ),
            recreates=old.pool_id,
            carried_in=0,
            by=None,
        )
    ]

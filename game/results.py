"""Decisions that end pools and games: events, cancelling, the end of a pool's time, closing.

Contract, sections 6 ("Life") and 7 ("Rules"). `game/payout.py` computes the payouts.
"""

from collections.abc import Sequence

from game.commands import CancelPool, RegisterEvent
from game.context import DecisionContext, fresh_id
from game.facts import (
    BettingBlocked,
    CloseFellDue,
    ClosingStarted,
    EventRegistered,
    Fact,
    GameClosed,
    PoolResolved,
)
from game.names import NONE, POOL_ACTION_PREFIX, with_parents
from game.payout import Outcome, refund, settle
from game.pools import Pool
from game.refusals import game_not_open, invalid, pool_already_resolved, unknown
from game.state import Game
from game.vocabulary import LARGEST_TIME, Phase, PoolType, Status
from game.wagering import BINARY_TARGETS, pool_of

NO = "no"


def register_event(game: Game, command: RegisterEvent, context: DecisionContext) -> Sequence[Fact]:
    """Register an event, and settle every pool that it decides."""
    if game.status is Status.NOT_YET_ACTIVE:
        raise game_not_open(game.game_id)
    given = context.now if command.happened_at is None else command.happened_at
    happened_at = min(given, context.now)
    event = _event(game, command, happened_at, context)
    resolved = [
        _resolved(game, pool, winner, happened_at, by=context.user_id)
        for pool in game.pools.values()
        if pool.start_at <= happened_at and (winner := _winner(pool, event)) is not None
    ]
    return [event, *resolved, *_closed_with(game, resolved)]


def cancel_pool(game: Game, command: CancelPool, context: DecisionContext) -> Sequence[Fact]:
    """Cancel a pool and refund all stakes."""
    pool = pool_of(game, command.pool_id)
    fact = _ended(pool, refund(pool.bets), None, by=context.user_id, reason=command.reason)
    return [fact, *_closed_with(game, [fact])]


def expire(game: Game, pool: Pool, at: int) -> Sequence[Fact]:
    """Settle a time-based pool at its `finish_at`, `at` (epoch ms)."""
    winner = NO if pool.type is PoolType.BINARY_TIME else NONE
    outcome = settle(pool.bets, winner, void_after=LARGEST_TIME)
    is_recreated = _is_recreated(game, pool)
    fact = _ended(pool, outcome, winner, expired_at=at, is_recreated=is_recreated)
    return [fact, *_closed_with(game, [fact])]


def close(game: Game, *, by: int | None, at: int) -> Sequence[Fact]:
    """Close a game at a time (epoch ms), or start to close it if it has manual pools.

    An admin must resolve the manual pools first. `by` None: the game reached its `close_at`.
    """
    pools = game.pools.values()
    resolved = [
        _ended(pool, settle(pool.bets, NONE, void_after=LARGEST_TIME), NONE, by=by)
        for pool in pools
        if not pool.type.is_binary
    ]
    manual = [pool.opened.pool_id for pool in pools if pool.type.is_binary]
    if not manual:
        return [*resolved, GameClosed(by=by)]
    if game.phase is Phase.CLOSING:
        return [] if by is not None else [CloseFellDue()]
    blocked = [BettingBlocked(pool_id=id_, blocked_at=at, own=False) for id_ in manual]
    return [*resolved, *blocked, ClosingStarted(by=by)]


def _closed_with(game: Game, resolved: Sequence[Fact]) -> Sequence[Fact]:
    """Return the close that waited for these pools, if the game closes automatically with them."""
    is_last = bool(resolved) and len(resolved) == len(game.pools)
    return [GameClosed()] if game.close_is_due and is_last else []


def _event(
    game: Game, command: RegisterEvent, happened_at: int, context: DecisionContext
) -> EventRegistered:
    display = _event_target(game, command)
    before = game.counts.get(command.action_id, {})
    return EventRegistered(
        event_id=fresh_id(game),
        action_id=command.action_id,
        target_id=command.target_id,
        target_display_name=display,
        happened_at=happened_at,
        current_count={p: before.get(p, 0) + 1 for p in with_parents(command.target_id)},
        by=context.user_id,
    )


def _event_target(game: Game, command: RegisterEvent) -> str:
    """Return the display name of an event's target. Raises `Refusal`."""
    action_id, target_id = command.action_id, command.target_id
    if action_id.startswith(POOL_ACTION_PREFIX):
        targets = _manual_targets(game, action_id)
    elif action_id in game.actions:
        targets = game.targets
    else:
        raise unknown("action", action_id)
    if target_id not in targets:
        raise unknown("target", target_id)
    if target_id == NONE or any(path.startswith(f"{target_id}:") for path in targets):
        raise invalid("target_id", "a target without targets below it, and not 'none'")
    return targets[target_id]


def _manual_targets(game: Game, action_id: str) -> dict[str, str]:
    pool_id = action_id.removeprefix(POOL_ACTION_PREFIX)
    if pool_id in game.manual_ended:
        raise pool_already_resolved(pool_id)
    pool = game.pools.get(pool_id)
    if pool is None or not pool.type.is_binary:
        raise unknown("action", action_id)
    return BINARY_TARGETS


def _winner(pool: Pool, event: EventRegistered) -> str | None:
    """Return the target of the pool that an event makes the winner, or None."""
    if pool.opened.action_id != event.action_id:
        return None
    named = (path for path in with_parents(event.target_id) if path in pool.opened.targets)
    return next(named, None)


def _resolved(game: Game, pool: Pool, winner: str, happened_at: int, *, by: int) -> PoolResolved:
    outcome = settle(pool.bets, winner, void_after=happened_at)
    return _ended(pool, outcome, winner, by=by, is_recreated=_is_recreated(game, pool))


def _is_recreated(game: Game, pool: Pool) -> bool:
    return pool.opened.recreate_on_end and game.phase is Phase.OPEN


def _ended(
    pool: Pool,
    outcome: Outcome,
    winner: str | None,
    *,
    by: int | None = None,
    expired_at: int | None = None,
    reason: str | None = None,
    is_recreated: bool = False,
) -> PoolResolved:
    return PoolResolved(
        pool_id=pool.opened.pool_id,
        description=pool.opened.description,
        winning_target=winner,
        settlements=outcome.settlements,
        is_money_return=outcome.is_money_return,
        expired_at=expired_at,
        reason=reason,
        is_recreated=is_recreated,
        by=by,
    )

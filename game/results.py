"""Decisions that end pools and games: events, cancelling, scratching, the end of a time, closing.

Contract, sections 6 ("Life") and 7 ("Rules"). `game/payout.py` computes the payouts, and
`game/events.py` decides which events there are and what they decide.
"""

from collections.abc import Sequence

from attrs import asdict

from game.commands import CancelPool, RegisterEvent, ScratchTarget
from game.context import DecisionContext
from game.events import events_of, winners_in
from game.facts import (
    BettingBlocked,
    CloseFellDue,
    ClosingStarted,
    Fact,
    GameClosed,
    PoolResolved,
    Settlement,
    TargetScratched,
)
from game.names import NONE
from game.payout import Outcome, refund, settle
from game.pools import Bet, Pool
from game.refusals import Code, Refusal, game_not_open, invalid, unknown
from game.state import Game
from game.vocabulary import LARGEST_TIME, Phase, PoolType, Status
from game.wagering import pool_of

NO = "no"
LEAST_TARGETS = 2
"""A pool with fewer targets left is cancelled."""


def register_event(game: Game, command: RegisterEvent, context: DecisionContext) -> Sequence[Fact]:
    """Register an event, or several of one moment, and settle every pool that they decide."""
    if game.status is Status.NOT_YET_ACTIVE:
        raise game_not_open(game.game_id)
    given = context.now if command.happened_at is None else command.happened_at
    happened_at = min(given, context.now)
    events = events_of(game, command, happened_at, context)
    resolved = [
        _resolved(game, pool, winners, happened_at, by=context.user_id)
        for pool in game.pools.values()
        if pool.start_at <= happened_at and (winners := winners_in(pool, events))
    ]
    return [*events, *resolved, *_closed_with(game, resolved)]


def cancel_pool(game: Game, command: CancelPool, context: DecisionContext) -> Sequence[Fact]:
    """Cancel a pool and refund all stakes."""
    pool = pool_of(game, command.pool_id)
    fact = _cancelled(pool, pool.bets, by=context.user_id, reason=command.reason)
    return [fact, *_closed_with(game, [fact])]


def scratch_target(game: Game, command: ScratchTarget, context: DecisionContext) -> Sequence[Fact]:
    """Take a target out of a pool and refund its stakes. Cancel a pool with too few left."""
    pool, target = pool_of(game, command.pool_id), command.target
    if target not in pool.opened.targets:
        raise unknown("target", target)
    if pool.type.is_binary or target == NONE:
        raise invalid("target", "a target of a parimutuel pool, and not 'none'")
    if not pool.offers(target):
        sentence = "Target '{target}' is already scratched."
        raise Refusal(Code.ALREADY_EXISTS, sentence, target=target)
    left = [bet for bet in pool.bets if bet.target_id != target]
    scratched = TargetScratched(
        pool_id=command.pool_id,
        target_id=target,
        reason=command.reason,
        settlements=scratched_settlements(pool, target),
        participants=len({bet.user_id for bet in left}),
        amount_total=sum(bet.amount for bet in left),
        by=context.user_id,
    )
    if len(pool.opened.targets) - len(pool.scratched) - 1 >= LEAST_TARGETS:
        return [scratched]
    return [scratched, _cancelled(pool, left, by=context.user_id, reason=command.reason)]


def scratched_settlements(pool: Pool, target: str) -> tuple[Settlement, ...]:
    """Return what scratching a target means for each user who backs it."""
    return refund([bet for bet in pool.bets if bet.target_id == target]).settlements


def expire(game: Game, pool: Pool, at: int) -> Sequence[Fact]:
    """Settle a time-based pool at its `finish_at`, `at` (epoch ms)."""
    winners = (NO if pool.type is PoolType.BINARY_TIME else NONE,)
    outcome = outcome_of(pool, winners, void_after=LARGEST_TIME)
    is_recreated = _is_recreated(game, pool)
    fact = _ended(pool, outcome, winners, expired_at=at, is_recreated=is_recreated)
    return [fact, *_closed_with(game, [fact])]


def close(game: Game, *, by: int | None, at: int) -> Sequence[Fact]:
    """Close a game at a time (epoch ms), or start to close it if it has manual pools.

    An admin must resolve the manual pools first. `by` None: the game reached its `close_at`.
    """
    pools = game.pools.values()
    resolved = [
        _ended(pool, outcome_of(pool, (NONE,), void_after=LARGEST_TIME), (NONE,), by=by)
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


def outcome_of(pool: Pool, winners: tuple[str, ...], *, void_after: int) -> Outcome:
    """Settle a pool by its policy. Bets placed after `void_after` (epoch ms) are void."""
    opened = pool.opened
    return settle(
        pool.bets,
        winners,
        void_after=void_after,
        policy=opened.policy_in_force,
        carried_in=opened.carried_in,
    )


def _resolved(
    game: Game, pool: Pool, winners: tuple[str, ...], happened_at: int, *, by: int
) -> PoolResolved:
    outcome = outcome_of(pool, winners, void_after=happened_at)
    return _ended(pool, outcome, winners, by=by, is_recreated=_is_recreated(game, pool))


def _cancelled(pool: Pool, bets: Sequence[Bet], *, by: int, reason: str | None) -> PoolResolved:
    outcome = refund(bets, carried_in=pool.opened.carried_in)
    return _ended(pool, outcome, (), by=by, reason=reason)


def _is_recreated(game: Game, pool: Pool) -> bool:
    return pool.opened.recreate_on_end and game.phase is Phase.OPEN


def _ended(
    pool: Pool,
    outcome: Outcome,
    winners: tuple[str, ...],
    *,
    by: int | None = None,
    expired_at: int | None = None,
    reason: str | None = None,
    is_recreated: bool = False,
) -> PoolResolved:
    return PoolResolved(
        pool_id=pool.opened.pool_id,
        description=pool.opened.description,
        winning_target=winners[0] if winners else None,
        winning_targets=winners,
        expired_at=expired_at,
        reason=reason,
        is_recreated=is_recreated,
        by=by,
        **asdict(outcome, recurse=False),
    )

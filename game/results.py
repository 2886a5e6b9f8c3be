"""Decisions that end pools and games: events, cancelling, scratching, the end of a time, closing.

An event that decides a pool with a `confirm_for` does not end it yet: its result waits.

Contract, sections 6 ("Life") and 7 ("Rules"). `game/payout.py` computes the payouts, and
`game/events.py` decides which events there are and what they decide.
"""

from collections.abc import Sequence

from attrs import asdict, evolve

from game.commands import CancelPool, ConfirmPool, RegisterEvent, ScratchTarget
from game.context import DecisionContext
from game.events import events_of, winners_in
from game.facts import (
    BettingBlocked,
    CloseFellDue,
    ClosingStarted,
    EventRegistered,
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
from game.revisions import PoolDecided
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
    ended = [
        fact
        for pool in game.pools.values()
        if pool.decided is None and pool.start_at <= happened_at
        for fact in _decided(game, pool, events, context)
    ]
    return [*events, *ended, *_closed_with(game, ended)]


def _decided(
    game: Game, pool: Pool, events: Sequence[EventRegistered], context: DecisionContext
) -> Sequence[Fact]:
    """Return what events mean for a pool that is not decided: its end, a result to confirm, or
    nothing.
    """
    winners, first = winners_in(pool, events), events[0]
    if not winners:
        return ()
    confirm_for, pool_id = pool.opened.confirm_for, pool.opened.pool_id
    decision = PoolDecided(
        pool_id=pool_id,
        winning_targets=winners,
        void_after=first.happened_at,
        event_id=first.event_id,
        confirm_at=context.now + confirm_for,
        was_blocked=pool.is_blocked,
        by=context.user_id,
    )
    if not confirm_for:
        return [confirmed(game, pool, decision, by=context.user_id)]
    return [BettingBlocked(pool_id=pool_id, blocked_at=context.now, own=False), decision]


def confirm_pool(game: Game, command: ConfirmPool, context: DecisionContext) -> Sequence[Fact]:
    """Settle a decided pool at once."""
    pool = pool_of(game, command.pool_id)
    if pool.decided is None:
        sentence = "Pool '{pool}' is not decided: no result waits for its confirmation."
        raise Refusal(Code.POOL_NOT_DECIDED, sentence, pool=command.pool_id)
    fact = confirmed(game, pool, pool.decided, by=context.user_id)
    return [fact, *_closed_with(game, [fact])]


def confirm_due(game: Game, pool: Pool, decision: PoolDecided) -> Sequence[Fact]:
    """Settle a decided pool at its `confirm_at`."""
    fact = confirmed(game, pool, decision, by=None)
    return [fact, *_closed_with(game, [fact])]


def confirmed(game: Game, pool: Pool, decision: PoolDecided, *, by: int | None) -> PoolResolved:
    """Return the end of a pool by this decision."""
    winners, void_after = decision.winning_targets, decision.void_after
    outcome = outcome_of(pool, winners, void_after=void_after)
    fact = _ended(pool, outcome, winners, by=by, is_recreated=_is_recreated(game, pool))
    return evolve(fact, event_id=decision.event_id, void_after=void_after)


def cancel_pool(game: Game, command: CancelPool, context: DecisionContext) -> Sequence[Fact]:
    """Cancel a pool and refund all stakes."""
    pool = pool_of(game, command.pool_id)
    fact = _cancelled(pool, pool.bets, by=context.user_id, reason=command.reason)
    return [fact, *_closed_with(game, [fact])]


def scratch_target(game: Game, command: ScratchTarget, context: DecisionContext) -> Sequence[Fact]:
    """Take a target out of a pool and refund its stakes. Cancel a pool with too few left."""
    pool, target = pool_of(game, command.pool_id), command.target
    if pool.decided is not None:
        sentence = "Pool '{pool}' is decided, and its result waits for its confirmation."
        raise Refusal(Code.POOL_RESOLVED, sentence, pool=command.pool_id)
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

    Decided pools are confirmed, and the other parimutuel pools resolve to `none`. An admin must
    resolve the manual pools first. `by` None: the game reached its `close_at`.
    """
    pools = game.pools.values()
    manual = [pool.opened.pool_id for pool in pools if pool.type.is_binary and pool.decided is None]
    resolved = [
        _closed(game, pool, by=by)
        for pool in pools
        if not pool.type.is_binary or pool.decided is not None
    ]
    if not manual:
        return [*resolved, GameClosed(by=by)]
    if game.phase is Phase.CLOSING:
        return resolved if by is not None else [*resolved, CloseFellDue()]
    blocked = [BettingBlocked(pool_id=id_, blocked_at=at, own=False) for id_ in manual]
    return [*resolved, *blocked, ClosingStarted(by=by)]


def _closed(game: Game, pool: Pool, *, by: int | None) -> PoolResolved:
    """Return how the close of its game ends a pool."""
    if pool.decided is not None:
        return evolve(confirmed(game, pool, pool.decided, by=by), is_recreated=False)
    return _ended(pool, outcome_of(pool, (NONE,), void_after=LARGEST_TIME), (NONE,), by=by)


def _closed_with(game: Game, facts: Sequence[Fact]) -> Sequence[Fact]:
    """Return the close that waited for these pools, if the game closes automatically with them."""
    resolved = [fact for fact in facts if isinstance(fact, PoolResolved)]
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

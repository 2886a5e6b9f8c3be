"""Decisions on results: correcting a resolved pool, and taking an event back.

Theory of operation
===================

A correction settles the pool again, from the same bets, by the same policy and with what was
carried over to it then. Then each user should have what the new result gives: the user is
*entitled* to it. The user has *received* what the first result gave, and what corrections moved
since.

    entitled >= received   the difference moves to the user, at once
    entitled <  received   the difference moves back, but not more than the user has free

So no balance falls below zero, and those who were right have all their money at once. What is
missing the house lends: the user owes it, and no other game deducts it. The next correction of the
pool counts from what was received, so it settles the debt by itself.

The carry of the source is treated as a user is: a later pool may have taken it already. What the
house lends for it nobody owes.

Pools that an event decided are cancelled if it is taken back, and not reopened: their players have
seen the result. A decided pool that waits for its confirmation is reopened.
"""

from collections.abc import Iterator, Mapping, Sequence

from attrs import asdict, define, evolve

from game.commands import CorrectPool, TakeBackEvent
from game.context import DecisionContext
from game.events import winners_in
from game.facts import EventRegistered, Fact
from game.names import NONE, with_parents
from game.past import Past, PastPool
from game.payout import Outcome, refund
from game.pools import Pool
from game.refusals import Code, Refusal, invalid, too_late, unknown
from game.results import outcome_of
from game.revisions import EventTakenBack, Move, PoolCorrected, PoolDecided, PoolReopened
from game.state import Game
from game.vocabulary import LARGEST_TIME


@define
class Funds:
    """What corrections of one decision may still take back, in hundredths, by user."""

    free: dict[int, int]
    carry: int

    def take(self, user_id: int, amount: int) -> int:
        """Take an amount from a user, or what there is. Return what was taken."""
        free = self.free.get(user_id, 0)
        taken = max(0, min(amount, free))
        self.free[user_id] = free - taken
        return taken

    def take_carry(self, amount: int) -> int:
        """Take an amount from the carry, or what there is. Return what was taken."""
        taken = max(0, min(amount, self.carry))
        self.carry -= taken
        return taken


def correct_pool(game: Game, command: CorrectPool, context: DecisionContext) -> Sequence[Fact]:
    """Give a resolved pool another result."""
    if command.pool_id in game.pools or context.past is None or not context.past.pools:
        sentence = "Pool '{pool}' is not resolved yet."
        raise Refusal(Code.POOL_NOT_RESOLVED, sentence, pool=command.pool_id)
    [past] = context.past.pools
    if command.corrects_seq != past.result_seq:
        raise _stale(past)
    winners = _winners(past.pool, command)
    given = past.bound if command.happened_at is None else command.happened_at
    void_after = min(given, context.now) if command.happened_at is not None else given
    if winners == past.result.winners and (not winners or void_after == past.void_after):
        sentence = "Pool '{pool}' has this result already."
        raise Refusal(Code.ALREADY_EXISTS, sentence, pool=command.pool_id)
    if context.now > past.resolved_at + context.limits.correction_window:
        raise too_late("A result can be corrected", context.limits.correction_window)
    funds = Funds(dict(context.free), context.carry)
    return [corrected(past, winners, void_after, funds, reason=command.reason, by=context.user_id)]


def corrected(
    past: PastPool,
    winners: tuple[str, ...],
    void_after: int,
    funds: Funds,
    *,
    reason: str,
    by: int,
    event_id: str | None = None,
) -> PoolCorrected:
    """Return the correction of a pool to these winners, none if it is cancelled.

    Bets after `void_after` (epoch ms) are void. What moves back is taken from `funds`.
    """
    outcome = _outcome(past.pool, winners, void_after)
    moves = tuple(_moves(past, outcome, funds))
    missing = past.carried - outcome.carried_out
    return PoolCorrected(
        pool_id=past.pool.opened.pool_id,
        description=past.pool.opened.description,
        corrects_seq=past.result_seq,
        previous_winning_target=past.result.winning_target,
        resolved_seq=past.resolved_seq,
        resolved_at=past.resolved_at,
        winning_targets=winners,
        void_after=void_after if winners else LARGEST_TIME,
        moves=moves,
        carry_moved=-funds.take_carry(missing) if missing > 0 else -missing,
        carry_change=outcome.carried_out - past.result.carried_out,
        event_id=event_id,
        reason=reason,
        by=by,
        **asdict(outcome, recurse=False),
    )


def take_back_event(game: Game, command: TakeBackEvent, context: DecisionContext) -> Sequence[Fact]:
    """Take an event back. Reopen the pools that wait for it, and cancel those that it ended."""
    past = context.past or Past()
    entry = next((e for e in past.moment if _event(e.fact).event_id == command.event_id), None)
    if entry is None:
        raise invalid("event_id", "an event of this game")
    if command.event_id in past.taken_back:
        sentence = "Event '{event}' is already taken back."
        raise Refusal(Code.ALREADY_EXISTS, sentence, event=command.event_id)
    if context.now > entry.at + context.limits.correction_window:
        raise too_late("An event can be taken back", context.limits.correction_window)
    gone = past.taken_back | {command.event_id}
    moment = [_event(each.fact) for each in past.moment]
    left = [event for event in moment if event.event_id not in gone]
    first = moment[0].event_id
    held = [
        fact
        for pool in game.pools.values()
        if pool.decided is not None and pool.decided.event_id == first
        for fact in _reconsidered(pool, pool.decided, left, context.now)
    ]
    ended = [each for each in past.pools if each.event_id == first]
    taken_back = _taken_back(game, _event(entry.fact), command.reason, context.user_id)
    return [taken_back, *held, *_settled_again(ended, left, command.reason, context)]


def _reconsidered(
    pool: Pool, decided: PoolDecided, left: Sequence[EventRegistered], now: int
) -> Iterator[Fact]:
    """Yield what the other events of the moment mean for a decided pool, if anything changes."""
    winners = winners_in(pool, left)
    if not winners:
        yield PoolReopened(
            pool_id=pool.opened.pool_id, is_blocked=decided.was_blocked, reopened_at=now
        )
    elif winners != decided.winning_targets:
        yield evolve(decided, winning_targets=winners)


def _settled_again(
    ended: Sequence[PastPool],
    left: Sequence[EventRegistered],
    reason: str,
    context: DecisionContext,
) -> Iterator[Fact]:
    """Yield the corrections of resolved pools to what the other events of the moment mean."""
    funds = Funds(dict(context.free), context.carry)
    for past in ended:
        winners = winners_in(past.pool, left)
        if winners != past.result.winners:
            yield corrected(
                past,
                winners,
                past.void_after,
                funds,
                reason=reason,
                by=context.user_id,
                event_id=past.event_id if winners else None,
            )


def _taken_back(game: Game, event: EventRegistered, reason: str, by: int) -> EventTakenBack:
    counts = game.counts.get(event.action_id, {})
    return EventTakenBack(
        event_id=event.event_id,
        action_id=event.action_id,
        target_id=event.target_id,
        current_count={
            path: max(0, counts.get(path, 0) - 1) for path in with_parents(event.target_id)
        },
        reason=reason,
        by=by,
    )


def _event(fact: Fact) -> EventRegistered:
    assert isinstance(fact, EventRegistered)
    return fact


def _outcome(pool: Pool, winners: tuple[str, ...], void_after: int) -> Outcome:
    if not winners:
        return refund(pool.bets, carried_in=pool.opened.carried_in)
    return outcome_of(pool, winners, void_after=void_after)


def _moves(past: PastPool, outcome: Outcome, funds: Funds) -> Iterator[Move]:
    """Yield what changes for each user, in the order of the settlements."""
    entitled: Mapping[int, int] = past.entitled
    for one in outcome.settlements:
        missing = past.received[one.user_id] - one.received
        amount = -funds.take(one.user_id, missing) if missing > 0 else -missing
        points = one.received - entitled[one.user_id]
        if amount or points:
            yield Move(one.user_id, amount, points, missing + amount)


def _winners(pool: Pool, command: CorrectPool) -> tuple[str, ...]:
    """Return the winners that a command names, in the pool's order. Raises `Refusal`."""
    one = command.winning_target
    named = dict.fromkeys(command.winning_targets if one is None else (one,))
    for target in named:
        if not pool.offers(target):
            raise unknown("target", target)
    if len(named) > 1 and (pool.type.is_binary or NONE in named):
        wanted = "one target if the pool is binary, or if it is 'none'"
        raise invalid("winning_targets", wanted)
    return tuple(target for target in pool.opened.targets if target in named)


def _stale(past: PastPool) -> Refusal:
    return Refusal(
        Code.POOL_RESOLVED,
        "Pool '{pool}' has another result by now: 'corrects_seq' must be {seq}.",
        pool=past.pool.opened.pool_id,
        seq=past.result_seq,
    )

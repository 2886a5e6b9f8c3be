"""Verifies what the facts of a journal say about results, against the bets and the events.

A part of the replay of a journal (`storage/replay_audit.py`). Each pool is settled again when it
ends, and once more for each correction, whose pool is read again from the journal.
"""

from collections.abc import Iterator, Sequence

from attrs import Factory, asdict, define

from game.corrections import Funds, corrected
from game.events import winners_in
from game.facts import (
    BettingBlocked,
    Entry,
    EventRegistered,
    Fact,
    PoolOpened,
    PoolResolved,
    TargetScratched,
)
from game.names import NONE
from game.payout import Outcome, refund
from game.policy import Unbacked
from game.pools import Pool
from game.results import outcome_of, scratched_settlements
from game.revisions import EventTakenBack, PoolCorrected, PoolDecided, PoolReopened
from game.state import Game
from game.vocabulary import LARGEST_TIME
from storage.database import Database
from storage.past import past_pool_before

_Decided = tuple[tuple[str, ...], int, str]
"""The winners of a pool, the time after which its bets are void, and the first of the events."""


@define
class ResultAudit:
    """Follows one journal.

    `decided_by`: the events of one moment that the present facts immediately follow.
    `is_taken_back`: the present facts immediately follow an event that was taken back.
    """

    database: Database
    game_id: str
    decided_by: list[EventRegistered] = Factory(list)
    is_taken_back: bool = False

    def remember(self, fact: Fact) -> None:
        """Remember events, because the pools that they decide immediately follow them."""
        match fact:
            case EventRegistered():
                first = self.decided_by[0].event_id if self.decided_by else ""
                is_one_moment = fact.together_with == first
                self.decided_by = [*self.decided_by, fact] if is_one_moment else [fact]
                self.is_taken_back = False
            case EventTakenBack():
                self.decided_by, self.is_taken_back = [], True
            case PoolResolved() | PoolDecided() | PoolReopened() | PoolCorrected():
                pass
            case BettingBlocked(own=False):
                pass
            case _:
                self.decided_by, self.is_taken_back = [], False

    def wrong_with(self, game: Game, entry: Entry) -> Iterator[str]:
        """Yield what is wrong with a fact, as the end of a sentence; `game` is before it."""
        match entry.fact:
            case PoolOpened(carried_in=amount) as fact:
                if amount and fact.policy_in_force.unbacked is not Unbacked.CARRY:
                    yield f"carries {amount} into pool {fact.pool_id}, whose policy refunds"
            case TargetScratched() as fact:
                pool = game.pools[fact.pool_id]
                if fact.settlements != scratched_settlements(pool, fact.target_id):
                    yield f"does not refund {fact.target_id} in pool {fact.pool_id}"
            case PoolResolved() as fact:
                yield from self._wrong_with_end(game.pools[fact.pool_id], fact)
            case PoolCorrected() as fact:
                yield from self._wrong_with_correction(fact, entry.seq)
            case PoolDecided() | PoolReopened() as fact:
                yield from self._wrong_with_decision(game.pools[fact.pool_id], fact)

    def _wrong_with_decision(self, pool: Pool, fact: PoolDecided | PoolReopened) -> Iterator[str]:
        if isinstance(fact, PoolDecided) and not self._is_decided(pool, fact):
            yield f"decides pool {fact.pool_id} otherwise than the events before it"
        if isinstance(fact, PoolReopened) and (pool.decided is None or not self.is_taken_back):
            yield f"reopens pool {fact.pool_id}, whose event was not taken back"

    def _is_decided(self, pool: Pool, fact: PoolDecided) -> bool:
        """Return whether events decide a pool so; also those that remain of a moment."""
        if (before := pool.decided) is None:
            return _decision(fact) == _decided_by(pool, self.decided_by)
        rest = before.void_after, before.event_id, before.confirm_at
        is_less = set(fact.winning_targets) < set(before.winning_targets)
        is_same = rest == (fact.void_after, fact.event_id, fact.confirm_at)
        return self.is_taken_back and is_less and is_same

    def _wrong_with_end(self, pool: Pool, fact: PoolResolved) -> Iterator[str]:
        outcome = _outcome(pool, fact, self.decided_by)
        if outcome is None:
            about = f"pool {fact.pool_id} to {fact.winning_target}"
            yield f"resolves {about}, which nothing decided"
        elif _said(outcome, fact) != outcome:
            yield f"does not pay pool {fact.pool_id} according to its bets"

    def _wrong_with_correction(self, fact: PoolCorrected, seq: int) -> Iterator[str]:
        """Correct the pool again: what moved back had been free, and nothing else may differ."""
        past = past_pool_before(self.database, self.game_id, fact.pool_id, seq)
        if past is None or not past.is_resolved:
            yield f"corrects pool {fact.pool_id}, which is not resolved"
            return
        taken = {move.user_id: max(0, -move.amount) for move in fact.moves}
        funds = Funds(taken, max(0, -fact.carry_moved))
        again = corrected(
            past,
            fact.winning_targets,
            fact.void_after,
            funds,
            reason=fact.reason,
            by=fact.by,
            event_id=fact.event_id,
        )
        if again != fact:
            yield f"does not correct pool {fact.pool_id} according to its bets"


def _outcome(pool: Pool, fact: PoolResolved, events: Sequence[EventRegistered]) -> Outcome | None:
    """Settle a pool from its bets; return None if an event should have decided it and none did.

    A cancelled pool has no winner. If a pool does not run out, only an event can decide it for
    another target than `none`.
    """
    if fact.winning_target is None:
        return refund(pool.bets, carried_in=pool.opened.carried_in)
    if fact.winning_target != fact.winners[0]:
        return None
    if pool.decided is not None:
        decided = _decision(pool.decided)
    elif fact.expired_at is not None or fact.winners == (NONE,):
        return outcome_of(pool, fact.winners, void_after=LARGEST_TIME)
    else:
        decided = _decided_by(pool, events)
    winners, void_after, event_id = decided
    if winners != fact.winners or _differs(fact, void_after, event_id):
        return None
    return outcome_of(pool, fact.winners, void_after=void_after)


def _decision(fact: PoolDecided) -> _Decided:
    return fact.winning_targets, fact.void_after, fact.event_id


def _decided_by(pool: Pool, events: Sequence[EventRegistered]) -> _Decided:
    """Return what events of one moment decide about a pool: no winners, if they do not."""
    winners = winners_in(pool, events)
    return (winners, events[0].happened_at, events[0].event_id) if winners else ((), 0, "")


def _differs(fact: PoolResolved, void_after: int, event_id: str) -> bool:
    """Return whether a fact names other events. One from before held results names none."""
    named = fact.void_after, fact.event_id
    return named != (None, None) and named != (void_after, event_id)


def _said(outcome: Outcome, fact: PoolResolved) -> Outcome:
    """Return the outcome that a fact reports. One from before prices has those of `outcome`."""
    said = {name: getattr(fact, name) for name in asdict(outcome, recurse=False)}
    return Outcome(**said | ({} if fact.winning_targets else {"prices": outcome.prices}))

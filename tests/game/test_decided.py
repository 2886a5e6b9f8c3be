"""Results that wait for their confirmation, and events that are taken back, by the rules.

Ann has 40.00 on Argentina and Ben 30.00 on Brazil, unless a test says otherwise.
"""

from typing import TypeVar

import pytest

from game.commands import (
    AllowAction,
    AllowPool,
    BlockAction,
    BlockPool,
    ConfirmPool,
    CorrectPool,
    PlaceBet,
    RegisterEvent,
    ScratchTarget,
    TakeBackEvent,
)
from game.facts import EventRegistered, Fact, PoolResolved
from game.refusals import Code
from game.revisions import EventTakenBack, PoolCorrected, PoolDecided, PoolReopened
from tests.support.match import (
    ANN,
    BEN,
    BINARY,
    CAT,
    CLOSE,
    GAME,
    NOW,
    TIME,
    Match,
    cancelling,
    kinds,
)

HELD_MS = 60_000
HELD_EVENT = ["event_registered", "betting_blocked", "pool_decided"]


def held(match: Match, type_: int = 1, **parameters: object) -> str:
    """Open a pool whose result waits, with two bets."""
    pool_id = match.pool(type_, confirm_for=HELD_MS, **parameters)
    sides = ("yes", "no") if type_ == BINARY else ("argentina", "brazil")
    match.bet(ANN, 4_000, sides[0], pool_id)
    match.bet(BEN, 3_000, sides[1], pool_id)
    match.wait(5)
    return pool_id


def take_back(match: Match, event_id: str | None = None) -> list[Fact]:
    """Take an event back, the last one by default."""
    last = event_id or match.game.events[-1].event_id
    return match.do(TakeBackEvent(game_id=GAME, event_id=last, reason="offside"))


Kind = TypeVar("Kind", bound=Fact)


def only(facts: list[Fact], kind: type[Kind]) -> Kind:
    [found] = [fact for fact in facts if isinstance(fact, kind)]
    return found


def test_an_event_decides_a_pool_and_moves_no_money() -> None:
    match = Match()
    pool_id = held(match)
    facts = match.event("argentina:7")
    assert kinds(facts) == HELD_EVENT
    assert only(facts, PoolDecided) == PoolDecided(
        pool_id=pool_id,
        winning_targets=("argentina",),
        void_after=match.now,
        event_id=only(facts, EventRegistered).event_id,
        confirm_at=match.now + HELD_MS,
        was_blocked=False,
        by=1,
    )
    assert match.accounts.exposure(ANN) == 4_000
    bet = PlaceBet(pool_id=pool_id, target="brazil", amount=100)
    assert match.refused(bet, by=CAT).code is Code.POOL_BLOCKED


def test_the_result_is_final_at_its_time_and_not_before() -> None:
    match = Match()
    pool_id = held(match, recreate_on_end=True)
    match.event("argentina:7")
    assert match.wait(HELD_MS - 1) == []
    (at, resolved), (_, again) = match.wait(1)
    assert isinstance(resolved, PoolResolved)
    assert (at, resolved.pool_id, resolved.winners) == (match.now, pool_id, ("argentina",))
    assert resolved.by is None
    assert again.kind == "pool_opened", "it opens again at the end, not before"
    assert match.accounts.available(ANN) == 103_000


def test_an_admin_confirms_at_once() -> None:
    match = Match()
    pool_id = held(match)
    confirm = ConfirmPool(pool_id=pool_id)
    assert match.refused(confirm).code is Code.POOL_NOT_DECIDED
    match.event("argentina:7")
    assert kinds(match.do(confirm)) == ["pool_resolved"]
    assert match.refused(confirm).code is Code.POOL_RESOLVED


def test_bets_after_the_event_are_void_when_the_result_is_final() -> None:
    match = Match()
    pool_id = held(match)
    match.bet(CAT, 500, "argentina", pool_id)
    match.event("argentina:7", at=match.now - 1)
    [(_, resolved)] = match.wait(HELD_MS)
    assert isinstance(resolved, PoolResolved)
    assert {one.user_id: one.void_stake for one in resolved.settlements} == {
        ANN: 0,
        BEN: 0,
        CAT: 500,
    }


def test_a_second_event_does_not_decide_a_pool_again() -> None:
    match = Match()
    held(match)
    match.event("argentina:7")
    assert kinds(match.event("brazil:7")) == ["event_registered"]
    [(_, resolved)] = match.wait(HELD_MS)
    assert isinstance(resolved, PoolResolved)
    assert resolved.winners == ("argentina",)


def test_cancelling_a_decided_pool_refunds_its_stakes() -> None:
    match = Match()
    pool_id = held(match)
    match.event("argentina:7")
    [cancelled] = match.do(cancelling(pool_id))
    assert isinstance(cancelled, PoolResolved)
    assert cancelled.winning_target is None
    assert match.accounts.available(BEN) == 100_000


@pytest.mark.parametrize("type_", [1, BINARY])
def test_a_close_confirms_what_is_decided(type_: int) -> None:
    match = Match()
    pool_id = held(match, type_)
    if type_ == BINARY:
        match.event("yes", f"pool-{pool_id}")
    else:
        match.event("argentina:7")
    facts = match.do(CLOSE)
    assert kinds(facts) == ["pool_resolved", "game_closed"]
    assert only(facts, PoolResolved).winning_target in ("argentina", "yes")
    assert match.accounts.available(ANN) == 103_000


def test_a_target_of_a_decided_pool_cannot_be_scratched() -> None:
    match = Match()
    pool_id = held(match)
    match.event("argentina:7")
    scratch = ScratchTarget(pool_id=pool_id, target="brazil", reason="injured")
    assert match.refused(scratch).code is Code.POOL_RESOLVED


def test_taking_the_event_back_opens_the_pool_again() -> None:
    match = Match()
    pool_id = held(match)
    event = only(match.event("argentina:7"), EventRegistered)
    facts = take_back(match)
    assert facts == [
        EventTakenBack(
            event_id=event.event_id,
            action_id="goal",
            target_id="argentina:7",
            current_count={"argentina": 0, "argentina:7": 0},
            reason="offside",
            by=1,
        ),
        PoolReopened(pool_id=pool_id, is_blocked=False, reopened_at=match.now),
    ]
    assert match.game.counts["goal"] == {"argentina": 0, "argentina:7": 0}
    assert match.game.taken_back == {event.event_id: match.now}
    match.bet(CAT, 100, "brazil", pool_id)
    assert match.wait(2 * HELD_MS) == []
    assert kinds(match.event("brazil:7")) == HELD_EVENT


def test_a_pool_that_opens_again_is_as_blocked_as_it_was() -> None:
    match = Match()
    pool_id = held(match)
    match.do(BlockPool(pool_id=pool_id))
    match.event("argentina:7")
    assert only(take_back(match), PoolReopened).is_blocked
    assert match[pool_id].is_blocked


@pytest.mark.parametrize(
    "command",
    [
        lambda pool_id, at: AllowPool(pool_id=pool_id),
        lambda pool_id, at: AllowAction(game_id=GAME, action="goal"),
    ],
)
def test_allowing_bets_in_a_decided_pool_waits_until_it_is_open_again(command: object) -> None:
    assert callable(command)
    match = Match()
    pool_id = held(match)
    match.do(BlockPool(pool_id=pool_id))
    match.event("argentina:7")
    assert "betting_allowed" not in kinds(match.do(command(pool_id, match.now)))
    assert match.wait(10) == []
    assert match[pool_id].is_blocked
    take_back(match)
    assert kinds(match.wait(0)) == ["betting_allowed"]
    assert not match[pool_id].is_blocked


@pytest.mark.parametrize(
    "command",
    [
        lambda pool_id, at: BlockPool(pool_id=pool_id, block_at=at),
        lambda pool_id, at: BlockAction(game_id=GAME, action="goal", block_at=at),
    ],
)
def test_a_plan_that_falls_due_meanwhile_is_done_when_the_pool_is_open_again(
    command: object,
) -> None:
    assert callable(command)
    match = Match()
    pool_id = held(match)
    match.do(command(pool_id, match.now + 10))
    match.event("argentina:7")
    assert "betting_blocked" not in kinds(match.wait(20))
    take_back(match)
    assert kinds(match.wait(0)) == ["betting_blocked"]


def test_a_pool_whose_time_ran_out_meanwhile_ends_when_it_is_open_again() -> None:
    match = Match()
    pool_id = held(match, TIME, finish_at=NOW + 5_000)
    match.event("argentina:7")
    assert match.wait(6_000) == []
    take_back(match)
    [(_, resolved)] = match.wait(0)
    assert isinstance(resolved, PoolResolved)
    assert (resolved.pool_id, resolved.expired_at) == (pool_id, NOW + 5_000)


def dead_heat(match: Match) -> list[Fact]:
    command = RegisterEvent(
        game_id=GAME, action_id="goal", target_id="argentina:7", also=("brazil:7",)
    )
    return match.do(command)


@pytest.mark.parametrize("which", [0, 1])
def test_one_event_of_a_dead_heat_leaves_the_others_to_decide(which: int) -> None:
    match = Match()
    pool_id = held(match)
    first, second, *_ = dead_heat(match)
    assert isinstance(first, EventRegistered)
    assert isinstance(second, EventRegistered)
    events = (first.event_id, second.event_id)
    decided = only(take_back(match, events[which]), PoolDecided)
    assert decided.winning_targets == (("brazil",), ("argentina",))[which]
    assert decided.confirm_at == match.now + HELD_MS
    assert kinds(take_back(match, events[1 - which])) == ["event_taken_back", "pool_reopened"]
    assert match[pool_id].decided is None


@pytest.mark.parametrize("which", [0, 1])
def test_one_event_of_a_paid_dead_heat_settles_again_for_the_others(which: int) -> None:
    match = Match()
    pool_id = match.pool()
    match.bet(ANN, 4_000, "argentina", pool_id)
    match.bet(BEN, 3_000, "brazil", pool_id)
    match.bet(CAT, 1_000, "none", pool_id)
    first, second, *_ = dead_heat(match)
    assert isinstance(first, EventRegistered)
    assert isinstance(second, EventRegistered)
    events = (first.event_id, second.event_id)
    corrected = only(take_back(match, events[which]), PoolCorrected)
    assert corrected.winners == (("brazil",), ("argentina",))[which]
    winner = (BEN, ANN)[which]
    assert match.accounts.available(winner) == 100_000 + 8_000 - (3_000, 4_000)[which]
    again = only(take_back(match, events[1 - which]), PoolCorrected)
    assert again.winners == ()
    assert match.accounts.available(ANN) == match.accounts.available(BEN) == 100_000


def test_a_paid_pool_is_cancelled_and_not_opened_again() -> None:
    match = Match()
    pool_id = match.pool()
    match.bet(ANN, 4_000, "argentina", pool_id)
    match.bet(BEN, 3_000, "brazil", pool_id)
    match.event("argentina:7")
    assert match.accounts.available(ANN) == 103_000
    facts = take_back(match)
    assert kinds(facts) == ["event_taken_back", "pool_corrected"]
    assert match.accounts.available(ANN) == match.accounts.available(BEN) == 100_000
    assert pool_id not in match.game.pools


def test_a_pool_that_an_admin_has_corrected_since_keeps_that_result() -> None:
    match = Match()
    pool_id = match.pool()
    match.bet(ANN, 4_000, "argentina", pool_id)
    match.event("argentina:7")
    correction = CorrectPool(
        pool_id=pool_id, winning_target="none", reason="video", corrects_seq=match.game.seq
    )
    match.do(correction)
    assert kinds(take_back(match)) == ["event_taken_back"]


def test_a_confirmed_pool_is_cancelled_too() -> None:
    match = Match()
    held(match)
    match.event("argentina:7")
    match.wait(HELD_MS)
    assert kinds(take_back(match)) == ["event_taken_back", "pool_corrected"]


def test_an_event_is_taken_back_once_and_within_its_time() -> None:
    match = Match()
    match.event("argentina:7")
    event_id = match.game.events[-1].event_id
    again = TakeBackEvent(game_id=GAME, event_id=event_id, reason="offside")
    unknown = TakeBackEvent(game_id=GAME, event_id="x", reason="offside")
    assert match.refused(unknown).code is Code.INVALID_PARAMETER
    match.do(again)
    assert match.refused(again).code is Code.ALREADY_EXISTS
    match.event("argentina:7")
    late = TakeBackEvent(game_id=GAME, event_id=match.game.events[-1].event_id, reason="late")
    match.wait(match.limits.correction_window + 1)
    assert match.refused(late).code is Code.LIMIT_REACHED


def correction(match: Match, pool_id: str, **parameters: object) -> CorrectPool:
    known = {"pool_id": pool_id, "reason": "video", "corrects_seq": match.game.seq}
    return CorrectPool(**(known | parameters))  # type: ignore[arg-type]


def test_what_a_correction_may_name() -> None:
    match = Match()
    pool_id, other = match.pool(), match.pool()
    match.bet(ANN, 4_000, "argentina", pool_id)
    assert match.refused(correction(match, pool_id, cancel=True)).code is Code.POOL_NOT_RESOLVED
    match.do(cancelling(other))
    match.event("argentina:7")
    for parameters, code in (
        ({"cancel": True, "corrects_seq": 1}, Code.POOL_RESOLVED),
        ({"winning_target": "chile"}, Code.UNKNOWN_TARGET),
        ({"winning_targets": ("brazil", "none")}, Code.INVALID_PARAMETER),
        ({"winning_target": "argentina"}, Code.ALREADY_EXISTS),
    ):
        assert match.refused(correction(match, pool_id, **parameters)).code is code
    both = correction(match, pool_id, winning_targets=("brazil", "argentina"))
    [fact] = match.do(both)
    assert isinstance(fact, PoolCorrected)
    assert fact.winners == ("argentina", "brazil"), "in the pool's order"
    match.wait(match.limits.correction_window + 1)
    late = correction(match, pool_id, cancel=True)
    assert match.refused(late).code is Code.LIMIT_REACHED


def test_exactly_one_result_is_named() -> None:
    for parameters in ({}, {"cancel": True, "winning_target": "brazil"}):
        command = CorrectPool(pool_id="x", reason="video", corrects_seq=1, **parameters)  # type: ignore[arg-type]
        refusal = command.wrong()
        assert refusal is not None
        assert refusal.code is Code.INVALID_PARAMETER


def test_a_closed_game_takes_a_correction_and_nothing_else() -> None:
    match = Match()
    pool_id = match.pool()
    match.bet(ANN, 4_000, "argentina", pool_id)
    match.bet(BEN, 3_000, "none", pool_id)
    match.do(CLOSE)
    assert match.accounts.available(BEN) == 104_000
    late = correction(match, pool_id, winning_target="argentina", corrects_seq=match.game.seq - 1)
    assert kinds(match.do(late)) == ["pool_corrected"]
    assert match.accounts.available(ANN) == 103_000
    assert match.refused(cancelling(pool_id)).code is Code.GAME_CLOSED

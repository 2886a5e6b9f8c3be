"""Corrections of results: the table of docs/explanation/results.md, settled by the rules.

Amounts are hundredths. Ann has 40.00 and Bob 20.00 on Argentina, Cleo 30.00 on Brazil, Dan 10.00 on
none. Argentina wins, and Bob stakes 30.00 of his 33.33 elsewhere.
"""

from collections.abc import Mapping

import pytest
from attrs import asdict, evolve

from game.commands import CorrectPool, TakeBackEvent
from game.context import DecisionContext
from game.corrections import Funds, correct_pool, corrected, take_back_event
from game.facts import BetPlaced, Entry, EventRegistered, PoolResolved
from game.ledger import available_of, house_of, movements, pool_account, transfers
from game.limits import RuleLimits
from game.past import Past, PastPool, past_pool
from game.policy import Policy, Unbacked
from game.pools import opened_pool
from game.refusals import Code, Refusal
from game.results import outcome_of
from game.revisions import EventTakenBack, PoolCorrected, PoolDecided, PoolReopened
from game.vocabulary import LARGEST_TIME, PoolType
from tests.support.play import UNTIMED, Play, creation

SOURCE = "5a1c0ab7-e45e-4c4b-8e6f-9d5f1f2f3a4b"
POOL = "5c0ab7e4-5e2c-4b6e-9f5d-1f2f3a4b5c6d"
ANN, BOB, CLEO, DAN = 1, 2, 3, 4
STAKES = {ANN: ("argentina", 4_000), BOB: ("argentina", 2_000), CLEO: ("brazil", 3_000)}
STAKES |= {DAN: ("none", 1_000)}
TARGETS = {"argentina": "Argentina", "brazil": "Brazil", "none": "None"}
OPENED = evolve(UNTIMED, pool_id=POOL, targets=TARGETS, by=9)


def resolved_pool() -> PastPool:
    """Return the pool of the table after Argentina won; bets were placed at 2, 3, 4 and 5."""
    past = past_pool(Entry(1, 1, OPENED))
    for seq, (user_id, (target, amount)) in enumerate(STAKES.items(), 2):
        bet = BetPlaced(
            pool_id=POOL, bet_id=str(seq), user_id=user_id, target_id=target, amount=amount
        )
        past.add(Entry(seq, seq, bet))
    outcome = outcome_of(past.pool, ("argentina",), void_after=9)
    fact = PoolResolved(
        pool_id=POOL,
        description="Who is next?",
        winning_target="argentina",
        winning_targets=("argentina",),
        event_id="goal-1",
        void_after=9,
        **asdict(outcome, recurse=False),
    )
    past.add(Entry(6, 9, fact))
    return past


def correct(
    past: PastPool, free: Mapping[int, int], *winners: str, void_after: int = 9
) -> PoolCorrected:
    """Correct the pool, and add the correction to its past."""
    funds = Funds(dict(free), carry=0)
    fact = corrected(past, winners, void_after, funds, reason="video", by=8)
    past.add(Entry(past.result_seq + 1, 10, fact))
    return fact


def moved(fact: PoolCorrected) -> dict[int, tuple[int, int]]:
    """Return what moves for each user, and what is owed."""
    return {move.user_id: (move.amount, move.owed) for move in fact.moves}


def test_the_table_of_the_documentation() -> None:
    past = resolved_pool()
    assert past.received == {ANN: 6_667, BOB: 3_333, CLEO: 0, DAN: 0}
    free = {ANN: 6_667, BOB: 333, CLEO: 0, DAN: 0}

    to_brazil = correct(past, free, "brazil")
    assert moved(to_brazil) == {ANN: (-6_667, 0), BOB: (-333, 3_000), CLEO: (10_000, 0)}
    assert to_brazil.lent_change == 3_000

    cancelled = correct(past, {CLEO: 10_000})
    assert moved(cancelled) == {
        ANN: (4_000, 0),
        BOB: (0, 1_000),
        CLEO: (-7_000, 0),
        DAN: (1_000, 0),
    }
    assert cancelled.lent_change == -2_000

    to_argentina = correct(past, {ANN: 4_000, CLEO: 3_000, DAN: 1_000}, "argentina")
    assert moved(to_argentina) == {
        ANN: (2_667, 0),
        BOB: (333, 0),
        CLEO: (-3_000, 0),
        DAN: (-1_000, 0),
    }
    assert to_argentina.lent_change == -1_000
    assert past.received == {ANN: 6_667, BOB: 3_333, CLEO: 0, DAN: 0}


def test_the_transfers_leave_the_pool_empty_and_the_house_lends() -> None:
    past = resolved_pool()
    fact = correct(past, {ANN: 6_667, BOB: 333}, "brazil")
    pool, house = pool_account(POOL), house_of(SOURCE)
    told = [(t.debit, t.credit, t.amount, t.cause) for t in transfers(fact, SOURCE)]
    assert told == [
        (available_of(ANN), pool, 6_667, "correction"),
        (available_of(BOB), pool, 333, "correction"),
        (pool, available_of(CLEO), 10_000, "correction"),
        (house, pool, 3_000, "shortfall"),
    ]
    changes = {one.user_id: (one.available, one.exposure, one.cause) for one in movements(fact)}
    assert changes == {
        ANN: (-6_667, 0, "correction"),
        BOB: (-333, 0, "correction"),
        CLEO: (10_000, 0, "correction"),
    }


def test_several_corrections_of_one_decision_take_from_the_same_funds() -> None:
    funds = Funds({BOB: 4_000, ANN: 10_000}, carry=0)
    one, other = resolved_pool(), resolved_pool()
    first = corrected(one, ("brazil",), 9, funds, reason="video", by=8)
    second = corrected(other, ("brazil",), 9, funds, reason="video", by=8)
    assert moved(first)[BOB] == (-3_333, 0)
    assert moved(second)[BOB] == (-667, 2_666)
    assert moved(second)[ANN] == (-3_333, 3_334)


def test_points_move_by_the_difference() -> None:
    fact = correct(resolved_pool(), {}, "brazil")
    assert {move.user_id: move.points for move in fact.moves} == {
        ANN: -6_667,
        BOB: -3_333,
        CLEO: 10_000,
    }


def test_who_gains_and_loses_nothing_is_not_named() -> None:
    fact = correct(resolved_pool(), {}, "argentina", void_after=LARGEST_TIME)
    assert fact.moves == ()
    assert transfers(fact, SOURCE) == []


def test_another_time_of_the_event_voids_other_bets() -> None:
    past = resolved_pool()
    fact = correct(past, {ANN: 6_667, BOB: 3_333}, "argentina", void_after=2)
    assert {one.user_id: one.void_stake for one in fact.settlements} == {
        ANN: 0,
        BOB: 2_000,
        CLEO: 3_000,
        DAN: 1_000,
    }
    assert moved(fact) == {
        ANN: (-2_667, 0),
        BOB: (-1_333, 0),
        CLEO: (3_000, 0),
        DAN: (1_000, 0),
    }


@pytest.mark.parametrize(("there", "taken", "lent"), [(10_000, 10_000, 0), (4_000, 4_000, 6_000)])
def test_what_was_carried_over_comes_back_as_far_as_it_is_there(
    there: int, taken: int, lent: int
) -> None:
    past = resolved_pool()
    assert isinstance(past.result, PoolResolved)
    nothing = tuple(evolve(one, paid=0) for one in past.result.settlements)
    past.resolved = past.result = evolve(past.result, settlements=nothing, carried_out=10_000)
    past.received, past.carried = dict.fromkeys(past.received, 0), 10_000
    fact = corrected(past, ("brazil",), 9, Funds({}, carry=there), reason="video", by=8)
    assert (fact.carry_moved, fact.carry_change, fact.carried_out) == (-taken, -10_000, 0)
    assert fact.lent_change == lent
    assert moved(fact) == {CLEO: (10_000, 0)}


WINDOW = RuleLimits(correction_window=91)
GOAL = EventRegistered(
    event_id="goal-1",
    action_id="goal",
    target_id="argentina",
    target_display_name="Argentina",
    happened_at=9,
    current_count={"argentina": 1},
    by=9,
)


def context(now: int, past: Past) -> DecisionContext:
    return DecisionContext(now=now, user_id=8, limits=WINDOW, past=past)


def test_a_result_can_be_corrected_until_the_end_of_its_window() -> None:
    game, past = Play(creation()).game, resolved_pool()
    command = CorrectPool(pool_id=POOL, corrects_seq=6, reason="video", winning_target="brazil")
    assert past.resolved_at == 9
    [fact] = correct_pool(game, command, context(100, Past(pools=[past])))
    assert isinstance(fact, PoolCorrected)
    with pytest.raises(Refusal) as late:
        correct_pool(game, command, context(101, Past(pools=[past])))
    assert late.value.code is Code.LIMIT_REACHED


def test_an_event_can_be_taken_back_until_the_end_of_its_window() -> None:
    game, past = Play(creation()).game, Past(moment=[Entry(6, 9, GOAL)])
    command = TakeBackEvent(game_id=game.game_id, event_id="goal-1", reason="offside")
    for count, left in ((3, 2), (1, 0), (0, 0)):
        game.counts["goal"] = {"argentina": count}
        [fact] = take_back_event(game, command, context(100, past))
        assert isinstance(fact, EventTakenBack)
        assert fact.current_count == {"argentina": left}
    with pytest.raises(Refusal) as late:
        take_back_event(game, command, context(101, past))
    assert late.value.code is Code.LIMIT_REACHED


@pytest.mark.parametrize(
    ("carried_out", "still_there", "moved_back"), [(700, 700, 700), (300, 0, 0)]
)
def test_only_what_the_carry_still_has_of_the_pool_is_taken_back(
    carried_out: int, still_there: int, moved_back: int
) -> None:
    past = resolved_pool()
    assert isinstance(past.result, PoolResolved)
    past.result = evolve(past.result, carried_out=carried_out)
    past.carried = still_there
    fact = corrected(past, ("brazil",), 9, Funds({}, carry=5_000), reason="video", by=8)
    assert (fact.carry_moved, fact.carry_change) == (-moved_back, -carried_out)


def test_the_carry_gives_back_the_difference_of_two_results_that_carry() -> None:
    past = resolved_pool()
    carrying = Policy("carry", unbacked=Unbacked.CARRY)
    past.pool.opened = evolve(past.pool.opened, policy=carrying, targets=TARGETS | {"x": "X"})
    past.carried = 12_000
    fact = corrected(past, ("x",), 9, Funds({}, carry=5_000), reason="video", by=8)
    assert (fact.carried_out, fact.carry_moved, fact.void_after) == (10_000, -2_000, 9)
    past.carried = 4_000
    fact = corrected(past, ("x",), 9, Funds({}, carry=5_000), reason="video", by=8)
    assert fact.carry_moved == 6_000
    fact = corrected(past, (), 9, Funds({}, carry=5_000), reason="video", by=8)
    assert (fact.carry_moved, fact.void_after, fact.is_money_return) == (-4_000, LARGEST_TIME, True)


def test_a_user_who_received_a_part_owes_no_more_than_that() -> None:
    past = resolved_pool()
    past.received |= {ANN: 100, BOB: 3_333, CLEO: 2_500}
    fact = corrected(
        past, ("brazil",), 9, Funds({ANN: 60, BOB: 5_000}, carry=0), reason="video", by=8
    )
    assert moved(fact) == {ANN: (-60, 40), BOB: (-3_333, 0), CLEO: (7_500, 0)}


@pytest.mark.parametrize("happened_at", [8, 10])
def test_another_time_of_the_same_winner_is_another_result(happened_at: int) -> None:
    game, past = Play(creation()).game, resolved_pool()
    command = CorrectPool(
        pool_id=POOL,
        corrects_seq=6,
        reason="video",
        winning_target="argentina",
        happened_at=happened_at,
    )
    [fact] = correct_pool(game, command, context(50, Past(pools=[past])))
    assert isinstance(fact, PoolCorrected)
    assert fact.void_after == happened_at


def test_the_event_that_is_named_is_taken_back_of_several_of_a_moment() -> None:
    other = evolve(GOAL, event_id="goal-2", target_id="brazil", together_with="goal-1")
    game, past = Play(creation()).game, Past(moment=[Entry(6, 9, GOAL), Entry(7, 9, other)])
    command = TakeBackEvent(game_id=game.game_id, event_id="goal-2", reason="offside")
    [fact] = take_back_event(game, command, context(50, past))
    assert isinstance(fact, EventTakenBack)
    assert (fact.event_id, fact.target_id) == ("goal-2", "brazil")


def test_a_hundredth_that_is_not_there_is_lent_by_the_house() -> None:
    past = resolved_pool()
    assert isinstance(past.result, PoolResolved)
    past.received, past.carried = {ANN: 1, BOB: 0, CLEO: 0, DAN: 0}, 1
    past.result = evolve(past.result, carried_out=1)
    fact = corrected(past, ("brazil",), 9, Funds({}, carry=0), reason="video", by=8)
    assert (fact.carry_moved, moved(fact)[ANN]) == (0, (0, 1))


@pytest.mark.parametrize("seq", [5, 7])
def test_a_correction_of_another_result_than_the_one_that_stands_is_refused(seq: int) -> None:
    command = CorrectPool(pool_id=POOL, corrects_seq=seq, reason="video", winning_target="brazil")
    with pytest.raises(Refusal) as stale:
        correct_pool(Play(creation()).game, command, context(50, Past(pools=[resolved_pool()])))
    assert stale.value.code is Code.POOL_RESOLVED


def test_a_result_of_a_long_journal_can_be_corrected_but_not_to_itself() -> None:
    """Numbers of a thousand and more: the same value is not always the same object."""
    game, past = Play(creation()).game, resolved_pool()
    seq, void_after = "5000", "9000"
    past.result_seq, past.void_after, past.bound = int(seq), int(void_after), int(void_after)
    command = CorrectPool(
        pool_id=POOL, corrects_seq=int(seq), reason="video", winning_target="brazil"
    )
    [fact] = correct_pool(game, command, context(50, Past(pools=[past])))
    assert isinstance(fact, PoolCorrected)
    same = evolve(command, winning_target="argentina", happened_at=int(void_after))
    with pytest.raises(Refusal) as refused:
        correct_pool(game, same, context(10_000, Past(pools=[past])))
    assert refused.value.code is Code.ALREADY_EXISTS


def test_an_event_cannot_have_happened_after_its_correction() -> None:
    game, past = Play(creation()).game, resolved_pool()
    command = CorrectPool(
        pool_id=POOL, corrects_seq=6, reason="video", winning_target="brazil", happened_at=60
    )
    [fact] = correct_pool(game, command, context(50, Past(pools=[past])))
    assert isinstance(fact, PoolCorrected)
    assert fact.void_after == 50
    past.bound = LARGEST_TIME
    [fact] = correct_pool(game, evolve(command, happened_at=None), context(50, Past(pools=[past])))
    assert isinstance(fact, PoolCorrected)
    assert fact.void_after == LARGEST_TIME, "no event has a time that voids bets"


@pytest.mark.parametrize("past", [None, Past()])
def test_a_pool_that_is_not_resolved_cannot_be_corrected(past: Past | None) -> None:
    game = Play(creation()).game
    command = CorrectPool(pool_id=POOL, corrects_seq=6, reason="video", winning_target="brazil")
    for pools in ({}, {POOL: opened_pool(OPENED, 1)}):
        game.pools = dict(pools)
        with pytest.raises(Refusal) as refused:
            correct_pool(
                game, command, DecisionContext(now=50, user_id=8, limits=WINDOW, past=past)
            )
        assert refused.value.code is Code.POOL_NOT_RESOLVED


def test_a_binary_pool_can_be_cancelled() -> None:
    game, past = Play(creation()).game, resolved_pool()
    past.pool.opened = evolve(past.pool.opened, type=PoolType.BINARY_EVENT)
    command = CorrectPool(pool_id=POOL, corrects_seq=6, reason="a false start", cancel=True)
    [fact] = correct_pool(game, command, context(50, Past(pools=[past])))
    assert isinstance(fact, PoolCorrected)
    assert fact.winning_targets == ()


def decided_by(event_id: str) -> PoolDecided:
    return PoolDecided(
        pool_id=f"pool of {event_id}",
        winning_targets=("argentina",),
        void_after=9,
        event_id=event_id,
        confirm_at=100,
        was_blocked=False,
        by=9,
    )


def test_only_pools_that_the_event_decided_are_reopened_with_it() -> None:
    game = Play(creation()).game
    decisions = [None, *map(decided_by, ("goal-0", "goal-1", "goal-2"))]
    for number, decided in enumerate(decisions):
        pool_id = f"undecided {number}" if decided is None else decided.pool_id
        pool = opened_pool(evolve(OPENED, pool_id=pool_id), 1)
        pool.decided = decided
        game.pools[pool_id] = pool
    command = TakeBackEvent(game_id=game.game_id, event_id="goal-1", reason="offside")
    _, reopened = take_back_event(game, command, context(50, Past(moment=[Entry(6, 9, GOAL)])))
    assert isinstance(reopened, PoolReopened)
    assert reopened.pool_id == "pool of goal-1"


@pytest.mark.parametrize("is_held", [True, False])
def test_an_event_beside_another_that_decides_the_same_changes_no_result(is_held: bool) -> None:
    game, pool = Play(creation()).game, resolved_pool()
    twin = evolve(GOAL, event_id="goal-2", together_with="goal-1")
    past = Past(moment=[Entry(6, 9, GOAL), Entry(7, 9, twin)], pools=[] if is_held else [pool])
    pool.event_id = "goal-1"
    if is_held:
        decided = evolve(decided_by("goal-1"), pool_id=POOL)
        game.pools[POOL] = opened_pool(OPENED, 1)
        game.pools[POOL].decided = evolve(decided, winning_targets=("argentina",))
    command = TakeBackEvent(game_id=game.game_id, event_id="goal-2", reason="offside")
    [fact] = take_back_event(game, command, context(50, past))
    assert isinstance(fact, EventTakenBack)

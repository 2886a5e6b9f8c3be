"""What timers do, and when: pools that expire or are recreated, and games that close."""

from typing import Any

import pytest

from game.commands import BlockPool, PlaceBet
from game.due import wake_at
from game.facts import (
    BettingBlocked,
    ClosingStarted,
    Fact,
    GameClosed,
    PoolOpened,
    PoolResolved,
    Settlement,
    StatusReached,
)
from game.refusals import Code
from game.vocabulary import Status
from tests.support.match import (
    ANN,
    BEN,
    BINARY,
    BINARY_TIME,
    CLOSE,
    EVENT,
    NOW,
    TIME,
    Match,
    cancelling,
    kinds,
    opening,
    update,
)

SECOND = 1_000
MINUTE = 60_000


def times(happened: list[tuple[int, Fact]]) -> list[int]:
    """When, from the beginning on."""
    return [at - NOW for at, _ in happened]


def only_pool(match: Match) -> PoolOpened:
    [pool] = match.game.pools.values()
    return pool.opened


# Time-based pools.


@pytest.mark.parametrize(
    ("type_", "winner", "other"), [(TIME, "none", "brazil"), (BINARY_TIME, "no", "yes")]
)
def test_a_time_based_pool_runs_out_at_finish_at(type_: int, winner: str, other: str) -> None:
    match = Match()
    pool_id = match.pool(type_, finish_at=NOW + MINUTE)
    match.until(NOW + MINUTE - 1)
    match.bet(ANN, 100, winner, pool_id)
    match.bet(BEN, 200, other, pool_id)
    [(at, fact)] = match.until(NOW + 2 * MINUTE)
    assert at == NOW + MINUTE
    assert isinstance(fact, PoolResolved)
    assert (fact.winning_target, fact.expired_at) == (winner, NOW + MINUTE)
    assert fact.settlements == (
        Settlement(ANN, won_stake=100, paid=300),
        Settlement(BEN, lost_stake=200),
    )


def test_a_bet_at_finish_at_comes_too_late_however_late_the_timer() -> None:
    match = Match()
    pool_id = match.pool(TIME, finish_at=NOW + MINUTE)
    match.now = NOW + MINUTE
    command = PlaceBet(pool_id=pool_id, target="none", amount=100)
    assert match.refused(command).code is Code.POOL_RESOLVED


def test_an_event_ends_a_time_based_pool_before_its_time() -> None:
    match = Match()
    match.pool(TIME, finish_at=NOW + MINUTE)
    fact = match.resolved("brazil:7")
    assert (fact.winning_target, fact.expired_at) == ("brazil", None)
    assert match.wait(2 * MINUTE) == []


def test_a_binary_time_based_pool_runs_out_while_the_game_is_closing() -> None:
    match = Match()
    match.pool(BINARY_TIME, finish_at=NOW + MINUTE, recreate_on_end=True)
    match.do(CLOSE)
    [(at, fact)] = match.until(NOW + MINUTE)
    assert isinstance(fact, PoolResolved)
    assert (at, fact.winning_target) == (NOW + MINUTE, "no")
    assert match.game.status is Status.BETTING_CLOSED
    assert match.do(CLOSE) == [GameClosed(by=1)]


def test_the_last_one_to_run_out_completes_a_close_that_is_due() -> None:
    match = Match(close_at=NOW + SECOND)
    match.pool(BINARY_TIME, finish_at=NOW + MINUTE)
    match.pool(BINARY_TIME, finish_at=NOW + 2 * MINUTE)
    happened = match.until(NOW + 9 * MINUTE)
    assert kinds(happened)[-3:] == ["pool_resolved", "pool_resolved", "game_closed"]
    assert times(happened)[-3:] == [MINUTE, 2 * MINUTE, 2 * MINUTE]


# recreate_on_end.


def test_a_pool_that_an_event_ended_opens_again_with_the_same_settings() -> None:
    match = Match()
    pool_id = match.pool(
        targets=("Brazil",),
        is_blocked=True,
        is_hot=False,
        stop_accepting_bets_at=NOW + MINUTE,
        recreate_on_end=True,
    )
    old = match[pool_id].opened
    match.wait(SECOND)
    assert match.resolved("brazil:7").is_recreated
    [(at, fact)] = match.wait(0)
    assert at == NOW + SECOND
    assert fact == PoolOpened(
        pool_id=only_pool(match).pool_id,
        description=old.description,
        type=EVENT,
        action_id="goal",
        targets=old.targets,
        is_blocked=True,
        is_hot=False,
        finish_at=None,
        stop_accepting_bets_at=NOW + SECOND + MINUTE,
        recreate_on_end=True,
        recreates=pool_id,
        by=None,
    )
    assert only_pool(match).pool_id != pool_id


def test_changes_of_the_old_pool_are_not_settings_of_the_new_one() -> None:
    match = Match()
    pool_id = match.pool(recreate_on_end=True)
    match.bet(ANN, 100, "brazil", pool_id)
    match.do(BlockPool(pool_id=pool_id))
    match.do(BlockPool(pool_id=pool_id, block_at=NOW + MINUTE))
    match.event("brazil:7")
    match.wait(0)
    [pool] = match.game.pools.values()
    assert (pool.is_blocked, pool.bets) == (False, [])
    assert match.wait(2 * MINUTE) == []


def test_a_pool_that_ran_out_opens_again_at_that_moment_for_the_same_time() -> None:
    match = Match()
    match.pool(
        TIME,
        finish_at=NOW + MINUTE,
        stop_accepting_bets_at=NOW + 40 * SECOND,
        recreate_on_end=True,
    )
    happened = match.until(NOW + MINUTE)
    assert kinds(happened) == ["pool_resolved", "pool_opened"]
    assert times(happened) == [MINUTE, MINUTE]
    assert only_pool(match).finish_at == NOW + 2 * MINUTE
    assert only_pool(match).stop_accepting_bets_at == NOW + MINUTE + 40 * SECOND
    assert times(match.until(NOW + 2 * MINUTE)) == [2 * MINUTE, 2 * MINUTE]


def test_the_times_move_by_the_same_durations_when_it_ended_early() -> None:
    match = Match()
    match.wait(SECOND)
    match.pool(TIME, finish_at=NOW + MINUTE, recreate_on_end=True)
    match.until(NOW + 20 * SECOND)
    match.event("brazil:7")
    match.wait(0)
    assert only_pool(match).finish_at == NOW + 20 * SECOND + 59 * SECOND


@pytest.mark.parametrize("down", [2 * MINUTE, 2 * MINUTE + 1, 60 * MINUTE])
def test_after_a_downtime_it_opens_once_from_now(down: int) -> None:
    match = Match()
    match.pool(TIME, finish_at=NOW + MINUTE, recreate_on_end=True)
    happened = match.until(NOW + down)
    assert kinds(happened) == ["pool_resolved", "pool_opened"]
    assert times(happened) == [MINUTE, down]
    assert only_pool(match).finish_at == NOW + down + MINUTE


def test_after_a_downtime_shorter_than_the_pool_it_has_opened_when_it_ended() -> None:
    match = Match()
    match.pool(TIME, finish_at=NOW + MINUTE, recreate_on_end=True)
    assert times(match.until(NOW + 2 * MINUTE - 1)) == [MINUTE, MINUTE]


def test_a_binary_pool_opens_again_with_a_new_action_of_its_own() -> None:
    match = Match()
    pool_id = match.pool(BINARY, recreate_on_end=True)
    match.event("yes", f"pool-{pool_id}")
    match.wait(0)
    new = only_pool(match)
    assert new.action_id == f"pool-{new.pool_id}" != f"pool-{pool_id}"
    assert match.resolved("no", new.action_id).is_recreated


def test_a_pool_that_a_close_ends_does_not_come_back() -> None:
    match = Match(close_at=NOW + MINUTE)
    match.pool(recreate_on_end=True)
    match.pool(TIME, finish_at=NOW + MINUTE, recreate_on_end=True)
    happened = match.until(NOW + 9 * MINUTE)
    assert kinds(happened) == ["pool_resolved", "pool_resolved", "game_closed"]


def test_a_pool_that_runs_out_at_the_moment_of_a_close_does_not_come_back() -> None:
    match = Match(close_at=NOW + MINUTE)
    match.pool(BINARY)
    match.pool(BINARY_TIME, finish_at=NOW + MINUTE, recreate_on_end=True)
    happened = match.until(NOW + 9 * MINUTE)
    assert kinds(happened) == ["pool_resolved", "betting_blocked", "closing_started"]


def test_it_does_not_come_back_after_a_downtime_in_which_the_game_closed() -> None:
    match = Match(close_at=NOW + 2 * MINUTE)
    match.pool(TIME, finish_at=NOW + MINUTE, recreate_on_end=True)
    happened = match.until(NOW + 9 * MINUTE)
    assert (kinds(happened), times(happened)) == (
        ["pool_resolved", "game_closed"],
        [MINUTE, 2 * MINUTE],
    )


def test_a_downtime_between_an_end_and_the_reopening_changes_nothing() -> None:
    match = Match()
    match.pool(recreate_on_end=True)
    match.event("brazil:7")
    assert times(match.wait(60 * MINUTE)) == [0]


# Closing automatically (section 6).


@pytest.mark.parametrize("has_manual", [False, True])
def test_close_at_does_what_a_close_does(has_manual: bool) -> None:
    match = Match(close_at=NOW + MINUTE)
    parimutuel = match.pool()
    manual = match.pool(BINARY) if has_manual else ""
    happened = match.until(NOW + 2 * MINUTE)
    facts = [fact for _, fact in happened]
    assert isinstance(facts[0], PoolResolved)
    assert (facts[0].pool_id, facts[0].winning_target) == (parimutuel, "none")
    if has_manual:
        blocked = BettingBlocked(pool_id=manual, blocked_at=NOW + MINUTE, own=False)
        assert facts[1:] == [blocked, ClosingStarted()]
    else:
        assert facts[1:] == [GameClosed()]
    assert set(times(happened)) == {MINUTE}


def test_a_close_at_that_passes_while_closing_is_stored_once() -> None:
    match = Match(close_at=NOW + MINUTE)
    match.pool(BINARY)
    match.do(CLOSE)
    assert kinds(match.until(NOW + 9 * MINUTE)) == ["close_fell_due"]
    assert wake_at(match.game) is None


def test_what_arrives_at_close_at_comes_too_late() -> None:
    match = Match(close_at=NOW + MINUTE)
    match.now = NOW + MINUTE
    assert match.refused(opening()).code is Code.GAME_CLOSED


# Several timers at the same time.


def test_of_things_due_at_the_same_moment_pools_come_before_their_game() -> None:
    match = Match(close_at=NOW + MINUTE, live_start_at=NOW + MINUTE)
    match.pool()
    timed = match.pool(TIME, finish_at=NOW + MINUTE)
    manual = match.pool(BINARY_TIME, finish_at=NOW + MINUTE)
    blocked = match.pool(BINARY)
    match.do(BlockPool(pool_id=blocked, block_at=NOW + MINUTE))
    facts = [fact for _, fact in match.until(NOW + MINUTE)]
    ended = [f.pool_id for f in facts if isinstance(f, PoolResolved) and f.expired_at is not None]
    assert ended == [timed, manual]
    assert facts[2] == BettingBlocked(pool_id=blocked, blocked_at=NOW + MINUTE)
    assert kinds(facts[3:]) == ["pool_resolved", "betting_blocked", "closing_started"]


def test_what_fell_due_in_a_downtime_happens_in_order_of_its_times() -> None:
    match = Match(close_at=NOW + 9 * MINUTE, live_start_at=NOW + 2 * MINUTE)
    late = match.pool(TIME, finish_at=NOW + 3 * MINUTE)
    match.pool(BINARY_TIME, finish_at=NOW + MINUTE)
    match.do(BlockPool(pool_id=late, block_at=NOW + 2 * MINUTE))
    happened = match.until(NOW + 60 * MINUTE)
    assert [at // MINUTE for at in times(happened)] == [1, 2, 2, 3, 9]
    assert kinds(happened) == [
        "pool_resolved",
        "betting_blocked",
        "game_transition",
        "pool_resolved",
        "game_closed",
    ]
    assert happened[2][1] == StatusReached(status=Status.IN_PROGRESS)


@pytest.mark.parametrize(
    ("kind", "parameters", "wanted"),
    [
        (EVENT, {}, None),
        (EVENT, {"stop_accepting_bets_at": NOW + SECOND}, None),
        (TIME, {"finish_at": NOW + MINUTE}, NOW + MINUTE),
        (BINARY_TIME, {"finish_at": NOW + MINUTE}, NOW + MINUTE),
    ],
)
def test_a_game_wakes_up_for_what_ends_its_pools_and_sleeps_otherwise(
    kind: int, parameters: dict[str, Any], wanted: int | None
) -> None:
    match = Match()
    pool_id = match.pool(kind, **parameters)
    assert wake_at(match.game) == wanted
    match.bet(ANN, 100, "no" if kind == BINARY_TIME else "none", pool_id)
    assert wake_at(match.game) == wanted
    match.do(BlockPool(pool_id=pool_id, block_at=NOW + SECOND))
    assert wake_at(match.game) == NOW + SECOND
    match.do(cancelling(pool_id))
    match.do(update(close_at=NOW + 2 * MINUTE))
    assert wake_at(match.game) == NOW + 2 * MINUTE

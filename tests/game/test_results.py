"""How pools and games end: events, cancelling, closing (contract, sections 6 and 7)."""

import pytest

from game.commands import CreateGame, OpenGame
from game.facts import (
    BettingBlocked,
    ClosingStarted,
    EventRegistered,
    Fact,
    GameClosed,
    PoolResolved,
    Settlement,
)
from game.refusals import Code
from game.vocabulary import Status
from tests.support.match import (
    ANN,
    BEN,
    BINARY,
    BINARY_TIME,
    CAT,
    CLOSE,
    EVENT,
    GAME,
    HOST,
    NOW,
    TIME,
    Match,
    cancelling,
    event,
    kinds,
    update,
)

SECOND = 1_000


def pools_ended(facts: list[Fact]) -> dict[str, str | None]:
    return {f.pool_id: f.winning_target for f in facts if isinstance(f, PoolResolved)}


# 395: which events are valid.


def test_an_event_counts_for_its_target_and_every_parent() -> None:
    match = Match()
    first, *_ = match.event("brazil:7")
    assert first == EventRegistered(
        event_id=match.game.events[0].event_id,
        action_id="goal",
        target_id="brazil:7",
        target_display_name="7",
        happened_at=NOW,
        current_count={"brazil": 1, "brazil:7": 1},
        by=HOST,
    )
    match.event("argentina:7")
    last, *_ = match.event("argentina:10")
    assert isinstance(last, EventRegistered)
    assert last.current_count == {"argentina": 2, "argentina:10": 1}
    match.event("brazil:7", action="yellow-card")
    assert match.game.counts == {
        "goal": {"brazil": 1, "brazil:7": 1, "argentina": 2, "argentina:7": 1, "argentina:10": 1},
        "yellow-card": {"brazil": 1, "brazil:7": 1},
    }


@pytest.mark.parametrize(
    ("target", "action", "code"),
    [
        ("brazil:7", "dance", Code.UNKNOWN_ACTION),
        ("brazil:7", "pool-dance", Code.UNKNOWN_ACTION),
        ("chile", "goal", Code.UNKNOWN_TARGET),
        ("7", "goal", Code.UNKNOWN_TARGET),
        ("brazil", "goal", Code.INVALID_PARAMETER),
        ("none", "goal", Code.INVALID_PARAMETER),
    ],
)
def test_an_events_target_is_the_games_without_children_and_not_none(
    target: str, action: str, code: Code
) -> None:
    match = Match()
    match.pool()
    assert match.refused(event(target, action)).code is code


def test_a_target_without_children_at_the_top_is_fine() -> None:
    match = Match(targets=("Chile", "Chilean"))
    pool_id = match.pool()
    assert pools_ended(match.event("chile")) == {pool_id: "chile"}


@pytest.mark.parametrize(("ahead", "is_fine"), [(1, True), (2 * SECOND, True), (2_001, False)])
def test_up_to_two_seconds_ahead_counts_as_now(ahead: int, is_fine: bool) -> None:
    match = Match()
    if is_fine:
        fact, *_ = match.event("brazil:7", at=NOW + ahead)
        assert isinstance(fact, EventRegistered)
        assert fact.happened_at == NOW
    else:
        assert match.refused(event("brazil:7", at=NOW + ahead)).parameter == "happened_at"


def test_a_game_that_is_not_open_yet_has_no_events() -> None:
    match = Match(kind=CreateGame)
    assert match.refused(event("brazil:7")).code is Code.GAME_NOT_OPEN
    match.do(OpenGame(game_id=GAME))
    match.event("brazil:7")


# 395: which pools it ends.


def test_an_event_ends_every_pool_with_the_target_or_a_parent_and_leaves_the_others() -> None:
    match = Match()
    teams = match.pool()
    timed = match.pool(TIME, finish_at=NOW + SECOND)
    players = match.pool(targets=("Brazil:7", "Argentina:7"))
    match.pool(targets=("Argentina:7", "Argentina:10"))
    match.pool(targets=("Argentina",))
    match.pool(action="yellow-card")
    match.pool(BINARY)
    facts = match.event("brazil:7")
    assert pools_ended(facts) == {teams: "brazil", timed: "brazil", players: "brazil:7"}
    assert len(match.game.pools) == 4
    assert match.event("brazil:7")[1:] == [], "no pool ends twice"


def test_a_blocked_pool_ends_like_any_other() -> None:
    match = Match()
    pool_id = match.pool(is_blocked=True)
    assert pools_ended(match.event("brazil:7")) == {pool_id: "brazil"}


def test_winners_are_paid_and_losers_are_not() -> None:
    match = Match()
    pool_id = match.pool()
    match.bet(ANN, 300, "brazil", pool_id)
    match.bet(BEN, 100, "brazil", pool_id)
    match.bet(CAT, 200, "argentina", pool_id)
    fact = match.resolved("brazil:7")
    assert fact.settlements == (  # 600 for 400: 300 * 600/400 = 450, 100 * 600/400 = 150
        Settlement(ANN, won_stake=300, paid=450),
        Settlement(BEN, won_stake=100, paid=150),
        Settlement(CAT, lost_stake=200),
    )
    accounts = match.accounts
    assert [accounts.available(user) for user in (ANN, BEN, CAT)] == [100_150, 100_050, 99_800]
    assert [accounts.exposure(user) for user in (ANN, BEN, CAT)] == [0, 0, 0]


def test_bets_placed_strictly_after_it_happened_are_void() -> None:
    match = Match()
    pool_id = match.pool()
    match.bet(ANN, 100, "brazil", pool_id)
    match.bet(BEN, 100, "argentina", pool_id)
    match.wait(1)
    match.bet(CAT, 500, "brazil", pool_id)
    match.wait(1)
    match.bet(BEN, 700, "brazil", pool_id)
    match.bet(ANN, 900, "argentina", pool_id)
    fact = match.resolved("brazil:7", at=NOW + 1)
    assert fact.settlements == (  # 100 + 100 + 500 = 700 for 600: 116 4/6 and 583 2/6
        Settlement(ANN, won_stake=100, paid=117, void_stake=900),
        Settlement(BEN, lost_stake=100, void_stake=700),
        Settlement(CAT, won_stake=500, paid=583),
    )
    assert not fact.is_money_return


def test_a_pool_opened_after_it_happened_stays_open() -> None:
    match = Match()
    first = match.pool()
    match.wait(1)
    second = match.pool()
    assert pools_ended(match.event("brazil:7", at=NOW)) == {first: "brazil"}
    assert pools_ended(match.event("brazil:7", at=NOW + 1)) == {second: "brazil"}


def test_the_beginning_of_time_is_a_time_too() -> None:
    match = Match()
    match.pool()
    fact, *others = match.event("brazil:7", at=0)
    assert isinstance(fact, EventRegistered)
    assert (fact.happened_at, others) == (0, [])


def test_an_event_ends_what_there_is_though_the_clock_is_set_back() -> None:
    match = Match()
    match.wait(SECOND)
    pool_id = match.pool()
    match.bet(ANN, 100, "brazil", pool_id)
    match.until(NOW)
    fact = match.resolved("brazil:7")
    assert fact.settlements == (Settlement(ANN, won_stake=100, paid=100),)


def test_no_bet_on_the_winner_is_a_money_return() -> None:
    match = Match()
    pool_id = match.pool()
    match.bet(ANN, 100, "argentina", pool_id)
    match.bet(BEN, 100, "none", pool_id)
    fact = match.resolved("brazil:7")
    assert fact.is_money_return
    assert [one.returned_stake for one in fact.settlements] == [100, 100]
    assert match.accounts.available(ANN) == 100_000


# Binary pools.


@pytest.mark.parametrize(("winner", "gains"), [("yes", 200), ("no", -100)])
def test_a_binary_pool_is_ended_by_its_own_action(winner: str, gains: int) -> None:
    match = Match()
    pool_id, _ = match.pool(BINARY), match.pool(BINARY)
    match.bet(ANN, 100, "yes", pool_id)
    match.bet(BEN, 200, "no", pool_id)
    facts = match.event(winner, f"pool-{pool_id}")
    assert pools_ended(facts) == {pool_id: winner}
    assert isinstance(facts[0], EventRegistered)
    assert facts[0].target_display_name == winner.capitalize()
    assert match.accounts.available(ANN) == 100_000 + gains


def test_voiding_holds_for_binary_pools_too() -> None:
    match = Match()
    pool_id = match.pool(BINARY)
    match.wait(1)
    match.bet(ANN, 100, "yes", pool_id)
    fact = match.resolved("yes", f"pool-{pool_id}", at=NOW)
    assert fact.settlements == (Settlement(ANN, void_stake=100),)
    assert not fact.is_money_return


def test_a_binary_pool_is_ended_once() -> None:
    match = Match()
    pool_id = match.pool(BINARY)
    command = event("yes", f"pool-{pool_id}")
    match.do(command)
    assert match.refused(command).code is Code.POOL_RESOLVED


@pytest.mark.parametrize("target", ["brazil:7", "none", "maybe"])
def test_a_binary_pool_knows_only_yes_and_no(target: str) -> None:
    match = Match()
    pool_id = match.pool(BINARY)
    assert match.refused(event(target, f"pool-{pool_id}")).code is Code.UNKNOWN_TARGET


def test_a_parimutuel_pool_has_no_action_of_its_own() -> None:
    match = Match()
    pool_id = match.pool()
    assert match.refused(event("yes", f"pool-{pool_id}")).code is Code.UNKNOWN_ACTION


def test_yes_and_no_are_targets_of_binary_pools_alone() -> None:
    match = Match()
    match.pool(BINARY)
    assert match.refused(event("yes")).code is Code.UNKNOWN_TARGET


# 399.


@pytest.mark.parametrize("type_", [EVENT, TIME, BINARY, BINARY_TIME])
def test_cancelling_refunds_all_stakes_and_reopens_nothing(type_: int) -> None:
    match = Match()
    pool_id = match.pool(type_, finish_at=NOW + SECOND, recreate_on_end=True)
    target = "no" if type_ in (BINARY, BINARY_TIME) else "none"
    match.bet(ANN, 100, target, pool_id)
    [fact] = match.do(cancelling(pool_id, "rain"))
    assert isinstance(fact, PoolResolved)
    assert (fact.winning_target, fact.reason, fact.is_money_return) == (None, "rain", True)
    assert fact.settlements == (Settlement(ANN, returned_stake=100),)
    assert match.accounts.available(ANN) == 100_000
    assert match.wait(10 * SECOND) == []
    assert match.game.pools == {}


# Closing (section 6).


def test_a_close_ends_every_parimutuel_pool_with_none_and_then_the_game() -> None:
    match = Match()
    first, second = match.pool(recreate_on_end=True), match.pool(TIME, finish_at=NOW + SECOND)
    match.bet(ANN, 100, "none", first)
    match.bet(BEN, 100, "brazil", first)
    facts = match.do(CLOSE)
    assert pools_ended(facts) == {first: "none", second: "none"}
    assert kinds(facts) == ["pool_resolved", "pool_resolved", "game_closed"]
    assert [f.expired_at for f in facts if isinstance(f, PoolResolved)] == [None, None]
    assert match.accounts.available(ANN) == 100_100
    assert match.game.status is Status.CLOSED
    assert match.wait(10 * SECOND) == [], "nothing comes back after a close"


def test_a_close_blocks_binary_pools_and_waits_for_them() -> None:
    match = Match()
    parimutuel, first = match.pool(), match.pool(BINARY)
    second = match.pool(BINARY_TIME, finish_at=NOW + SECOND)
    facts = match.do(CLOSE)
    assert facts[1:] == [
        BettingBlocked(pool_id=first, blocked_at=NOW, own=False),
        BettingBlocked(pool_id=second, blocked_at=NOW, own=False),
        ClosingStarted(by=HOST),
    ]
    assert pools_ended(facts) == {parimutuel: "none"}
    assert match.game.status is Status.BETTING_CLOSED
    assert match[first].is_blocked


def test_a_second_close_repeats_nothing_and_the_one_after_the_last_pool_closes() -> None:
    match = Match()
    first, second = match.pool(BINARY), match.pool(BINARY)
    match.do(CLOSE)
    assert match.do(CLOSE) == []
    match.event("yes", f"pool-{first}")
    assert match.do(CLOSE) == []
    match.do(cancelling(second))
    assert match.game.status is Status.BETTING_CLOSED, "375 has to be sent again"
    assert match.do(CLOSE) == [GameClosed(by=HOST)]
    assert match.refused(CLOSE).code is Code.GAME_CLOSED


def test_a_closing_game_still_accepts_events_and_details() -> None:
    match = Match()
    match.pool(BINARY)
    match.do(CLOSE)
    assert kinds(match.event("brazil:7")) == ["event_registered"]
    match.do(update(targets=("Chile",)))
    match.event("chile")
    assert match.refused(OpenGame(game_id=GAME)).code is Code.GAME_ALREADY_OPEN


def test_nothing_is_recreated_while_the_game_is_closing() -> None:
    match = Match()
    pool_id = match.pool(BINARY, recreate_on_end=True)
    match.do(CLOSE)
    assert not match.resolved("yes", f"pool-{pool_id}").is_recreated
    assert match.wait(SECOND) == []


def test_a_close_by_close_at_completes_with_the_last_manual_pool() -> None:
    match = Match(close_at=NOW + SECOND)
    first, second = match.pool(BINARY), match.pool(BINARY)
    assert kinds(match.until(NOW + SECOND))[-1] == "closing_started"
    assert kinds(match.event("no", f"pool-{first}")) == ["event_registered", "pool_resolved"]
    assert kinds(match.do(cancelling(second))) == ["pool_resolved", "game_closed"]


def test_so_does_a_close_by_an_admin_whose_close_at_has_passed_since() -> None:
    match = Match(close_at=NOW + SECOND)
    pool_id = match.pool(BINARY)
    match.do(CLOSE)
    assert kinds(match.until(NOW + SECOND)) == ["close_fell_due"]
    facts = match.event("no", f"pool-{pool_id}")
    assert facts[-1] == GameClosed()
    assert kinds(facts) == ["event_registered", "pool_resolved", "game_closed"]


def test_a_close_by_an_admin_before_close_at_waits_for_it_or_for_another_close() -> None:
    match = Match(close_at=NOW + SECOND)
    pool_id = match.pool(BINARY)
    match.do(CLOSE)
    match.event("no", f"pool-{pool_id}")
    assert match.game.status is Status.BETTING_CLOSED
    assert match.until(NOW + SECOND) == [(NOW + SECOND, GameClosed())]


@pytest.mark.parametrize("close_at", [0, NOW + 9 * SECOND])
def test_a_close_that_fell_due_is_not_undone_by_another_close_at(close_at: int) -> None:
    match = Match(close_at=NOW + SECOND)
    pool_id = match.pool(BINARY)
    match.until(NOW + SECOND)
    match.do(update(close_at=close_at))
    assert kinds(match.do(cancelling(pool_id))) == ["pool_resolved", "game_closed"]


def test_a_close_by_an_admin_waits_for_another_once_close_at_is_removed() -> None:
    match = Match(close_at=NOW + SECOND)
    pool_id = match.pool(BINARY)
    match.do(CLOSE)
    match.do(update(close_at=0))
    assert match.wait(9 * SECOND) == []
    match.do(cancelling(pool_id))
    assert match.game.status is Status.BETTING_CLOSED


def test_an_upcoming_game_may_be_closed() -> None:
    assert Match(kind=CreateGame).do(CLOSE) == [GameClosed(by=HOST)]

"""Opening pools and betting in them: who may, and when (contract, section 7)."""

from typing import Any

import pytest

from game.commands import (
    AllowPool,
    BlockPool,
    CreateGame,
    HeatPool,
    HeatPools,
    OpenGame,
    PlaceBet,
)
from game.facts import (
    BetPlaced,
    PoolHeated,
    PoolOpened,
)
from game.ledger import Movement, Transfer, available_of, exposure_of, movements, transfers
from game.limits import RuleLimits
from game.refusals import Code
from tests.support.match import (
    ANN,
    BEN,
    BINARY,
    BINARY_TIME,
    CLOSE,
    EVENT,
    GAME,
    NOW,
    TIME,
    Match,
    cancelling,
    opening,
)

SECOND = 1_000


def placing(pool_id: str, target: str = "brazil", amount: int = 100) -> PlaceBet:
    return PlaceBet(pool_id=pool_id, target=target, amount=amount)


def targets_of(match: Match, pool_id: str) -> set[str]:
    return set(match[pool_id].opened.targets)


def in_every_unlike_state() -> dict[str, Match]:
    """Games in which betting is not active."""
    upcoming = Match(kind=CreateGame)
    waiting = Match(open_at=NOW + 1)
    closing = Match()
    closing.pool(BINARY)
    closing.do(CLOSE)
    return {"upcoming": upcoming, "before open_at": waiting, "closing": closing}


# 385.


def test_a_pool_opens_as_requested() -> None:
    match = Match()
    [fact] = match.do(
        opening(
            TIME,
            description="Who scores?",
            targets=("Argentina:7", "BRAZIL:7"),
            finish_at=NOW + 60 * SECOND,
            stop_accepting_bets_at=NOW + 30 * SECOND,
            is_blocked=True,
            is_hot=True,
            recreate_on_end=True,
        ),
        by=ANN,
    )
    assert isinstance(fact, PoolOpened)
    assert fact == PoolOpened(
        pool_id=fact.pool_id,
        description="Who scores?",
        type=TIME,
        action_id="goal",
        targets={"argentina:7": "7", "brazil:7": "7", "none": "None"},
        is_blocked=True,
        is_hot=True,
        finish_at=NOW + 60 * SECOND,
        stop_accepting_bets_at=NOW + 30 * SECOND,
        recreate_on_end=True,
        by=ANN,
    )
    pool = match[fact.pool_id]
    assert (pool.start_at, pool.is_blocked, pool.is_hot) == (NOW, True, True)


@pytest.mark.parametrize("type_", [EVENT, TIME])
def test_the_default_targets_are_those_of_the_top_level_and_none(type_: int) -> None:
    match = Match()
    pool_id = match.pool(type_, finish_at=NOW + SECOND)
    assert targets_of(match, pool_id) == {"argentina", "brazil", "none"}


@pytest.mark.parametrize(
    ("targets", "wanted"),
    [
        (("Brazil",), {"brazil", "none"}),
        (("Brazil", "None"), {"brazil", "none"}),
        (("Argentina:10", "argentina:7", "ARGENTINA:7"), {"argentina:10", "argentina:7", "none"}),
    ],
)
def test_none_is_a_target_of_every_parimutuel_pool(
    targets: tuple[str, ...], wanted: set[str]
) -> None:
    match = Match()
    assert targets_of(match, match.pool(targets=targets)) == wanted


@pytest.mark.parametrize("type_", [BINARY, BINARY_TIME])
def test_a_binary_pool_is_on_yes_and_no_and_has_an_action_of_its_own(type_: int) -> None:
    match = Match()
    pool_id = match.pool(type_, action="nonsense", targets=("a", "b:c"), finish_at=NOW + SECOND)
    assert targets_of(match, pool_id) == {"yes", "no"}
    assert match[pool_id].opened.action_id == f"pool-{pool_id}"
    assert f"pool-{pool_id}" not in match.game.actions


@pytest.mark.parametrize("type_", [EVENT, BINARY])
def test_a_pool_that_is_not_time_based_ignores_finish_at(type_: int) -> None:
    match = Match()
    assert match[match.pool(type_, finish_at=1)].opened.finish_at is None


@pytest.mark.parametrize(
    ("type_", "parameters", "code", "parameter"),
    [
        (EVENT, {"action": None}, Code.MISSING_PARAMETER, "action"),
        (EVENT, {"targets": ("Brazil", "Argentina:7")}, Code.INVALID_PARAMETER, "targets"),
        (TIME, {}, Code.MISSING_PARAMETER, "finish_at"),
        (BINARY_TIME, {}, Code.MISSING_PARAMETER, "finish_at"),
        (TIME, {"finish_at": NOW + SECOND - 1}, Code.INVALID_PARAMETER, "finish_at"),
        (EVENT, {"stop_accepting_bets_at": NOW}, Code.INVALID_PARAMETER, "stop_accepting_bets_at"),
        (EVENT, {"action": "dance"}, Code.UNKNOWN_ACTION, None),
        (EVENT, {"targets": ("Chile",)}, Code.UNKNOWN_TARGET, None),
        (EVENT, {"targets": ("Brazil:10",)}, Code.UNKNOWN_TARGET, None),
        (EVENT, {"action": "dance", "targets": ("Chile",)}, Code.UNKNOWN_ACTION, None),
    ],
)
def test_a_pool_that_cannot_be_is_refused(
    type_: int, parameters: dict[str, Any], code: Code, parameter: str | None
) -> None:
    command = opening(type_, **parameters)
    refusal = command.wrong() or Match().refused(command)
    assert (refusal.code, refusal.parameter) == (code, parameter)


def test_times_may_be_as_near_as_a_second_and_a_millisecond() -> None:
    match = Match()
    pool_id = match.pool(TIME, finish_at=NOW + SECOND, stop_accepting_bets_at=NOW + 1)
    assert match[pool_id].opened.finish_at == NOW + SECOND


def test_times_are_looked_at_again_when_a_command_has_waited() -> None:
    command = opening(TIME, finish_at=NOW + SECOND, recreate_on_end=True)
    assert command.wrong_at(NOW) is None
    match = Match()
    match.wait(1)
    assert match.refused(command).parameter == "finish_at"


@pytest.mark.parametrize("state", ["upcoming", "before open_at", "closing"])
def test_pools_are_opened_only_while_betting_is_active(state: str) -> None:
    match = in_every_unlike_state()[state]
    assert match.refused(opening(action="dance")).code is Code.GAME_NOT_OPEN


def test_pools_open_from_open_at_on() -> None:
    match = Match(kind=CreateGame, open_at=NOW + SECOND)
    match.do(OpenGame(game_id=GAME))
    match.wait(SECOND - 1)
    assert match.refused(opening()).code is Code.GAME_NOT_OPEN
    match.wait(1)
    assert match.pool() in match.game.pools


def test_a_game_has_a_limited_number_of_unresolved_pools() -> None:
    match = Match(limits=RuleLimits(pools_per_game=2))
    first, _ = match.pool(), match.pool(BINARY)
    refusal = match.refused(opening())
    assert (refusal.code, refusal.details) == (Code.LIMIT_REACHED, {"limit": 2})
    assert match.refused(opening(action="dance")).code is Code.UNKNOWN_ACTION
    match.do(cancelling(first))
    match.pool()


# 392.


def test_a_bet_moves_its_stake_from_available_to_exposure() -> None:
    match = Match()
    pool_id = match.pool()
    [fact] = match.do(placing(pool_id, amount=250), by=ANN)
    assert isinstance(fact, BetPlaced)
    assert (fact.user_id, fact.target_id, fact.amount) == (ANN, "brazil", 250)
    assert transfers(fact) == [Transfer(available_of(ANN), exposure_of(ANN), 250, "bet")]
    assert movements(fact) == [Movement(ANN, -250, 250, "bet", pool_id)]
    assert (match.accounts.available(ANN), match.accounts.exposure(ANN)) == (99_750, 250)


def test_a_pool_counts_users_and_not_bets() -> None:
    match = Match()
    pool_id = match.pool()
    for user, amount, target in [
        (ANN, 100, "brazil"),
        (ANN, 50, "brazil"),
        (ANN, 30, "none"),
        (BEN, 7, "brazil"),
    ]:
        match.bet(user, amount, target, pool_id)
    snapshot = match[pool_id].snapshot()
    assert snapshot.distribution == {"argentina": (0, 0), "brazil": (2, 157), "none": (1, 30)}
    assert (snapshot.participants, snapshot.amount_total) == (2, 187)
    assert match[pool_id].players == {ANN: {"brazil": 150, "none": 30}, BEN: {"brazil": 7}}


def test_a_bet_is_placed_at_the_moment_of_its_acceptance() -> None:
    match = Match()
    pool_id = match.pool()
    match.wait(17)
    bet_id = match.bet(ANN, 100, "brazil", pool_id)
    [bet] = match[pool_id].bets
    assert (bet.bet_id, bet.placed_at) == (bet_id, NOW + 17)


@pytest.mark.parametrize(
    ("type_", "target"),
    [
        (EVENT, "argentina:7"),
        (EVENT, "chile"),
        (EVENT, "yes"),
        (BINARY, "brazil"),
        (BINARY, "none"),
    ],
)
def test_a_bet_needs_a_target_of_the_pool(type_: int, target: str) -> None:
    match = Match()
    refusal = match.refused(placing(match.pool(type_), target, amount=10**9))
    assert refusal.code is Code.UNKNOWN_TARGET, "looked at before the funds"


def test_the_whole_balance_can_be_staked_and_one_hundredth_more_cannot() -> None:
    match = Match()
    pool_id = match.pool()
    match.bet(ANN, 60_000, "brazil", pool_id)
    refusal = match.refused(placing(pool_id, amount=40_001), by=ANN)
    assert refusal.code is Code.INSUFFICIENT_FUNDS
    assert refusal.details == {"available_balance": 400}
    match.bet(ANN, 40_000, "none", pool_id)
    assert match.accounts.available(ANN) == 0
    assert match.refused(placing(pool_id, amount=1), by=ANN).details == {"available_balance": 0}


@pytest.mark.parametrize("is_admin", [True, False])
@pytest.mark.parametrize("admins_may_bet", [True, False])
def test_admins_bet_in_their_own_games_unless_they_may_not(
    is_admin: bool, admins_may_bet: bool
) -> None:
    match = Match(limits=RuleLimits(admins_may_bet=admins_may_bet))
    pool_id = match.pool()
    if is_admin and not admins_may_bet:
        refusal = match.refused(placing(pool_id, target="chile"), is_admin=is_admin)
        assert refusal.code is Code.NOT_AUTHORIZED, "rights come before the rest"
    else:
        assert match.do(placing(pool_id), is_admin=is_admin)


def test_bets_are_refused_from_stop_accepting_bets_at_on() -> None:
    match = Match()
    pool_id = match.pool(stop_accepting_bets_at=NOW + SECOND)
    match.until(NOW + SECOND - 1)
    match.bet(ANN, 100, "brazil", pool_id)
    match.until(NOW + SECOND)
    assert match.refused(placing(pool_id)).code is Code.POOL_BLOCKED
    match.do(AllowPool(pool_id=pool_id))
    assert match.refused(placing(pool_id)).code is Code.POOL_BLOCKED


def test_a_clock_that_is_set_back_does_not_bring_bets_back_in_time() -> None:
    match = Match()
    pool_id = match.pool(stop_accepting_bets_at=NOW + SECOND)
    match.until(NOW + SECOND)
    match.do(HeatPool(pool_id=pool_id))
    match.until(NOW)
    assert match.refused(placing(pool_id)).code is Code.POOL_BLOCKED


@pytest.mark.parametrize("state", ["closing", "closing, and the pool resolved"])
def test_bets_are_refused_while_the_game_is_closing(state: str) -> None:
    match = Match()
    pool_id, _ = match.pool(BINARY), match.pool(BINARY)
    match.do(CLOSE)
    match.do(AllowPool(pool_id=pool_id))
    if state != "closing":
        match.do(cancelling(pool_id))
    assert match.refused(placing(pool_id, "yes")).code is Code.GAME_NOT_OPEN


def test_bets_are_refused_in_a_resolved_pool_and_in_a_closed_game() -> None:
    match = Match()
    pool_id = match.pool()
    match.event("brazil:7")
    assert match.refused(placing(pool_id)).code is Code.POOL_RESOLVED
    match.do(CLOSE)
    assert match.refused(placing(pool_id)).code is Code.GAME_CLOSED


# 396 and 3961.


def test_hot_by_action_and_target_means_pools_with_exactly_this_target() -> None:
    match = Match()
    teams, players = match.pool(), match.pool(targets=("Brazil:7", "Argentina:7"))
    match.pool(action="yellow-card")
    command = HeatPools(
        game_id=GAME, action_id="goal", target_id="brazil", likely_to_happen_at=NOW + SECOND
    )
    [fact] = match.do(command)
    assert fact == PoolHeated(pool_id=teams, hot_since=NOW, likely_to_happen_at=NOW + SECOND)
    assert (match[teams].is_hot, match[players].is_hot) == (True, False)
    [again] = match.do(HeatPools(game_id=GAME, action_id="goal", target_id="brazil:7"))
    assert again == PoolHeated(pool_id=players, hot_since=NOW, likely_to_happen_at=None)
    assert match.do(HeatPools(game_id=GAME, action_id="goal", target_id="argentina:10")) == []


def test_a_pool_is_suggested_as_hot() -> None:
    match = Match()
    pool_id = match.pool(BINARY)
    assert match.do(HeatPool(pool_id=pool_id)) == [
        PoolHeated(pool_id=pool_id, hot_since=NOW, likely_to_happen_at=None)
    ]
    [fact] = match.do(HeatPools(game_id=GAME, action_id=f"pool-{pool_id}", target_id="yes"))
    assert isinstance(fact, PoolHeated)
    assert fact.pool_id == pool_id


@pytest.mark.parametrize(
    ("action", "target", "code"),
    [
        ("dance", "brazil", Code.UNKNOWN_ACTION),
        ("goal", "chile", Code.UNKNOWN_TARGET),
        ("goal", "yes", Code.UNKNOWN_TARGET),
    ],
)
def test_hot_needs_an_action_and_a_target_of_the_game(action: str, target: str, code: Code) -> None:
    command = HeatPools(game_id=GAME, action_id=action, target_id=target)
    assert Match().refused(command).code is code


def test_a_resolved_pool_refuses_changes() -> None:
    match = Match()
    pool_id = match.pool()
    match.event("brazil:7")
    for command in (
        placing(pool_id),
        HeatPool(pool_id=pool_id),
        BlockPool(pool_id=pool_id),
        AllowPool(pool_id=pool_id, allow_at=NOW + SECOND),
        cancelling(pool_id),
    ):
        assert match.refused(command).code is Code.POOL_RESOLVED

"""Parameters of pools, bets, events, balances, chat, leaderboards (contract, sections 7 and 8)."""

from typing import Any

import pytest

from game.commands import BlockAction, HeatPools, OpenPool, PlaceBet, RegisterEvent
from game.refusals import Code
from game.vocabulary import PoolType
from protocol.codec import fingerprint
from protocol.ops import BY_CODE
from protocol.requests import GetCurrentBalance, GetLeaderboard, SendText
from tests.protocol.parameters import ANY_ID, NOW, command, refusal

POOL = {"game_id": "g", "description": "d", "action": "a"}
BET = {"pool_id": "p", "target": "t", "amount": 1}
EVENT = {"game_id": "g", "action_id": "a", "target_id": "t"}


def test_a_pool_has_the_first_type_and_no_flags_by_default() -> None:
    assert command(385, game_id="g", description=" d ", action="Yellow Card") == OpenPool(
        game_id="g",
        description="d",
        action="yellow-card",
        targets=(),
        pool_type=1,
        finish_at=None,
        stop_accepting_bets_at=None,
        is_blocked=False,
        is_hot=False,
        recreate_on_end=False,
    )


def test_of_two_names_of_a_parameter_either_will_do() -> None:
    pool = {"game_id": "g", "description": "d", "finish_at": NOW + 1_000}
    by_id, by_name = ({name: "Yellow Card"} for name in ("action_id", "action"))
    for op, more in ((385, pool), (3975, {"game_id": "g"}), (3985, {"game_id": "g"})):
        assert command(op, **more, **by_id) == command(op, **more, **by_name)
    assert command(385, **pool, **by_id, type=2) == command(385, **pool, **by_id, pool_type="2")
    bet = {"pool_id": "p", "amount": 1}
    assert command(392, **bet, target_id="Brazil : 7") == command(392, **bet, target="brazil:7")


def test_of_two_names_of_a_parameter_the_one_without_id_wins() -> None:
    assert command(3975, game_id="g", action="a", action_id="b") == BlockAction(
        game_id="g", action="a"
    )
    assert command(392, **BET, target_id="u") == PlaceBet(pool_id="p", target="t", amount=100)
    assert command(392, **BET, target_id=["no shape"]) == command(392, **BET)
    assert command(385, **POOL, action_id="b") == command(385, **POOL)
    assert command(385, **POOL, pool_type=3, type=1) == command(385, **POOL, pool_type=3)


def test_a_name_that_is_blank_leaves_it_to_the_other_one() -> None:
    assert command(392, pool_id="p", amount=1, target=" ", target_id="t") == command(392, **BET)
    assert command(3975, game_id="g", action=None, action_id="a") == BlockAction(
        game_id="g", action="a"
    )


def test_what_is_wrong_under_the_second_name_is_refused_under_the_first() -> None:
    assert refusal(392, pool_id="p", amount=1, target_id=7) == (Code.INVALID_PARAMETER, "target")
    assert refusal(3985, game_id="g") == (Code.MISSING_PARAMETER, "action")


@pytest.mark.parametrize("name", ["is_blocked", "is_hot", "recreate_on_end"])
def test_a_flag_may_come_as_a_string(name: str) -> None:
    for yes in (True, "true", "TRUE", " True "):
        assert getattr(command(385, **POOL, **{name: yes}), name) is True
    for no in (False, "false", "FALSE", None, ""):
        assert getattr(command(385, **POOL, **{name: no}), name) is False
    for wrong in (0, 1, "1", "yes", [True]):
        assert refusal(385, **POOL, **{name: wrong}) == (Code.INVALID_PARAMETER, name)


@pytest.mark.parametrize(
    ("amount", "hundredths"),
    [
        *((amount, 1_050) for amount in (10.5, 10.50, "10.5", "10.50", " 010.50 ")),
        *((amount, 1_000) for amount in (10, 10.0, 1e1, "10", "10.0", "10.00")),
        *((amount, 1) for amount in (0.01, "0.01")),
        (10**12, 10**14),
        ("999999999999.99", 10**14 - 1),
    ],
)
def test_an_amount_is_read_in_whole_hundredths(amount: Any, hundredths: int) -> None:
    assert command(392, **BET | {"amount": amount}) == PlaceBet(
        pool_id="p", target="t", amount=hundredths
    )


@pytest.mark.parametrize(
    "amount",
    [
        *(0, 0.0, "0", "0.00", -1, "-1", 0.001, 10.505, "10.505", "1.", ".5", "1e3", "+1", "1,5"),
        *(10**12 + 1, 10**12 + 0.5, "1000000000000", "ten", "1 0", True, [1], {"a": 1}),
    ],
)
def test_every_other_amount_is_refused(amount: Any) -> None:
    assert refusal(392, **BET | {"amount": amount}) == (Code.INVALID_PARAMETER, "amount")


@pytest.mark.parametrize("kind", [1, 2, 3, 4, "1", " 4 "])
def test_there_are_four_types_of_pools(kind: Any) -> None:
    read = command(385, **POOL, pool_type=kind, finish_at=NOW + 1_000)
    assert isinstance(read, OpenPool)
    assert read.type is PoolType(int(kind))


@pytest.mark.parametrize("kind", [0, 5, -1, "0", "5", "one", 1.0, True, [1]])
def test_every_other_type_is_refused(kind: Any) -> None:
    assert refusal(385, **POOL, pool_type=kind) == (Code.INVALID_PARAMETER, "pool_type")


def test_only_parimutuel_pools_need_an_action() -> None:
    pool = {"game_id": "g", "description": "d", "finish_at": NOW + 1_000}
    for kind in (1, 2):
        assert refusal(385, **pool, pool_type=kind) == (Code.MISSING_PARAMETER, "action")
    for kind in (3, 4):
        assert isinstance(command(385, **pool, pool_type=kind), OpenPool)


def test_targets_of_a_parimutuel_pool_are_of_one_level_besides_none() -> None:
    for level in ("a, b", "a:1, b:2", "None, a:1, b:2", "a:1:x, none"):
        assert isinstance(command(385, **POOL, targets=level), OpenPool)
    for mixed in ("a, b:2", ["a:1", "b:2:x"]):
        assert refusal(385, **POOL, targets=mixed) == (Code.INVALID_PARAMETER, "targets")
        assert isinstance(command(385, **POOL, targets=mixed, pool_type=3), OpenPool)


@pytest.mark.parametrize("kind", [2, 4])
def test_a_time_based_pool_ends_at_least_a_second_from_now(kind: int) -> None:
    pool = POOL | {"pool_type": kind}
    assert refusal(385, **pool) == (Code.MISSING_PARAMETER, "finish_at")
    for early in (0, NOW - 1, NOW, NOW + 999):
        assert refusal(385, **pool, finish_at=early) == (Code.INVALID_PARAMETER, "finish_at")
    assert isinstance(command(385, **pool, finish_at=NOW + 1_000), OpenPool)


@pytest.mark.parametrize("kind", [1, 3])
def test_an_event_based_pool_ignores_when_to_finish(kind: int) -> None:
    for at in (0, NOW, NOW + 5_000):
        assert isinstance(command(385, **POOL, pool_type=kind, finish_at=at), OpenPool)


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_a_pool_stops_accepting_bets_later_than_now(kind: int) -> None:
    pool = POOL | {"pool_type": kind, "finish_at": NOW + 1_000}
    name = "stop_accepting_bets_at"
    for late in (0, NOW - 1, NOW):
        assert refusal(385, **pool, stop_accepting_bets_at=late) == (Code.INVALID_PARAMETER, name)
    assert isinstance(command(385, **pool, stop_accepting_bets_at=NOW + 1), OpenPool)


def test_of_several_faults_of_a_pool_the_first_of_the_table_answers() -> None:
    faulty: dict[str, Any] = {
        "action": None,
        "targets": "a, b:2",
        "pool_type": 2,
        "finish_at": NOW,
        "stop_accepting_bets_at": NOW,
    }
    sound = {"action": "a", "targets": "a", "finish_at": NOW + 1_000}
    answers = [("action", Code.MISSING_PARAMETER)] + [
        (name, Code.INVALID_PARAMETER)
        for name in ("targets", "finish_at", "stop_accepting_bets_at")
    ]
    for name, code in answers:
        assert refusal(385, game_id="g", description="d", **faulty) == (code, name)
        assert refusal(385, game_id="g", description="d", **faulty, is_hot=5) == (code, name)
        faulty |= {name: sound.get(name)}


def test_an_event_may_be_dated_up_to_2_seconds_ahead() -> None:
    for at in (-1, 0, NOW - 86_400_000, NOW, NOW + 2_000):
        assert command(395, **EVENT, happened_at=at) == RegisterEvent(
            game_id="g", action_id="a", target_id="t", happened_at=at
        )
    for ahead in (NOW + 2_001, str(NOW + 2_001), 2**53 - 1):
        assert refusal(395, **EVENT, happened_at=ahead) == (Code.INVALID_PARAMETER, "happened_at")


def test_actions_and_targets_are_read_as_names() -> None:
    names = {"game_id": "g", "action_id": " Yellow  Card", "target_id": "BRAZIL : Son H M"}
    assert command(395, **names) == RegisterEvent(
        game_id="g", action_id="yellow-card", target_id="brazil:son-h-m"
    )
    assert command(3961, **names) == HeatPools(
        game_id="g", action_id="yellow-card", target_id="brazil:son-h-m"
    )


@pytest.mark.parametrize("op", [397, 398, 3975, 3985, 396])
def test_a_switch_may_be_planned_for_any_time(op: int) -> None:
    name = BY_CODE[op].parameters[-1]
    for at in (0, NOW - 1, NOW, NOW + 1, 2**53 - 1):
        read = command(op, **ANY_ID, action="a", **{name: at})
        assert getattr(read, name) == at
    assert getattr(command(op, **ANY_ID, action="a"), name) is None


# Balances, chat, leaderboards.


@pytest.mark.parametrize("op", [800, 810, 840, 450])
def test_a_currency_is_don_unless_another_is_named(op: int) -> None:
    assert getattr(command(op), "currency") == "DON"  # noqa: B009
    assert getattr(command(op, currency=" E2 "), "currency") == "E2"  # noqa: B009
    assert refusal(op, currency="don") == (Code.INVALID_PARAMETER, "currency")


def test_a_balance_is_requested_in_a_currency() -> None:
    assert command(800, currency="EUR") == GetCurrentBalance(currency="EUR")


@pytest.mark.parametrize(
    ("targets", "games"),
    [
        (None, ()),
        ([], ()),
        (" , ", ()),
        ("g", ("g",)),
        ("g, G,g", ("g", "G")),
        (["g", None, " h ", "g"], ("g", "h")),
    ],
)
def test_chat_names_each_game_once(targets: Any, games: tuple[str, ...]) -> None:
    assert command(900, text=" Goal! ", targets=targets) == SendText(text="Goal!", targets=games)


@pytest.mark.parametrize("targets", [5, True, {"g": 1}, ["g", 5]])
def test_chat_refuses_every_other_list_of_games(targets: Any) -> None:
    assert refusal(900, text="t", targets=targets) == (Code.INVALID_PARAMETER, "targets")


@pytest.mark.parametrize(("op", "more"), [(450, {}), (451, {"game_id": "g"})])
def test_a_part_of_a_leaderboard_has_at_most_1000_places(op: int, more: dict[str, Any]) -> None:
    def part(**given: Any) -> tuple[int, int]:
        read = command(op, **more, **given)
        return getattr(read, "start"), getattr(read, "end")  # noqa: B009

    assert part() == (0, 100)
    assert part(start="5", end="5") == (5, 5)
    assert part(end=1_000) == (0, 1_000)
    assert part(start=7_000, end=8_000) == (7_000, 8_000)
    for start, end in ((0, 1_001), (7_000, 8_001), (5, 4), (101, None)):
        wrong = refusal(op, **more, start=start, end=end)
        assert wrong == (Code.INVALID_PARAMETER, "end")
    assert refusal(op, **more, start=-1, end=-1) == (Code.INVALID_PARAMETER, "start")
    assert command(450) == GetLeaderboard(currency="DON", start=0, end=100)


@pytest.mark.parametrize(
    "same",
    [{"amount": "10.50"}, {"target": None, "target_id": "BRAZIL : 7"}, {"target_id": "other"}],
)
def test_a_bet_that_is_spelt_another_way_is_the_same_bet(same: dict[str, Any]) -> None:
    bet = {"pool_id": "p", "target": "brazil:7", "amount": 10.5}
    assert fingerprint(command(392, **bet | same)) == fingerprint(command(392, **bet))
    assert fingerprint(command(392, **bet)) != fingerprint(command(392, **bet | {"amount": 10.51}))

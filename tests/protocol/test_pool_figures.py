"""The figures in messages about pools: odds, people, and bets that are listed or counted.

Contract, section 7, "Shapes".
"""

from fractions import Fraction
from typing import Any

import orjson
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from game.pools import Bet, PoolSnapshot
from protocol import pool_messages
from protocol.codec import to_json
from tests.protocol.pool_bodies import BETS, CAT, DISTRIBUTION, STANDING, pool_with
from tests.support.play import ANN, GAME, NOW, OPENED


def shown(amounts: dict[str, int]) -> dict[str, Any]:
    """Return the distribution that is sent for these hundredths on each target."""
    snapshot = PoolSnapshot(
        opened=evolve(OPENED, targets={target: target for target in amounts}),
        start_at=NOW,
        is_blocked=False,
        is_hot=False,
        participants=len(amounts),
        amount_total=sum(amounts.values()),
        distribution={target: (1, money) for target, money in amounts.items()},
    )
    body = pool_messages.distribution_changed(GAME, snapshot, [])
    sent: dict[str, Any] = orjson.loads(to_json(body))["distribution"]
    return sent


@pytest.mark.parametrize(
    ("backing", "others", "odds"),
    [
        (100, 0, 1.0),
        (100, 200, 3.0),
        (300, 700, 3.3333),  # 3.33333...
        (600, 1_000, 2.6667),  # 2.66666...
        (20_000, 1, 1.0001),  # 1.00005: halves up
        (20_000, 3, 1.0002),  # 1.00015
        (1, 10**14 - 1, 1e14),
    ],
)
def test_odds_have_four_decimals(backing: int, others: int, odds: float) -> None:
    assert shown({"a": backing, "b": others})["a"]["to_win_if_backed"] == odds


@given(st.integers(1, 10**10), st.integers(0, 10**10))
def test_odds_are_total_divided_by_backing(backing: int, others: int) -> None:
    odds = shown({"a": backing, "b": others})["a"]["to_win_if_backed"]
    assert round(odds, 4) == odds
    exact = Fraction(backing + others, backing)
    assert abs(Fraction(str(odds)) - exact) <= Fraction(1, 20_000)


def test_without_a_stake_the_odds_are_one() -> None:
    for others in (0, 1, 10**14):
        body = pool_messages.new_pool(
            GAME, pool_with([Bet("b", ANN, "none", others, 1)]).snapshot()
        )
        assert body["distribution"]["argentina:7"]["to_win_if_backed"] == 1.0
        assert b'"to_win_if_backed":1.0' in to_json(body), "a decimal even here"


# Bets, listed and counted.


def bets(count: int) -> list[Bet]:
    return [Bet(f"bet-{n}", ANN, "none", 100, NOW + n) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "omitted"), [(0, None), (1, None), (100, None), (101, 1), (350, 250)]
)
def test_a_361_names_a_hundred_bets_and_counts_the_others(count: int, omitted: int | None) -> None:
    body = pool_messages.distribution_changed(GAME, STANDING, bets(count))
    assert [bet["bet_id"] for bet in body["new_bets"]] == [
        f"bet-{n}" for n in range(min(count, 100))
    ]
    assert body.get("new_bets_omitted") == omitted
    assert ("new_bets_omitted" in body) == (omitted is not None)


def test_a_page_of_360_leaves_the_figures_whole() -> None:
    page = pool_messages.bets_distribution(GAME, STANDING, BETS[1:2], 3)["distribution"]
    assert {target: list(each.pop("bets")) for target, each in page.items()} == {
        "argentina:7": [],
        "argentina:10 b": ["bet-2"],
        "none": [],
    }
    assert page == DISTRIBUTION


def test_users_are_counted_once_a_pool_and_once_a_target() -> None:
    again = [*BETS, Bet("bet-4", ANN, "argentina:7", 5, NOW), Bet("bet-5", CAT, "none", 5, NOW)]
    body = pool_messages.new_pool(GAME, pool_with(again).snapshot())
    assert body["participants"] == 3
    people = {target: each["backing_people"] for target, each in body["distribution"].items()}
    assert people == {"argentina:7": 2, "argentina:10 b": 1, "none": 1}

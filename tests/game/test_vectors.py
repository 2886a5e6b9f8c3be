"""Odds and payouts by the table that the page's arithmetic is held to as well."""

import json
from pathlib import Path
from typing import Any

import pytest

from game.odds import odds
from game.payout import settle, shares
from game.pools import Bet

VECTORS = json.loads(Path(__file__).with_name("pool_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["odds"], ids=str)
def test_odds_are_those_of_the_table(vector: dict[str, Any]) -> None:
    assert odds(vector["total"], vector["backing"]) == vector["odds"]


@pytest.mark.parametrize("vector", VECTORS["payouts"], ids=str)
def test_a_further_stake_is_paid_what_the_table_says(vector: dict[str, Any]) -> None:
    """The page promises no hundredth that is left over: the server may pay one more."""
    stakes = [stake for stake in (vector["backing"], vector["stake"]) if stake]
    winning = [Bet(str(stake), 1, "a", stake, 1) for stake in stakes]
    paid = shares(winning, vector["total"] + vector["stake"])[-1]
    assert paid - vector["payout"] in (0, 1)
    assert vector["payout"] == (
        vector["stake"] * (vector["total"] + vector["stake"]) // sum(stakes)
    )


@pytest.mark.parametrize("vector", VECTORS["settlements"], ids=lambda vector: vector["name"])
def test_a_pool_is_settled_as_the_table_says(vector: dict[str, Any]) -> None:
    bets = [Bet(str(place), *bet) for place, bet in enumerate(vector["bets"])]
    outcome = settle(bets, vector["winner"], void_after=vector["void_after"])
    assert outcome.is_money_return == vector["is_money_return"]
    assert [
        [each.user_id, each.paid, each.void_stake + each.returned_stake]
        for each in outcome.settlements
    ] == vector["users"]

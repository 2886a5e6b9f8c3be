"""Odds and payouts, by the table that also verifies the page's arithmetic."""

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
def test_the_payout_of_a_stake_is_that_of_the_table(vector: dict[str, Any]) -> None:
    """The table leaves out the hundredths left over, so the server may pay one more."""
    total, backing, stake = vector["total"], vector["backing"], vector["stake"]
    others = [Bet("others", 1, "a", backing - stake, 1)] if backing > stake else []
    paid = shares([*others, Bet("stake", 2, "a", stake, 2)], total)[-1]
    assert paid - vector["payout"] in (0, 1)
    assert vector["payout"] == stake * total // backing


@pytest.mark.parametrize("vector", VECTORS["settlements"], ids=lambda vector: vector["name"])
def test_a_pool_is_settled_as_the_table_says(vector: dict[str, Any]) -> None:
    bets = [Bet(str(place), *bet) for place, bet in enumerate(vector["bets"])]
    outcome = settle(bets, vector["winner"], void_after=vector["void_after"])
    assert outcome.is_money_return == vector["is_money_return"]
    assert [
        [each.user_id, each.paid, each.void_stake + each.returned_stake]
        for each in outcome.settlements
    ] == vector["users"]

"""The campaign with some thousands of chains, and rules that it must find broken."""

from collections.abc import Iterator

import pytest

from game import corrections
from game.corrections import Funds
from game.past import PastPool
from game.payout import Outcome
from game.revisions import Move, PoolCorrected
from tests.campaigns.corrections.campaign import play
from tests.support.depth import depth

KINDS = {
    *("cancelled", "several winners", "money back", "owed", "lent", "lent money back"),
    *("out of the carry", "into the carry", "lent to the carry", "earned"),
}


def test_random_chains_of_corrections_add_up() -> None:
    counts = play(1, depth(gate=3_000, deep=50_000))
    assert counts.keys() >= KINDS, "every kind of correction is met"


def test_taking_more_than_a_player_has_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Funds, "take", lambda self, user_id, amount: amount)
    with pytest.raises(AssertionError):
        play(1, 1_000)


def test_a_correction_that_counts_from_the_last_result_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moves = corrections._moves

    def forgetful(past: PastPool, outcome: Outcome, funds: Funds) -> Iterator[Move]:
        past.received = past.entitled
        return moves(past, outcome, funds)

    monkeypatch.setattr(corrections, "_moves", forgetful)
    with pytest.raises(AssertionError):
        play(1, 1_000)


def test_a_house_that_lends_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PoolCorrected, "lent_change", 0)
    with pytest.raises(AssertionError):
        play(1, 1_000)

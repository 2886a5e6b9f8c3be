"""The campaign with some thousands of pools, and a rule that it must find broken."""

import pytest
from attrs import evolve

from game import payout
from game.policy import Policy, price_of
from tests.campaigns.pools.campaign import play
from tests.support.depth import depth

ENDS = {"paid", "takeout", "breakage", "minus", "carried out", "money return", "dead heat"}


def test_random_pools_are_settled_by_the_letter() -> None:
    counts = play(1, depth(gate=5_000, deep=100_000))
    assert counts.keys() >= ENDS, "every way to end a pool is met"


def _rounded_up(policy: Policy, part: int, whole: int) -> int:
    if not policy.break_to:
        return price_of(policy, part, whole)
    up = -(-part * 100 // (whole * policy.break_to)) * policy.break_to
    return max(up, policy.minimum or 0) * 100


def _without_a_minimum(policy: Policy, part: int, whole: int) -> int:
    return price_of(evolve(policy, minimum=None), part, whole)


BUGS = {
    "the takeout is rounded up": (
        "takeout_of",
        lambda policy, gross: -(-gross * policy.takeout // 10_000),
    ),
    "the price is rounded up": ("price_of", _rounded_up),
    "there is no minimum": ("price_of", _without_a_minimum),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_broken_rule_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, bug = BUGS[name]
    monkeypatch.setattr(payout, function, bug)
    with pytest.raises(AssertionError):
        play(1, 1_000)

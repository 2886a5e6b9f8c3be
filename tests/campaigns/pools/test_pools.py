"""The campaign with some thousands of pools, and a rule that it must find broken."""

import pytest

from game import payout
from tests.campaigns.pools.campaign import play
from tests.support.depth import depth

ENDS = {"paid", "takeout", "breakage", "minus", "carried out", "money return", "dead heat"}


def test_random_pools_are_settled_by_the_letter() -> None:
    counts = play(1, depth(gate=5_000, deep=100_000))
    assert counts.keys() >= ENDS, "every way to end a pool is met"


BUGS = {
    "the takeout is rounded up": (
        "takeout_of",
        lambda policy, gross: -(-gross * policy.takeout // 10_000),
    ),
    "the price is rounded up": (
        "broken",
        lambda policy, price: max(
            -(-price * 100 // policy.break_to) * policy.break_to, policy.minimum or 0
        ),
    ),
    "there is no minimum": (
        "broken",
        lambda policy, price: price * 100 // policy.break_to * policy.break_to,
    ),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_broken_rule_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, bug = BUGS[name]
    monkeypatch.setattr(payout, function, bug)
    with pytest.raises(AssertionError):
        play(1, 1_000)

"""Policies: which of them can be used, and their promises for any pool at all."""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from game.money import LARGEST
from game.odds import odds
from game.payout import settle, shares
from game.policy import (
    BREAK_POINTS,
    MINIMUMS,
    PLAIN,
    SHIPPED,
    DeadHeat,
    Policy,
    Unbacked,
    complaint,
    exact_prices,
    price_of,
)
from game.pools import Bet
from tests.support.pool_letter import compare

TARGETS = ("a", "b", "c", "d")


def usable(policy: Policy) -> bool:
    return complaint(policy) is None


policies = st.one_of(
    st.sampled_from(list(SHIPPED.values())),
    st.builds(
        Policy,
        name=st.just("x"),
        takeout=st.one_of(st.just(0), st.integers(0, 5_000)),
        break_to=st.sampled_from(BREAK_POINTS),
        minimum=st.none() | st.sampled_from(MINIMUMS),
        dead_heat=st.sampled_from(DeadHeat),
        unbacked=st.sampled_from(Unbacked),
    ).filter(usable),
)
amounts = st.one_of(st.integers(1, 20), st.integers(1, 100_000), st.integers(1, LARGEST))
pools = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(TARGETS), amounts), max_size=20).map(
    lambda placed: [Bet(f"bet-{at}", *each, at) for at, each in enumerate(placed, 1)]
)
winners = st.lists(st.sampled_from(TARGETS), min_size=1, max_size=3, unique=True).map(tuple)
moments = st.one_of(st.just(1_000), st.integers(0, 20))
carries = st.one_of(st.just(0), st.integers(1, 1_000), st.integers(1, LARGEST))


@given(pools, winners, moments, policies, carries)
@example([Bet("1", 1, "a", 1, 1)], ("a",), 1_000, SHIPPED["us"], 0)
def test_any_pool_is_settled_by_the_letter(
    bets: list[Bet], won: tuple[str, ...], void_after: int, policy: Policy, carried_in: int
) -> None:
    outcome = settle(bets, won, void_after=void_after, policy=policy, carried_in=carried_in)
    compare(outcome, bets, won, void_after, policy, carried_in)


@given(pools, st.sampled_from(TARGETS), policies, carries)
def test_the_odds_of_the_only_winner_are_the_price_that_it_is_paid(
    bets: list[Bet], winner: str, policy: Policy, carried_in: int
) -> None:
    outcome = settle(bets, (winner,), void_after=1_000, policy=policy, carried_in=carried_in)
    backing = sum(bet.amount for bet in bets if bet.target_id == winner)
    shown = odds(sum(bet.amount for bet in bets), backing, policy, carried_in)
    assert outcome.prices.get(winner, 10_000) / 10_000 == shown


@given(pools, winners, moments)
def test_plain_pays_what_was_paid_before_there_were_policies(
    bets: list[Bet], won: tuple[str, ...], void_after: int
) -> None:
    valid = [bet for bet in bets if bet.placed_at <= void_after]
    winning = [bet for bet in valid if bet.target_id == won[0]]
    parts = shares(winning, sum(bet.amount for bet in valid))
    outcome = settle(bets, won[:1], void_after=void_after)
    assert sum(one.paid for one in outcome.settlements) == sum(parts)
    assert outcome.takeout == outcome.breakage == outcome.minus == outcome.carried_out == 0
    assert outcome.is_money_return == (bool(valid) and not winning)
    for user in {bet.user_id for bet in winning}:
        own = sum(part for bet, part in zip(winning, parts, strict=True) if bet.user_id == user)
        [settled] = [one for one in outcome.settlements if one.user_id == user]
        assert settled.paid == own


@given(pools, winners, moments, policies)
def test_the_order_in_which_winners_are_named_does_not_matter(
    bets: list[Bet], won: tuple[str, ...], void_after: int, policy: Policy
) -> None:
    one = settle(bets, won, void_after=void_after, policy=policy)
    assert one == settle(bets, won[::-1], void_after=void_after, policy=policy)


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=SHIPPED)
def test_the_shipped_policies_can_be_used(policy: Policy) -> None:
    assert complaint(policy) is None


UNUSABLE: dict[str, dict[str, Any]] = {
    "takeout must be from 0 to 50": {"takeout": 5_001, "break_to": 1, "minimum": 100},
    "break_to must be one of 0, 0.01, 0.05, 0.10, 0.20": {"break_to": 2},
    "minimum must be from 1.00 to 1.20": {"break_to": 1, "minimum": 121},
    "minimum needs a break_to": {"minimum": 100},
    "a takeout, or a dead_heat other than single, needs break_to and minimum": {"takeout": 1},
}


@pytest.mark.parametrize(("why", "values"), UNUSABLE.items(), ids=UNUSABLE)
def test_a_policy_that_cannot_be_used_says_why(why: str, values: dict[str, Any]) -> None:
    assert complaint(evolve(PLAIN, **values)) == why


BOUNDS: tuple[tuple[str, set[int], range], ...] = (
    ("takeout", set(range(5_001)), range(-2, 5_003)),
    ("break_to", {1, 5, 10, 20}, range(-1, 25)),
    ("minimum", set(range(100, 121)), range(95, 125)),
)


@pytest.mark.parametrize(("name", "allowed", "tried"), BOUNDS, ids=[name for name, *_ in BOUNDS])
def test_the_bounds_of_a_policy_are_those_of_the_contract(
    name: str, allowed: set[int], tried: range
) -> None:
    policy = Policy("x", takeout=1, break_to=1, minimum=100)
    values: dict[int, dict[str, Any]] = {value: {name: value} for value in tried}
    assert {value for value, it in values.items() if usable(evolve(policy, **it))} == allowed


def test_a_policy_that_breaks_nothing_has_one_price_no_takeout_and_no_minimum() -> None:
    assert usable(PLAIN)
    assert not usable(evolve(PLAIN, minimum=100))
    assert not usable(evolve(PLAIN, takeout=1))
    assert not usable(evolve(PLAIN, dead_heat=DeadHeat.PROFIT))


@pytest.mark.parametrize(("part", "whole", "price"), [(1, 3, 3_333), (2, 3, 6_667), (1, 8, 1_250)])
def test_a_price_that_is_not_broken_is_rounded_half_up(part: int, whole: int, price: int) -> None:
    assert price_of(PLAIN, part, whole) == price
    assert price_of(PLAIN, 1, 20_000) == 1
    assert price_of(PLAIN, 1, 20_001) == 0


def test_no_price_is_below_nothing_or_above_what_there_is() -> None:
    prices = exact_prices(SHIPPED["us"], 10, {"a": 100, "b": 1_000})
    assert prices == {"a": 0, "b": Fraction(91, 200)}
    assert price_of(Policy("x", break_to=10), 1, 100) == 0


@pytest.mark.parametrize("dead_heat", [DeadHeat.POOL, DeadHeat.PROFIT])
def test_a_dead_heat_that_could_pay_less_than_the_stake_needs_a_minimum(
    dead_heat: DeadHeat,
) -> None:
    policy = Policy("x", break_to=10, dead_heat=dead_heat)
    assert not usable(policy)
    assert usable(evolve(policy, minimum=100))


def test_prices_may_be_rounded_without_a_minimum_if_nothing_is_taken() -> None:
    assert usable(Policy("x", break_to=10))

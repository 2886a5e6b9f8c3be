"""Pools of rule books and published results, settled by the rules of this server.

V1 to V9 are the worked examples of docs/explanation/policies.md. Each docstring names its source.
Where a source prints unrounded prices, they are compared as it prints them. Amounts in the tables
are units, as in the sources.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from attrs import evolve

from game.odds import odds
from game.payout import Outcome, settle
from game.policy import PLAIN, SHIPPED, DeadHeat, Policy, Unbacked, exact_prices, takeout_of
from game.pools import Bet
from game.vocabulary import LARGEST_TIME

TOTE, US = SHIPPED["tote"], SHIPPED["us"]
Stakes = Mapping[str, str | int]


def hundredths(units: str | int) -> int:
    return int(Decimal(units) * 100)


def bets_on(stakes: Stakes) -> list[Bet]:
    """Return one bet for each target; the bettor has the number of its place."""
    return [
        Bet(target, user, target, hundredths(amount), user)
        for user, (target, amount) in enumerate(stakes.items(), 1)
    ]


def settled(stakes: Stakes, winners: str, policy: Policy, carried_in: str | int = 0) -> Outcome:
    """Settle a pool; `winners` are single letters. The money always adds up."""
    bets, carry = bets_on(stakes), hundredths(carried_in)
    outcome = settle(bets, tuple(winners), void_after=LARGEST_TIME, policy=policy, carried_in=carry)
    staked = sum(bet.amount for bet in bets)
    received = sum(one.received for one in outcome.settlements)
    left = outcome.takeout + outcome.breakage + outcome.carried_out
    assert staked + carry + outcome.minus == received + left
    return outcome


def paid(outcome: Outcome) -> list[int]:
    return [one.paid for one in outcome.settlements]


def rounded(price: Fraction, to: str) -> Decimal:
    exact = Decimal(price.numerator) / Decimal(price.denominator)
    return exact.quantize(Decimal(to), ROUND_HALF_UP)


def exact(stakes: Stakes, winners: str, policy: Policy) -> dict[str, Fraction]:
    """Return the unrounded prices of a pool."""
    gross = sum(map(hundredths, stakes.values()))
    on = {target: hundredths(stakes[target]) for target in winners}
    return exact_prices(policy, gross - takeout_of(policy, gross), on)


WIN_POOL: Stakes = {"w": 23_872, "others": 169_041}


def test_v1_the_win_pool_of_west_virginia() -> None:
    """W. Va. Code R. 178-05, table 5C: all figures but the last two are printed there."""
    outcome = settled(WIN_POOL, "w", US)
    assert outcome.takeout == 3_472_434
    net = 19_291_300 - outcome.takeout
    assert net == 15_818_866
    assert net - 2_387_200 == 13_431_666
    assert rounded(exact(WIN_POOL, "w", US)["w"], "0.0000001") == Decimal("6.6265357")
    assert outcome.prices == {"w": 66_000}
    assert (paid(outcome), outcome.breakage) == ([15_755_520, 0], 63_346)


def test_v1_refunds_are_not_in_the_gross_pool() -> None:
    """W. Va. Code R. 178-05, table 5C: 194,230.00 were staked, and 1,317.00 refunded."""
    late = Bet("late", 9, "w", 131_700, 10)
    bets = [*bets_on(WIN_POOL), late]
    outcome = settle(bets, ("w",), void_after=9, policy=US)
    assert sum(bet.amount for bet in bets) == 19_423_000
    assert (outcome.takeout, outcome.prices) == (3_472_434, {"w": 66_000})
    assert outcome.settlements[-1].void_stake == 131_700


APPROXIMATES = {
    "1": (30, "14.69"),
    "2": (70, "6.30"),
    "3": (12, "36.73"),
    "4": (55, "8.01"),
    "5": (110, "4.01"),
    "6": (47, "9.38"),
    "7": (150, "2.94"),
    "8": (40, "11.02"),
}


def test_v2_the_example_of_an_encyclopedia() -> None:
    """Wikipedia, "Parimutuel betting", as kept by liquisearch: 14.25 % of 514 leave 440.76."""
    policy = evolve(US, takeout=1_425)
    stakes: Stakes = {target: stake for target, (stake, _) in APPROXIMATES.items()}
    for target, (_, approximate) in APPROXIMATES.items():
        assert rounded(exact(stakes, target, policy)[target], "0.01") == Decimal(approximate)
    outcome = settled(stakes, "4", policy)
    assert (outcome.takeout, outcome.prices) == (7_324, {"4": 80_000})
    assert outcome.breakage == 76


@pytest.mark.parametrize(("winner", "price"), [("a", 76_500), ("b", 25_500), ("c", 15_300)])
def test_v3_three_horses(winner: str, price: int) -> None:
    """had2know, "Horse Racing Betting Odds and Payout Calculator": 765 of 900 at 15 %."""
    policy = evolve(SHIPPED["social"], takeout=1_500)
    outcome = settled({"a": 100, "b": 300, "c": 500}, winner, policy)
    assert 90_000 - outcome.takeout == 76_500
    assert outcome.prices == {winner: price}


TIED: Stakes = {"a": 200, "b": 100, "c": 700}


@pytest.mark.parametrize(
    ("dead_heat", "prices"),
    [
        (DeadHeat.PROFIT, {"a": 23_000, "b": 36_000}),
        (DeadHeat.POOL, {"a": 20_000, "b": 41_000}),
        (DeadHeat.SINGLE, {"a": 27_000, "b": 27_000}),
    ],
)
def test_v4_a_dead_heat(dead_heat: DeadHeat, prices: dict[str, int]) -> None:
    """Ohio Revised Code 3769-13-16 (`profit`), UK Tote (`pool`), a coupled entry (`single`)."""
    assert settled(TIED, "ab", evolve(US, dead_heat=dead_heat)).prices == prices


def test_v4_if_one_of_the_tied_is_unbacked_the_other_has_all() -> None:
    """Ohio Revised Code 3769-13-16."""
    assert settled({"a": 200, "c": 800}, "ab", US).prices == {"a": 41_000}


def test_v5_a_minus_pool() -> None:
    """Florida Administrative Code 75-7.002 (4), Ohio 3769-13-09: below 1.10 pays 1.05."""
    outcome = settled({"a": 900, "b": 100}, "a", US)
    assert rounded(exact({"a": 900, "b": 100}, "a", US)["a"], "0.001") == Decimal("0.911")
    assert (outcome.prices, paid(outcome)) == ({"a": 10_500}, [94_500, 0])
    assert (outcome.takeout, outcome.minus) == (18_000, 12_500)
    assert outcome.takeout - outcome.minus == 5_500


def test_v6_an_unbacked_winner_carries_the_pool_over() -> None:
    """UK Tote, totewin: the deduction is only taken when the funds are won."""
    outcome = settled({"a": 900, "b": 100}, "x", TOTE)
    assert (outcome.carried_out, outcome.takeout, outcome.is_money_return) == (100_000, 0, False)
    assert [one.lost_stake for one in outcome.settlements] == [90_000, 10_000]


def test_v7_the_next_pool_has_what_was_carried_over() -> None:
    """UK Tote, totewin: funds that are brought forward form part of the gross pool."""
    outcome = settled({"a": 100, "b": 400}, "a", TOTE, carried_in=1_000)
    assert (outcome.takeout, outcome.prices) == (28_875, {"a": 121_000})
    assert (paid(outcome), outcome.breakage) == ([121_000, 0], 125)


def test_v8_three_stakes_of_one_share_three_and_a_half() -> None:
    """docs/reference/payouts.md, "Rounding"."""
    stakes: Stakes = {"a": 1, "b": 1, "c": 1, "x": "0.50"}
    assert paid(settled(stakes, "abc", PLAIN)) == [117, 117, 116, 0]
    outcome = settled(stakes, "abc", Policy("cents", break_to=1))
    assert (paid(outcome), outcome.breakage) == ([116, 116, 116, 0], 2)


def test_v9_odd_stakes_are_paid_down_to_a_hundredth() -> None:
    """Our numbers: 0.07 and 0.13 at a price of 4.10."""
    outcome = settled(
        {"a": "0.07", "b": "0.13", "c": "0.80"}, "ab", evolve(US, dead_heat=DeadHeat.SINGLE)
    )
    assert set(outcome.prices.values()) == {41_000}
    assert (paid(outcome), outcome.breakage) == ([28, 53, 0], 1)


TABCORP = evolve(SHIPPED["social"], takeout=1_500)


def test_v10_a_win_pool_of_an_australian_tote() -> None:
    """Tabcorp's "Tote Betting Dividend Calculator", an exercise with its result: W:2:$2.61."""
    stakes: Stakes = {"1": 61, "2": 110, "3": 90, "4": 77}
    outcome = settled(stakes, "2", TABCORP)
    assert outcome.prices == {"2": 26_100}
    assert outcome.takeout == 5_070


def test_v11_a_place_pool_has_three_equal_parts() -> None:
    """The same: P:2:$1.06, P:3:$1.27, P:1:$2.13, to the nearest cent; commission 77.52.

    A place pool with three winners is divided as a dead heat of three. We round down.
    """
    policy = evolve(TABCORP, takeout=1_200, dead_heat=DeadHeat.POOL)
    stakes: Stakes = {"1": 89, "2": 179, "3": 149, "4": 229}
    published = {"2": "1.06", "3": "1.27", "1": "2.13"}
    prices = exact(stakes, "123", policy)
    assert {t: str(rounded(price, "0.01")) for t, price in prices.items()} == published
    outcome = settled(stakes, "123", policy)
    assert outcome.prices == {"1": 21_200, "2": 10_500, "3": 12_700}
    assert outcome.takeout == 7_752


def test_v12_an_exacta_pool_is_a_pool_like_any_other() -> None:
    """The same: E:2,3:$2.43 at 18 %. The letters stand for 1,2 and 2,3 and 1,3 and 3,2."""
    stakes: Stakes = {"a": 99, "b": 206, "c": 203, "d": 103}
    assert settled(stakes, "b", evolve(TABCORP, takeout=1_800)).prices == {"b": 24_300}


def test_v13_the_house_adds_what_a_minus_pool_lacks() -> None:
    """US Legal Forms, "Minus Pool", second example: 42,500 of 50,000 for payouts of 45,000."""
    policy = evolve(US, takeout=1_500, minimum=100)
    outcome = settled({"a": 45_000, "b": 5_000}, "a", policy)
    assert (sum(paid(outcome)), outcome.minus) == (4_500_000, 250_000)


def test_v14_a_pool_without_a_remainder_has_no_breakage() -> None:
    """Life Essentials, "Understanding Tote Dividends": 8,200 of 10,000 for 820 tickets."""
    outcome = settled({"a": 820, "b": 9_180}, "a", US)
    assert (outcome.takeout, outcome.prices) == (180_000, {"a": 100_000})
    assert outcome.breakage == 0


@pytest.mark.parametrize(("on_winner", "price"), [(900, 10_200), (960, 10_200)])
def test_v15_a_dividend_of_at_most_90p_is_1_02(on_winner: int, price: int) -> None:
    """UK Tote, totewin (ii), with our numbers."""
    assert settled({"a": on_winner, "b": 1_000 - on_winner}, "a", TOTE).prices == {"a": price}


def test_v16_too_little_for_2_20_pays_2_10_and_the_commission_bears_it() -> None:
    """Illinois Administrative Code 11-300.90, with our numbers: 2.00 at 17 % of 1,000."""
    outcome = settled({"a": 800, "b": 200}, "a", evolve(US, takeout=1_700))
    assert (outcome.prices, outcome.minus) == ({"a": 10_500}, 1_000)
    outcome = settled({"a": 750, "b": 250}, "a", evolve(US, takeout=1_700))
    assert (outcome.prices, outcome.minus) == ({"a": 11_000}, 0)


def test_v17_three_tied_split_the_profit_and_two_if_one_is_unbacked() -> None:
    """Oklahoma 325:65-9-4 (a), (b)(3), (4); Montana rule version 43344: paid as a show pool."""
    stakes: Stakes = {"a": 100, "b": 200, "c": 300, "x": 400}
    policy = evolve(US, takeout=2_000)
    # 800 less 600 is a profit of 200: 66.67 each, on 100, 200 and 300.
    assert settled(stakes, "abc", policy).prices == {"a": 16_000, "b": 13_000, "c": 12_000}
    # Without c: 800 less 300 is 500, 250 each.
    left: Stakes = {"a": 100, "b": 200, "x": 700}
    assert settled(left, "abc", policy).prices == {"a": 35_000, "b": 22_000}


def test_v18_no_backer_of_any_winner_is_a_refund() -> None:
    """Oklahoma 325:65-9-4 (b)(7), Virginia 11VAC10-20-320 B 2."""
    outcome = settled({"a": 100, "b": 200}, "xy", US)
    assert outcome.is_money_return
    assert [one.returned_stake for one in outcome.settlements] == [10_000, 20_000]
    assert (outcome.takeout, outcome.carried_out) == (0, 0)


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=SHIPPED)
def test_the_board_shows_what_is_paid(policy: Policy) -> None:
    for target, (stake, _) in APPROXIMATES.items():
        stakes: Stakes = {name: each for name, (each, _) in APPROXIMATES.items()}
        shown = odds(51_400, hundredths(stake), policy, 7_000)
        assert settled(stakes, target, policy, 70).prices == {target: round(shown * 10_000)}


def test_the_shipped_policies_are_those_of_the_contract() -> None:
    assert {
        "plain": Policy("plain", 0, 0, None, DeadHeat.SINGLE, Unbacked.REFUND),
        "social": Policy("social", 500, 1, 100, DeadHeat.SINGLE, Unbacked.REFUND),
        "tote": Policy("tote", 1_925, 10, 102, DeadHeat.POOL, Unbacked.CARRY),
        "us": Policy("us", 1_800, 10, 105, DeadHeat.PROFIT, Unbacked.REFUND),
    } == SHIPPED

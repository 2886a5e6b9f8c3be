"""Pools of rule books and published results, settled by the rules of this server.

These are the worked examples of docs/explanation/policies.md. Each docstring names its source. If a
source prints unrounded prices, they are compared as it prints them. The examples that are also paid
at the sockets of a server are in `tests/support/worked_pools.py`.
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
from tests.support.worked_pools import EXAMPLES, POLICIES, Example, bets_of, hundredths

TOTE, US = SHIPPED["tote"], SHIPPED["us"]
Stakes = Mapping[str, str | float]
AMOUNTS = ("takeout", "breakage", "minus", "carried_out")


def settled(stakes: Stakes, winners: str, policy: Policy, carried_in: str | int = 0) -> Outcome:
    """Settle a pool; `winners` are single letters. The money always adds up."""
    bets, carry = bets_of(stakes), hundredths(carried_in)
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
    bets = [*bets_of(WIN_POOL), late]
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
    assert settled({"a": 900, "b": 100}, "x", TOTE, carried_in=1_000).carried_out == 200_000


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


def test_v19_breakage_raises_the_takeout() -> None:
    """Horseplayers Association of North America, "Breakage" (2009): 16 % of 100,999.

    84,839.16 are 8.07992 for each 2.00, which pays 8.00: 839.16 are kept, and 16.83 % in all.
    """
    stakes: Stakes = {"a": 21_000, "b": 18_500, "c": 23_500, "d": 37_999}
    policy = evolve(US, takeout=1_600)
    assert rounded(2 * exact(stakes, "a", policy)["a"], "0.00001") == Decimal("8.07992")
    outcome = settled(stakes, "a", policy)
    assert (outcome.prices, sum(paid(outcome))) == ({"a": 40_000}, 8_400_000)
    assert outcome.breakage == 83_916
    kept = Fraction(outcome.takeout + outcome.breakage, 10_099_900)
    assert rounded(kept, "0.0001") == Decimal("0.1683")


def test_v20_three_bettors_on_the_winner() -> None:
    """SBOTOP, "How are dividends calculated in Tote betting?": 265 at 10 %, for 15, 10 and 5."""
    policy = evolve(SHIPPED["social"], takeout=1_000)
    stakes: Stakes = {"a": 50, "b": 30, "c": 20, "d": 15, "e": 150}
    published = {"a": "4.77", "b": "7.95", "c": "11.93", "d": "15.90", "e": "1.59"}
    shown = {t: str(rounded(exact(stakes, t, policy)[t], "0.01")) for t in stakes}
    assert shown == published
    players: Stakes = {"x b": 15, "y b": 10, "z b": 5} | {t: stakes[t] for t in "acde"}
    assert paid(settled(players, "b", policy))[:3] == [11_925, 7_950, 3_975]


def test_v21_a_win_pool_of_the_uk_tote() -> None:
    """tote.co.uk, "Tote vs SP odds": 10,000 leave 8,075; 2,000 on the winner are paid 4.00."""
    outcome = settled({"1": 5_000, "2": 3_000, "3": 2_000}, "3", TOTE)
    assert 1_000_000 - outcome.takeout == 807_500
    assert (outcome.prices, outcome.breakage) == ({"3": 40_000}, 7_500)


def test_v22_a_favourite_at_the_minimum_costs_the_house() -> None:
    """igaming.org, "Minus Pool": 1,175 less 117.50 are 1,057.50, and 1,100 have to be paid."""
    policy = evolve(US, takeout=1_000, minimum=110)
    outcome = settled({"a": 1_000, "b": 100, "c": 50, "d": 25}, "a", policy)
    assert (outcome.takeout, 117_500 - outcome.takeout) == (11_750, 105_750)
    assert (sum(paid(outcome)), outcome.minus) == (110_000, 4_250)


@pytest.mark.parametrize("winners", ["a", "b", "ab", "ac", "abc"])
@pytest.mark.parametrize("takeout", [0, 1_500, 1_600, 2_225])
@pytest.mark.parametrize("amounts", [(300, 200, 500), (1, 1, 1), (7, 11, 1_300), (900, 40, 60)])
def test_v23_the_formula_of_a_pocket_calculator(
    winners: str, takeout: int, amounts: tuple[int, int, int]
) -> None:
    """HP Museum, forum, "It's Derby Day!": the price of 2.00 by the equation of Don Shepherd.

    IP((THIS + ((THIS + FIN + NONFIN) x (1 - COMM) - THIS - FIN) / POOL) / (THIS / 2) x 10) / 10,
    and it knows no minimum.
    """
    stakes: Stakes = dict(zip("abc", amounts, strict=True))
    policy = evolve(US, takeout=takeout, break_to=5, minimum=100)
    prices = settled(stakes, winners, policy).prices
    net = Fraction(sum(amounts) * (10_000 - takeout), 10_000)
    finishers = sum(Fraction(stakes[name]) for name in winners)
    for name in winners:
        this = Fraction(stakes[name])
        of_two = (this + (net - finishers) / len(winners)) / (this / 2)
        printed = Fraction(int(of_two * 10), 10)
        assert Fraction(prices[name], 10_000) == max(Fraction(1), printed / 2)


def test_v24_the_minimum_of_another_country() -> None:
    """Singapore Pools, "Horse Racing Bet Types": 5.30 for 5.00 at least, with our numbers."""
    outcome = settled({"a": 900, "b": 100}, "a", evolve(US, minimum=106))
    assert (outcome.prices, outcome.minus) == ({"a": 10_600}, 13_400)


def test_v25_a_dead_heat_has_as_many_parts_as_backed_winners() -> None:
    """New Zealand Gazette 2007 no. 59, betting rule 9, with our numbers."""
    assert settled({"a": 300, "c": 700}, "ab", TOTE).prices == {"a": 26_000}
    assert settled({"a": 300, "b": 100, "c": 600}, "ab", TOTE).prices == {"a": 13_000, "b": 40_000}


@pytest.mark.parametrize(("break_to", "pays"), [(5, "2.30"), (10, "2.20")])
def test_v26_2_39_is_paid_as_2_30_or_2_20(break_to: int, pays: str) -> None:
    """Daily Racing Form, Steven Crist, "A penny won should be a penny received" (2014)."""
    stakes, policy = {"a": 1_000, "b": 195}, Policy("x", break_to=break_to)
    assert rounded(2 * exact(stakes, "a", policy)["a"], "0.01") == Decimal("2.39")
    assert settled(stakes, "a", policy).prices["a"] == Decimal(pays) * 5_000


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_what_a_server_pays_at_its_sockets_is_what_the_rules_pay(example: Example) -> None:
    stakes = {name: each for name, each in example.stakes.items() if name not in example.scratched}
    outcome = settled(stakes, example.winners, POLICIES[example.policy], example.carried_in)
    won = dict.fromkeys(example.scratched, 0.0)
    for (name, stake), one in zip(stakes.items(), outcome.settlements, strict=True):
        won[name[0]] = (one.received - hundredths(stake)) / 100
    assert {bettor: won[bettor] for bettor in example.won} == example.won
    told: dict[str, object] = {name: getattr(outcome, name) / 100 for name in AMOUNTS}
    told["is_money_return"] = outcome.is_money_return
    told["prices"] = {t.lower(): price / 10_000 for t, price in outcome.prices.items()}
    wanted = {name: value for name, value in example.told.items() if name in told}
    assert {name: told[name] for name in wanted} == wanted


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

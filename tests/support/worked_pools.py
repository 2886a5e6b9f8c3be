"""Worked examples of pools, by the number in docs/explanation/policies.md.

tests/game/test_rule_books.py has the source of each number, and settles every example by the rules.
tests/e2e/test_rule_books.py runs the same examples through sockets. Amounts are units.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import Factory, evolve, frozen

from game.policy import SHIPPED, DeadHeat, Policy
from game.pools import Bet

SOCIAL, US, TOTE = SHIPPED["social"], SHIPPED["us"], SHIPPED["tote"]
OF_EXAMPLES = (
    evolve(US, name="encyclopedia", takeout=1_425, minimum=100, dead_heat=DeadHeat.SINGLE),
    evolve(SOCIAL, name="three", takeout=1_500),
    evolve(US, name="pool", dead_heat=DeadHeat.POOL),
    evolve(US, name="single", dead_heat=DeadHeat.SINGLE),
    Policy("cents", break_to=1),
    evolve(SOCIAL, name="place", takeout=1_200, dead_heat=DeadHeat.POOL),
    evolve(SOCIAL, name="exacta", takeout=1_800),
    evolve(US, name="even", takeout=1_500, minimum=100),
    evolve(US, name="illinois", takeout=1_700),
    evolve(US, name="oklahoma", takeout=2_000),
    evolve(US, name="hana", takeout=1_600),
    evolve(SOCIAL, name="ten", takeout=1_000),
    evolve(US, name="favourite", takeout=1_000, minimum=110),
    evolve(US, name="calculator", takeout=1_500, break_to=5),
    evolve(US, name="singapore", minimum=106),
    Policy("dime", break_to=10),
    Policy("nickel", break_to=5),
)
"""The policies of the examples, beside those that are shipped."""
POLICIES = SHIPPED | {policy.name: policy for policy in OF_EXAMPLES}

HORSES = "ABCDEFGH"
"""The targets of a pool, and the bettors."""


@frozen
class Example:
    """A pool: its stakes, its winners, and what each bettor has won or lost afterwards.

    A stake on "A" is one of bettor A on target A; one on "FB" is one of bettor F on target B. The
    stakes on `scratched` are refunded before the pool is decided. `told` is what 362 says of it.
    """

    policy: str
    stakes: Mapping[str, float]
    winners: str
    won: Mapping[str, float]
    told: Mapping[str, Any] = Factory(dict)
    scratched: str = ""
    carried_in: int = 0


def hundredths(units: str | float) -> int:
    """Return units in hundredths."""
    return int(Decimal(str(units)) * 100)


def bets_of(stakes: Mapping[str, Any]) -> list[Bet]:
    """Return a bet for each stake; the bettor has the number of its place, from 1."""
    return [
        Bet(name, user, name[-1], hundredths(amount), user)
        for user, (name, amount) in enumerate(stakes.items(), 1)
    ]


EXAMPLES = {
    "V1": Example(
        "us", {"A": 23_872, "B": 169_041, "C": 1_317}, "A",
        {"A": 133_683.20, "B": -169_041, "C": 0},
        {"takeout": 34_724.34, "breakage": 633.46, "prices": {"a": 6.6}}, scratched="C",
    ),
    "V2": Example(
        "encyclopedia", dict(zip(HORSES, [30, 70, 12, 55, 110, 47, 150, 40], strict=True)), "D",
        {"D": 385, "A": -30, "H": -40},
        {"takeout": 73.24, "breakage": 0.76, "prices": {"d": 8}},
    ),
    "V3 a": Example(
        "three", {"A": 100, "B": 300, "C": 500}, "A", {"A": 665, "B": -300, "C": -500},
        {"takeout": 135, "breakage": 0, "prices": {"a": 7.65}},
    ),
    "V3 b": Example(
        "three", {"A": 100, "B": 300, "C": 500}, "B", {"A": -100, "B": 465, "C": -500},
        {"takeout": 135, "breakage": 0, "prices": {"b": 2.55}},
    ),
    "V3 c": Example(
        "three", {"A": 100, "B": 300, "C": 500}, "C", {"A": -100, "B": -300, "C": 265},
        {"takeout": 135, "breakage": 0, "prices": {"c": 1.53}},
    ),
    "V4 profit": Example(
        "us", {"A": 200, "B": 100, "C": 700}, "AB", {"A": 260, "B": 260, "C": -700},
        {"prices": {"a": 2.3, "b": 3.6}, "breakage": 0, "winning_targets": ["a", "b"]},
    ),
    "V4 pool": Example(
        "pool", {"A": 200, "B": 100, "C": 700}, "BA", {"A": 200, "B": 310},
        {"prices": {"a": 2, "b": 4.1}, "breakage": 10, "winning_target": "a"},
    ),
    "V4 single": Example(
        "single", {"A": 200, "B": 100, "C": 700}, "AB", {"A": 340, "B": 170},
        {"prices": {"a": 2.7, "b": 2.7}, "breakage": 10},
    ),
    "V4 unbacked": Example(
        "us", {"A": 200, "C": 800}, "AB", {"A": 620, "C": -800},
        {"prices": {"a": 4.1}, "breakage": 0, "winning_targets": ["a", "b"]},
    ),
    "V5": Example(
        "us", {"A": 900, "B": 100}, "A", {"A": 45, "B": -100},
        {"prices": {"a": 1.05}, "takeout": 180, "minus": 125, "breakage": 0},
    ),
    "V6": Example(
        "tote", {"A": 900, "B": 100}, "D", {"A": -900, "B": -100},
        {"prices": {}, "takeout": 0, "carried_out": 1_000, "is_money_return": False},
    ),
    "V7": Example(
        "tote", {"A": 100, "B": 400}, "A", {"A": 1_110, "B": -400},
        {"prices": {"a": 12.1}, "takeout": 288.75, "breakage": 1.25, "carried_out": 0},
        carried_in=1_000,
    ),
    "V8": Example(
        "cents", {"A": 1, "B": 1, "C": 1, "D": 0.5}, "ABC",
        {"A": 0.16, "B": 0.16, "C": 0.16, "D": -0.5}, {"takeout": 0, "breakage": 0.02},
    ),
    "V8 plain": Example(
        "plain", {"A": 1, "B": 1, "C": 1, "D": 0.5}, "ABC",
        {"A": 0.17, "B": 0.17, "C": 0.16, "D": -0.5}, {"takeout": 0, "breakage": 0},
    ),
    "V9": Example(
        "single", {"A": 0.07, "B": 0.13, "C": 0.8}, "AB", {"A": 0.21, "B": 0.40, "C": -0.8},
        {"prices": {"a": 4.1, "b": 4.1}, "breakage": 0.01},
    ),
    "V10": Example(
        "three", {"A": 61, "B": 110, "C": 90, "D": 77}, "B", {"A": -61, "B": 177.10},
        {"prices": {"b": 2.61}, "takeout": 50.70, "breakage": 0.20},
    ),
    "V11": Example(
        "place", {"A": 89, "B": 179, "C": 149, "D": 229}, "ABC",
        {"A": 99.68, "B": 8.95, "C": 40.23, "D": -229},
        {"prices": {"a": 2.12, "b": 1.05, "c": 1.27}, "takeout": 77.52},
    ),
    "V12": Example(
        "exacta", {"A": 99, "B": 206, "C": 203, "D": 103}, "B", {"B": 294.58},
        {"prices": {"b": 2.43}, "takeout": 109.98, "breakage": 0.44},
    ),
    "V13": Example(
        "even", {"A": 45_000, "B": 5_000}, "A", {"A": 0, "B": -5_000},
        {"prices": {"a": 1}, "takeout": 7_500, "minus": 2_500},
    ),
    "V14": Example(
        "us", {"A": 820, "B": 9_180}, "A", {"A": 7_380},
        {"prices": {"a": 10}, "takeout": 1_800, "breakage": 0},
    ),
    "V15": Example(
        "tote", {"A": 960, "B": 40}, "A", {"A": 19.20},
        {"prices": {"a": 1.02}, "takeout": 192.50, "minus": 171.70},
    ),
    "V16 too little": Example(
        "illinois", {"A": 800, "B": 200}, "A", {"A": 40}, {"prices": {"a": 1.05}, "minus": 10}
    ),
    "V16 enough": Example(
        "illinois", {"A": 750, "B": 250}, "A", {"A": 75}, {"prices": {"a": 1.1}, "minus": 0}
    ),
    "V17": Example(
        "oklahoma", {"A": 100, "B": 200, "C": 300, "D": 400}, "ABC",
        {"A": 60, "B": 60, "C": 60, "D": -400}, {"prices": {"a": 1.6, "b": 1.3, "c": 1.2}},
    ),
    "V17 unbacked": Example(
        "oklahoma", {"A": 100, "B": 200, "D": 700}, "ABC", {"A": 250, "B": 240},
        {"prices": {"a": 3.5, "b": 2.2}, "breakage": 10},
    ),
    "V18": Example(
        "us", {"A": 100, "B": 200}, "CD", {"A": 0, "B": 0},
        {"is_money_return": True, "takeout": 0, "carried_out": 0},
    ),
    "V19": Example(
        "hana", {"A": 21_000, "B": 18_500, "C": 23_500, "D": 37_999}, "A", {"A": 63_000},
        {"prices": {"a": 4}, "takeout": 16_159.84, "breakage": 839.16},
    ),
    "V20": Example(
        "ten", {"A": 50, "FB": 15, "GB": 10, "HB": 5, "C": 20, "D": 15, "E": 150}, "B",
        {"F": 104.25, "G": 69.50, "H": 34.75, "E": -150},
        {"prices": {"b": 7.95}, "takeout": 26.50, "breakage": 0},
    ),
    "V21": Example(
        "tote", {"A": 5_000, "B": 3_000, "C": 2_000}, "C", {"A": -5_000, "C": 6_000},
        {"prices": {"c": 4}, "takeout": 1_925, "breakage": 75},
    ),
    "V22": Example(
        "favourite", {"A": 1_000, "B": 100, "C": 50, "D": 25}, "A", {"A": 100, "B": -100},
        {"prices": {"a": 1.1}, "takeout": 117.50, "minus": 42.50},
    ),
    "V23": Example(
        "calculator", {"A": 300, "B": 200, "C": 500}, "AB", {"A": 165, "B": 170, "C": -500},
        {"prices": {"a": 1.55, "b": 1.85}, "takeout": 150, "breakage": 15},
    ),
    "V24": Example(
        "singapore", {"A": 900, "B": 100}, "A", {"A": 54}, {"prices": {"a": 1.06}, "minus": 134}
    ),
    "V25": Example(
        "pool", {"A": 300, "C": 700}, "AB", {"A": 510, "C": -700},
        {"prices": {"a": 2.7}, "takeout": 180, "breakage": 10},
    ),
    "V26 dime": Example(
        "dime", {"A": 1_000, "B": 195}, "A", {"A": 100}, {"prices": {"a": 1.1}, "breakage": 95}
    ),
    "V26 nickel": Example(
        "nickel", {"A": 1_000, "B": 195}, "A", {"A": 150}, {"prices": {"a": 1.15}, "breakage": 45}
    ),
}  # fmt: skip
"""V7 follows V6, whose stakes are carried over to it."""

"""Policies: what a pool keeps, how its prices are rounded, and what a dead heat pays.

Pure arithmetic in whole hundredths. Nothing is ever a float, so every result is exact.

Theory of operation
===================

A pool is settled in the order of the rule texts of horse racing. S are the stakes that count, C is
what earlier pools carried over, W are the winning targets that somebody backs, and k is their
number.

    1. S = 0             nothing is paid, nothing is kept; C goes on to a later pool.
    2. W is empty        refund: every stake goes back, C goes on.
                         carry: S + C go on.
    3. gross  = S + C    takeout = gross * rate, rounded down; net = gross - takeout.
    4. price             what 1.00 on a winning target is paid, exactly:
                           single   net / (stakes on all of W)         one price for all
                           pool     (net / k) / (stakes on it)         equal parts of the net pool
                           profit   1 + ((net - stakes on all of W) / k) / (stakes on it)
    5. break             the price is rounded down to a multiple of `break_to`, then raised to the
                         `minimum` if it is below.
    6. pay               each bet is paid amount * price, rounded down to a hundredth.
    7. rest              net - paid: what is left is the breakage; what is lacking is the minus,
                         which the house adds.

So S + C + minus = paid + returned + takeout + breakage + carried out, always.

With `break_to` 0 there are no steps 5 and 6: the net pool is shared to the last hundredth
(`game/payout.py`, `shares`). Such a policy takes nothing and pays one price, so that nobody who was
right is paid less than the stake. Every other policy needs a `minimum` of 1.00 or more, which
promises the same (`complaint`).

This file has steps 3 to 5, which look at sums. Steps 1, 2, 6 and 7 look at bets, and are in
`game/payout.py`. The page's copy is `toteboard/page/app/payout.js`.
"""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Final

from attrs import frozen

MOST_TAKEOUT: Final = 5_000
"""The largest takeout, in hundredths of a per cent."""
BREAK_POINTS: Final = (0, 1, 5, 10, 20)
"""What a price may be rounded down to a multiple of, in hundredths. 0: it is not rounded."""
MINIMUMS: Final = range(100, 121)
"""What 1.00 may be paid at least, in hundredths."""


class DeadHeat(StrEnum):
    """How winners of a dead heat share a pool."""

    SINGLE = "single"
    POOL = "pool"
    PROFIT = "profit"


class Unbacked(StrEnum):
    """What happens to the stakes if no bet backs a winner."""

    REFUND = "refund"
    CARRY = "carry"


@frozen
class Policy:
    """What a pool pays, under a name.

    `takeout` is in hundredths of a per cent, `break_to` and `minimum` in hundredths for a stake of
    1.00. A `break_to` of 0 shares the pool to the last hundredth. A `minimum` of None promises
    nothing.
    """

    name: str
    takeout: int = 0
    break_to: int = 0
    minimum: int | None = None
    dead_heat: DeadHeat = DeadHeat.SINGLE
    unbacked: Unbacked = Unbacked.REFUND


PLAIN: Final = Policy("plain")
"""The policy of a pool that names none: the winners share everything."""

SHIPPED: Final[dict[str, Policy]] = {
    each.name: each
    for each in (
        PLAIN,
        Policy("social", takeout=500, break_to=1, minimum=100),
        Policy(
            "tote",
            takeout=1_925,
            break_to=10,
            minimum=102,
            dead_heat=DeadHeat.POOL,
            unbacked=Unbacked.CARRY,
        ),
        Policy("us", takeout=1_800, break_to=10, minimum=105, dead_heat=DeadHeat.PROFIT),
    )
}
"""The policies of every server, by name."""


def complaint(policy: Policy) -> str | None:
    """Return why a policy cannot be used, as the end of a sentence, or None if it can."""
    if not 0 <= policy.takeout <= MOST_TAKEOUT:
        return "takeout must be from 0 to 50"
    if policy.break_to not in BREAK_POINTS:
        return "break_to must be one of 0, 0.01, 0.05, 0.10, 0.20"
    if policy.minimum is not None and policy.minimum not in MINIMUMS:
        return "minimum must be from 1.00 to 1.20"
    if policy.minimum is not None and not policy.break_to:
        return "minimum needs a break_to"
    shares_all = policy.takeout == 0 and policy.dead_heat is DeadHeat.SINGLE
    if not shares_all and policy.minimum is None:
        return "a takeout, or a dead_heat other than single, needs break_to and minimum"
    return None


def takeout_of(policy: Policy, gross: int) -> int:
    """Return what the house takes of `gross` hundredths, rounded down in favour of the pool."""
    return gross * policy.takeout // 10_000


def exact_prices(policy: Policy, net: int, stakes: Mapping[str, int]) -> dict[str, Fraction]:
    """Return the exact price of each winning target (step 4).

    `net` is what is left after the takeout, `stakes` the hundredths on each winning target, each
    above 0.
    """
    together, parts = sum(stakes.values()), len(stakes)
    match policy.dead_heat:
        case DeadHeat.SINGLE:
            return dict.fromkeys(stakes, Fraction(net, together))
        case DeadHeat.POOL:
            return {target: Fraction(net, parts * stake) for target, stake in stakes.items()}
        case DeadHeat.PROFIT:
            profit = net - together
            return {
                target: max(Fraction(0), 1 + Fraction(profit, parts * stake))
                for target, stake in stakes.items()
            }


def price_of(policy: Policy, part: int, whole: int) -> int:
    """Return the price that is paid for `part / whole`, in ten-thousandths for 1.00 (step 5).

    No other function rounds a price, so odds and payouts agree. A price that the policy does not
    break is rounded to four decimals, halves up: it is only shown, and `shares` divides the pool.
    Integers only, because every 361 asks this for each target of its pool.
    """
    if not policy.break_to:
        return (part * 20_000 + whole) // (2 * whole)
    down = part * 100 // (whole * policy.break_to) * policy.break_to
    return max(down, policy.minimum or 0) * 100

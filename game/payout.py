"""Payouts: what every bettor receives when a pool is settled. Pure arithmetic on hundredths.

The winning bets share the pool less the void stakes and the takeout, by the pool's policy
(`game/policy.py` has the order of the steps). `shares` rounds where the policy does not round
prices, and decides which bets get the hundredths left over. `game/ledger.py` turns the outcome into
transfers, and `game/odds.py` computes the odds. The page's copy is `toteboard/page/app/payout.js`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import Factory, astuple, define, frozen

from game.facts import Settlement
from game.policy import PLAIN, Policy, Unbacked, exact_prices, price_of, takeout_of
from game.pools import Bet


@define
class UserTotals:
    """Sums for one user while a pool is settled, in the fields of a `Settlement`."""

    won_stake: int = 0
    lost_stake: int = 0
    void_stake: int = 0
    returned_stake: int = 0
    paid: int = 0


@frozen
class Outcome:
    """What every user receives, in the order of their first bets, and what else the pool pays.

    `prices` are ten-thousandths for 1.00 on each winning target that was backed. The other fields
    are hundredths; `minus` is what the house adds. `game/policy.py` defines them.
    """

    settlements: tuple[Settlement, ...]
    is_money_return: bool
    prices: dict[str, int] = Factory(dict)
    takeout: int = 0
    breakage: int = 0
    minus: int = 0
    carried_out: int = 0


@frozen
class Division:
    """What the winning bets are paid, by the id of the bet, and what else becomes of the pool."""

    paid: dict[str, int] = Factory(dict)
    prices: dict[str, int] = Factory(dict)
    takeout: int = 0
    rest: int = 0
    """What is left of the net pool, in hundredths; below zero if it did not suffice."""


def settle(
    bets: Sequence[Bet],
    winners: tuple[str, ...],
    *,
    void_after: int,
    policy: Policy = PLAIN,
    carried_in: int = 0,
) -> Outcome:
    """Settle a pool: compute what every bettor receives if these targets win.

    Bets placed after `void_after` (epoch milliseconds) are void and refunded. If none of the
    other bets backs a winner, the policy decides between refunding all stakes (`is_money_return`)
    and carrying them over. `carried_in` is what earlier pools carried over to this one.
    """
    valid = [bet for bet in bets if bet.placed_at <= void_after]
    winning = [bet for bet in valid if bet.target_id in winners]
    staked = _total(valid)
    is_money_return = bool(valid) and not winning and policy.unbacked is Unbacked.REFUND
    division = divide(winning, staked + carried_in, policy) if winning else Division()
    settlements = _settlements(bets, void_after, division.paid, is_money_return=is_money_return)
    is_kept = not winning and not is_money_return
    return Outcome(
        settlements,
        is_money_return,
        prices=division.prices,
        takeout=division.takeout,
        breakage=max(0, division.rest),
        minus=max(0, -division.rest),
        carried_out=0 if winning else carried_in + staked * is_kept,
    )


def divide(winning: Sequence[Bet], gross: int, policy: Policy) -> Division:
    """Divide what is in a pool, `gross` hundredths, between its winning bets; there is one."""
    takeout = takeout_of(policy, gross)
    net = gross - takeout
    stakes: defaultdict[str, int] = defaultdict(int)
    for bet in winning:
        stakes[bet.target_id] += bet.amount
    prices = {
        target: price_of(policy, exact.numerator, exact.denominator)
        for target, exact in exact_prices(policy, net, stakes).items()
    }
    if policy.break_to:
        parts = [bet.amount * prices[bet.target_id] // 10_000 for bet in winning]
    else:
        parts = shares(winning, net)
    paid = dict(zip((bet.bet_id for bet in winning), parts, strict=True))
    return Division(paid, prices, takeout, net - sum(parts))


def refund(bets: Sequence[Bet], *, carried_in: int = 0) -> Outcome:
    """Return the outcome of a cancelled pool: all stakes are refunded, and the carry goes on."""
    totals: defaultdict[int, UserTotals] = defaultdict(UserTotals)
    for bet in bets:
        totals[bet.user_id].returned_stake += bet.amount
    return Outcome(_of_users(totals), is_money_return=True, carried_out=carried_in)


def shares(winning: Sequence[Bet], total: int) -> list[int]:
    """Return each winning bet's share of the total.

    Shares are rounded down to a hundredth. The hundredths left over go, one each, to the bets with
    the largest remainders; of equal remainders, to the earliest bet first.
    """
    if not winning:
        return []
    stakes = _total(winning)
    parts = [total * bet.amount // stakes for bet in winning]
    left_over = total - sum(parts)
    by_remainder = sorted(
        range(len(winning)), key=lambda i: total * winning[i].amount % stakes, reverse=True
    )
    for index in by_remainder[:left_over]:
        parts[index] += 1
    return parts


def _total(bets: Sequence[Bet]) -> int:
    return sum(bet.amount for bet in bets)


def _settlements(
    bets: Sequence[Bet], void_after: int, paid: Mapping[str, int], *, is_money_return: bool
) -> tuple[Settlement, ...]:
    """Return what the bets mean for each user; `paid` has the winning bets."""
    totals: defaultdict[int, UserTotals] = defaultdict(UserTotals)
    for bet in bets:
        user = totals[bet.user_id]
        if bet.placed_at > void_after:
            user.void_stake += bet.amount
        elif is_money_return:
            user.returned_stake += bet.amount
        elif bet.bet_id in paid:
            user.won_stake += bet.amount
            user.paid += paid[bet.bet_id]
        else:
            user.lost_stake += bet.amount
    return _of_users(totals)


def _of_users(totals: Mapping[int, UserTotals]) -> tuple[Settlement, ...]:
    return tuple(Settlement(user_id, *astuple(user)) for user_id, user in totals.items())

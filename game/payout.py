"""Payouts: what every bettor receives when a pool is settled. Pure arithmetic on hundredths.

The winning bets share the whole pool less the void stakes, in proportion to their amounts; there
is no takeout (contract, section 7, "Rules"). `shares` rounds, and decides which bets get the
hundredths left over. `game/ledger.py` turns the outcome into transfers, and `game/odds.py` computes
the odds. The page's copy is `toteboard/page/app/payout.js`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import astuple, define, frozen

from game.facts import Settlement
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
    """What every user receives, in the order of their first bets."""

    settlements: tuple[Settlement, ...]
    is_money_return: bool


def settle(bets: Sequence[Bet], winning_target: str, *, void_after: int) -> Outcome:
    """Settle a pool: compute what every bettor receives if `winning_target` wins.

    Bets placed after `void_after` (epoch milliseconds) are void and refunded. If none of the
    other bets backs the winner, all stakes are refunded (`is_money_return`).
    """
    valid = [bet for bet in bets if bet.placed_at <= void_after]
    winning = [bet for bet in valid if bet.target_id == winning_target]
    is_money_return = bool(valid) and not winning
    parts = dict(zip((bet.bet_id for bet in winning), shares(winning, _total(valid)), strict=True))
    totals: defaultdict[int, UserTotals] = defaultdict(UserTotals)
    for bet in bets:
        user = totals[bet.user_id]
        if bet.placed_at > void_after:
            user.void_stake += bet.amount
        elif is_money_return:
            user.returned_stake += bet.amount
        elif bet.target_id == winning_target:
            user.won_stake += bet.amount
            user.paid += parts[bet.bet_id]
        else:
            user.lost_stake += bet.amount
    return Outcome(_settlements(totals), is_money_return)


def refund(bets: Sequence[Bet]) -> Outcome:
    """Return the outcome of a cancelled pool: all stakes are refunded."""
    totals: defaultdict[int, UserTotals] = defaultdict(UserTotals)
    for bet in bets:
        totals[bet.user_id].returned_stake += bet.amount
    return Outcome(_settlements(totals), is_money_return=True)


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


def _settlements(totals: Mapping[int, UserTotals]) -> tuple[Settlement, ...]:
    return tuple(Settlement(user_id, *astuple(user)) for user_id, user in totals.items())

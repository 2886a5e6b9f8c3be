"""Who is paid what when a parimutuel pool is resolved: pure arithmetic on whole hundredths.

Contract, section 7, "Rules". The winners share the whole pool less void stakes, bet by bet in
proportion to their stakes; there is no takeout. What the outcome moves is `game/ledger.py`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import astuple, define, frozen

from game.facts import Settlement
from game.pools import Bet


@define
class UserTotals:
    """What has been counted for one user so far; the fields are those of a `Settlement`."""

    won_stake: int = 0
    lost_stake: int = 0
    void_stake: int = 0
    returned_stake: int = 0
    paid: int = 0


@frozen
class Outcome:
    """How a pool ends for everyone who had a bet in it, in the order of their first bets."""

    settlements: tuple[Settlement, ...]
    is_money_return: bool


def settle(bets: Sequence[Bet], winning_target: str, *, void_after: int) -> Outcome:
    """The outcome when a target wins; bets placed later than `void_after` (epoch ms) are void.

    If nobody backed the winner though there were bets that count, every stake goes back.
    """
    valid = [bet for bet in bets if bet.placed_at <= void_after]
    winning = [bet for bet in valid if bet.target_id == winning_target]
    is_money_return = bool(valid) and not winning
    parts = dict(zip((bet.bet_id for bet in winning), shares(winning, _total(valid)), strict=True))
    tally: defaultdict[int, UserTotals] = defaultdict(UserTotals)
    for bet in bets:
        user = tally[bet.user_id]
        if bet.placed_at > void_after:
            user.void_stake += bet.amount
        elif is_money_return:
            user.returned_stake += bet.amount
        elif bet.target_id == winning_target:
            user.won_stake += bet.amount
            user.paid += parts[bet.bet_id]
        else:
            user.lost_stake += bet.amount
    return Outcome(_settlements(tally), is_money_return)


def refund(bets: Sequence[Bet]) -> Outcome:
    """The outcome of a pool that is cancelled: every stake goes back."""
    tally: defaultdict[int, UserTotals] = defaultdict(UserTotals)
    for bet in bets:
        tally[bet.user_id].returned_stake += bet.amount
    return Outcome(_settlements(tally), is_money_return=True)


def shares(winning: Sequence[Bet], total: int) -> list[int]:
    """Each winning bet's part of the total.

    Rounded down to a hundredth; the hundredths left over go one each to the largest remainders,
    the earliest bet first.
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


def _settlements(tally: Mapping[int, UserTotals]) -> tuple[Settlement, ...]:
    return tuple(Settlement(user_id, *astuple(user)) for user_id, user in tally.items())

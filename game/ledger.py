"""The transfers between accounts that a fact causes, in whole hundredths.

Double entry: a transfer adds to one account what it subtracts from another. The accounts of a
currency therefore always sum to zero, with `issue` below zero by the credits of operators.
Payouts are computed in `game/payout.py`, and accounts are stored by `storage/accounts.py`.
"""

from typing import Final

from attrs import frozen

from game.facts import BetPlaced, Fact, PoolResolved, Settlement

ISSUE: Final = "issue"
"""The source of operators' credits: the only account below zero."""


def available_of(user_id: int) -> str:
    """Return the account of a user's available balance."""
    return f"player:{user_id}:available"


def exposure_of(user_id: int) -> str:
    """Return the account of a user's stakes in unresolved pools."""
    return f"player:{user_id}:exposure"


def held_of(user_id: int) -> str:
    """Return the account of what an operator's holds set aside of a user's balance."""
    return f"player:{user_id}:held"


def pool_account(pool_id: str) -> str:
    """Return the account through which stakes pass to the winners. It is empty before and after."""
    return f"pool:{pool_id}"


@frozen
class Transfer:
    """A transfer of `amount` hundredths, above 0, from account `debit` to account `credit`."""

    debit: str
    credit: str
    amount: int
    cause: str


@frozen
class Movement:
    """The change of one user's balances by a fact, in hundredths (contract, section 8)."""

    user_id: int
    available: int
    exposure: int
    cause: str
    pool_id: str


def transfers(fact: Fact) -> list[Transfer]:
    """Return the transfers that a fact causes, possibly none."""
    match fact:
        case BetPlaced():
            account = available_of(fact.user_id), exposure_of(fact.user_id)
            return [Transfer(*account, fact.amount, "bet")]
        case PoolResolved():
            return [t for one in fact.settlements for t in _settled(fact.pool_id, one) if t.amount]
        case _:
            return []


def movements(fact: Fact) -> list[Movement]:
    """Return the changes of balances that a fact causes, one for each user."""
    match fact:
        case BetPlaced():
            return [Movement(fact.user_id, -fact.amount, fact.amount, "bet", fact.pool_id)]
        case PoolResolved():
            return [_movement(fact.pool_id, one) for one in fact.settlements]
        case _:
            return []


def _settled(pool_id: str, one: Settlement) -> list[Transfer]:
    available, exposure = available_of(one.user_id), exposure_of(one.user_id)
    pool = pool_account(pool_id)
    return [
        Transfer(exposure, pool, one.won_stake + one.lost_stake, "stake"),
        Transfer(pool, available, one.paid, "payout"),
        Transfer(exposure, available, one.void_stake + one.returned_stake, "refund"),
    ]


def _movement(pool_id: str, one: Settlement) -> Movement:
    return Movement(one.user_id, one.received, -one.stakes, _cause(one), pool_id)


def _cause(one: Settlement) -> str:
    """Return the cause: a fact with a payout and a refund counts as a payout."""
    if one.paid:
        return "payout"
    return "refund" if one.received else "loss"

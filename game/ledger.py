"""What moves money: facts as transfers between accounts, in whole hundredths.

Double entry: a transfer takes from one account what it gives to another, so that the sum over all
accounts of a currency never changes but by an operator's credit. Who is paid how much is
`game/payout.py`; how accounts are kept is `storage/accounts.py`.
"""

from typing import Final

from attrs import frozen

from game.facts import BetPlaced, Fact, PoolResolved, Settlement

ISSUE: Final = "issue"
"""Where an operator's credits come from: the one account below zero."""


def available_of(user_id: int) -> str:
    """The account of what a user can stake."""
    return f"player:{user_id}:available"


def exposure_of(user_id: int) -> str:
    """The account of a user's stakes in unresolved pools."""
    return f"player:{user_id}:exposure"


def pool_account(pool_id: str) -> str:
    """The account through which a pool's stakes reach its winners; empty before and after."""
    return f"pool:{pool_id}"


@frozen
class Transfer:
    """`amount` hundredths, above 0, from the account `debit` to the account `credit`."""

    debit: str
    credit: str
    amount: int
    cause: str


@frozen
class Movement:
    """How one user's balance changes by a fact (contract, section 8, 815). In hundredths."""

    user_id: int
    available: int
    exposure: int
    cause: str
    pool_id: str


def transfers(fact: Fact) -> list[Transfer]:
    """The transfers that a fact brings about, perhaps none."""
    match fact:
        case BetPlaced():
            account = available_of(fact.user_id), exposure_of(fact.user_id)
            return [Transfer(*account, fact.amount, "bet")]
        case PoolResolved():
            return [t for one in fact.settlements for t in _settled(fact.pool_id, one) if t.amount]
        case _:
            return []


def movements(fact: Fact) -> list[Movement]:
    """The changes of users' balances that a fact brings about, one a user."""
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
    return Movement(one.user_id, one.given_back, -one.stakes, _cause(one), pool_id)


def _cause(one: Settlement) -> str:
    """A fact that pays and gives back is one payout."""
    if one.paid:
        return "payout"
    return "refund" if one.given_back else "loss"

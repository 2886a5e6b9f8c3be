"""The transfers between accounts that a fact causes, in whole hundredths.

Double entry: a transfer adds to one account what it subtracts from another. The accounts of a
currency therefore always sum to zero, with `issue` below zero by the credits of operators, less
their debits.

A source has two accounts beside those of its players. Its house receives takeout and breakage, and
pays what a minus pool lacks: it is the operator's, and may be below zero. Its carry holds what an
unbacked winner carries over to the next pool; a pool takes all of it when it opens.

A correction of a result (`game/corrections.py`) moves differences, out of the pool's account or
back into it. What cannot be had back the house lends (`shortfall`).

Payouts are computed in `game/payout.py`, and accounts are stored by `storage/accounts.py`.
"""

from typing import Final

from attrs import frozen

from game.facts import BetPlaced, Fact, PoolOpened, PoolResolved, Settlement, TargetScratched
from game.revisions import PoolCorrected

CORRECTION: Final = "correction"
"""The cause of what a corrected result moves."""
ISSUE: Final = "issue"
"""The source of operators' credits. Only it and the houses may be below zero."""


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
    """Return the account through which stakes pass to the winners.

    While the pool is open, it holds what earlier pools carried over to it; afterwards nothing.
    """
    return f"pool:{pool_id}"


def house_of(source_id: str) -> str:
    """Return the account of what the operator earns with the pools of a source, or adds to them."""
    return f"house:{source_id}"


def carry_of(source_id: str) -> str:
    """Return the account of what the pools of a source carry over to later ones."""
    return f"carry:{source_id}"


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


def transfers(fact: Fact, source_id: str) -> list[Transfer]:
    """Return the transfers that a fact of a game of this source causes, possibly none."""
    match fact:
        case BetPlaced():
            account = available_of(fact.user_id), exposure_of(fact.user_id)
            return [Transfer(*account, fact.amount, "bet")]
        case PoolOpened(carried_in=amount) if amount:
            account = carry_of(source_id), pool_account(fact.pool_id)
            return [Transfer(*account, amount, "carry_in")]
        case PoolResolved() | TargetScratched():
            moved = [t for one in fact.settlements for t in _settled(fact.pool_id, one)]
            moved += _of_house(fact, source_id) if isinstance(fact, PoolResolved) else []
            return [each for each in moved if each.amount]
        case PoolCorrected():
            return [each for each in _of_correction(fact, source_id) if each.amount]
        case _:
            return []


def carry_change(fact: Fact) -> int:
    """Return by how much a fact changes the carry of its source, in hundredths."""
    match fact:
        case PoolOpened():
            return -fact.carried_in
        case PoolResolved():
            return fact.carried_out
        case PoolCorrected():
            return fact.carry_moved
        case _:
            return 0


def movements(fact: Fact) -> list[Movement]:
    """Return the changes of balances that a fact causes, one for each user."""
    match fact:
        case BetPlaced():
            return [Movement(fact.user_id, -fact.amount, fact.amount, "bet", fact.pool_id)]
        case PoolResolved() | TargetScratched():
            return [_movement(fact.pool_id, one) for one in fact.settlements]
        case PoolCorrected():
            return [
                Movement(move.user_id, move.amount, 0, CORRECTION, fact.pool_id)
                for move in fact.moves
            ]
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


def _of_house(fact: PoolResolved, source_id: str) -> list[Transfer]:
    pool, house = pool_account(fact.pool_id), house_of(source_id)
    return [
        Transfer(pool, house, fact.takeout, "takeout"),
        Transfer(pool, house, fact.breakage, "breakage"),
        Transfer(house, pool, fact.minus, "minus"),
        Transfer(pool, carry_of(source_id), fact.carried_out, "carry_out"),
    ]


def _of_correction(fact: PoolCorrected, source_id: str) -> list[Transfer]:
    """Return what a correction moves. The pool's account has passed it on, and is empty again."""
    pool, house = pool_account(fact.pool_id), house_of(source_id)
    amounts = [(available_of(move.user_id), move.amount) for move in fact.moves]
    amounts += [(carry_of(source_id), fact.carry_moved), (house, fact.earned_change)]
    lent = fact.lent_change
    return [
        *(_out_of(pool, account, amount) for account, amount in amounts),
        Transfer(house, pool, max(0, lent), "shortfall"),
        Transfer(pool, house, max(0, -lent), "shortfall_back"),
    ]


def _out_of(pool: str, account: str, amount: int) -> Transfer:
    """Return the transfer of an amount out of a pool, or back into it if it is below zero."""
    if amount < 0:
        return Transfer(account, pool, -amount, CORRECTION)
    return Transfer(pool, account, amount, CORRECTION)


def _movement(pool_id: str, one: Settlement) -> Movement:
    return Movement(one.user_id, one.received, -one.stakes, _cause(one), pool_id)


def _cause(one: Settlement) -> str:
    """Return the cause: a fact with a payout and a refund counts as a payout."""
    if one.paid:
        return "payout"
    return "refund" if one.received else "loss"

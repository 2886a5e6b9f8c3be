"""Double entry: what moves money, and what an account holds. Amounts are whole hundredths.

A transfer and the two balances that it changes are always written together (`movements`); that
they agree is what `storage/audit.py` verifies. The rules of who is paid what are in `game`.
"""

from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from game.ledger import ISSUE, Transfer, available_of, exposure_of
from storage.acts import ActKind, acted
from storage.changes import AccountMoved, Change, TransferMade
from storage.database import Database


@frozen
class Balances:
    """What a user holds in a currency (contract, section 8)."""

    available: int
    exposure: int

    @property
    def current(self) -> int:
        """Available, and at stake."""
        return self.available + self.exposure


def transfer_row(
    transfer: Transfer, currency: str, at: int, game_id: str, seq: int
) -> TransferMade:
    """The row of a transfer by the fact `seq` of a game's journal, `at` in epoch ms.

    The balances that it changes are `account_rows`, to be written in the same transaction.
    """
    debit, credit = transfer.debit, transfer.credit
    return TransferMade(at, currency, debit, credit, transfer.amount, transfer.cause, game_id, seq)


def account_rows(transfers: Iterable[Transfer], currency: str) -> list[Change]:
    """The balances that transfers change, each account once."""
    moved: Counter[str] = Counter()
    for transfer in transfers:
        moved[transfer.debit] -= transfer.amount
        moved[transfer.credit] += transfer.amount
    return [AccountMoved(account, currency, delta) for account, delta in moved.items()]


def movements(transfer: TransferMade) -> list[Change]:
    """All that a transfer changes: itself, and the accounts at both of its ends."""
    return [
        transfer,
        AccountMoved(transfer.debit, transfer.currency, -transfer.amount),
        AccountMoved(transfer.credit, transfer.currency, transfer.amount),
    ]


def credited(user_id: int, currency: str, amount: int, now_ms: int) -> list[Change]:
    """The movement alone of a gift of `amount`: what a user starts with is no act."""
    transfer = TransferMade(
        at=now_ms,
        currency=currency,
        debit=ISSUE,
        credit=available_of(user_id),
        amount=amount,
        cause="credit",
        game_id=None,
        seq=None,
    )
    return movements(transfer)


def credit(user_id: int, currency: str, amount: int, now_ms: int) -> list[Change]:
    """An operator gives a user `amount` (above 0): the movement, and the operator's act."""
    act = acted(ActKind.CREDITED, now_ms, user_id=user_id, currency=currency, amount=amount)
    return [*credited(user_id, currency, amount, now_ms), act]


def balances(database: Database, user_id: int, currency: str) -> Balances:
    """What a user holds; nothing, if the user never had any of this currency."""
    names = available_of(user_id), exposure_of(user_id)
    rows = database.rows(
        "SELECT account, balance FROM accounts WHERE account IN (?, ?) AND currency = ?",
        (*names, currency),
    )
    held = {row["account"]: row["balance"] for row in rows}
    return Balances(*(held.get(name, 0) for name in names))

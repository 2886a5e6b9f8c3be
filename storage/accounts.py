"""Double entry: rows that move money, and the balances of users. Amounts are whole hundredths.

A transfer and the two balances that it changes are always written in one transaction
(`transfer_rows`). `storage/audit.py` verifies that they agree. `game` has the rules of who is paid
what.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from attrs import frozen

from game.ledger import ISSUE, Transfer, available_of, carry_of, exposure_of
from storage.acts import ActKind, acted
from storage.changes import AccountMoved, Change, TransferMade
from storage.database import Database
from storage.typed_rows import typed


@frozen
class Balances:
    """A user's balances in one currency (contract, section 8)."""

    available: int
    exposure: int

    @property
    def current(self) -> int:
        """Available plus exposure."""
        return self.available + self.exposure


def transfer_row(
    transfer: Transfer, currency: str, at: int, game_id: str, seq: int
) -> TransferMade:
    """Return the row of a transfer by the fact `seq` of a game's journal; `at` in epoch ms.

    Write the balances that it changes (`account_rows`) in the same transaction.
    """
    debit, credit = transfer.debit, transfer.credit
    return TransferMade(at, currency, debit, credit, transfer.amount, transfer.cause, game_id, seq)


def account_rows(transfers: Iterable[Transfer], currency: str) -> list[Change]:
    """Return the changes of balances that transfers cause, one for each account."""
    moved: defaultdict[str, int] = defaultdict(int)
    for transfer in transfers:
        moved[transfer.debit] -= transfer.amount
        moved[transfer.credit] += transfer.amount
    return [AccountMoved(account, currency, delta) for account, delta in moved.items()]


def transfer_rows(transfer: TransferMade) -> list[Change]:
    """Return all rows of a transfer: itself, and the balances at both of its ends."""
    return [
        transfer,
        AccountMoved(transfer.debit, transfer.currency, -transfer.amount),
        AccountMoved(transfer.credit, transfer.currency, transfer.amount),
    ]


def starting_balances(user_id: int, balances: Mapping[str, int], now_ms: int) -> list[Change]:
    """Return the rows that give a new user balances by currency, each above 0.

    They have no act of their own: the act that adds the user records them.
    """
    return [
        row
        for currency, amount in balances.items()
        for row in _credited(user_id, currency, amount, now_ms)
    ]


def credit(user_id: int, currency: str, amount: int, now_ms: int) -> list[Change]:
    """Return the rows of an operator's credit of `amount` (above 0): the transfer and the act."""
    act = acted(ActKind.CREDITED, now_ms, user_id=user_id, currency=currency, amount=amount)
    return [*_credited(user_id, currency, amount, now_ms), act]


def balances(database: Database, user_id: int, currency: str) -> Balances:
    """Return a user's balances; 0 if the user never had any of this currency."""
    names = available_of(user_id), exposure_of(user_id)
    rows = database.rows(
        "SELECT account, balance FROM accounts WHERE account IN (?, ?) AND currency = ?",
        (*names, currency),
    )
    types = {"balance": (int,)}
    held = {row["account"]: typed("accounts", types, row)["balance"] for row in rows}
    return Balances(*(held.get(name, 0) for name in names))


def carried(database: Database, source_id: str, currency: str) -> int:
    """Return what pools of a source carry over to later ones in a currency, in hundredths."""
    sql = "SELECT balance FROM accounts WHERE account = ? AND currency = ?"
    row = database.row(sql, (carry_of(source_id), currency))
    return 0 if row is None else int(typed("accounts", {"balance": (int,)}, row)["balance"])


def _credited(user_id: int, currency: str, amount: int, now_ms: int) -> list[Change]:
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
    return transfer_rows(transfer)

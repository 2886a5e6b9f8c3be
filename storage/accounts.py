"""Double entry: rows that move money, and the balances of users. Amounts are whole hundredths.

A transfer and the two balances that it changes are always written in one transaction
(`transfer_rows`). `storage/audit.py` verifies that they agree. `game` has the rules of who is paid
what.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from attrs import frozen

from game.ledger import (
    ISSUE,
    Transfer,
    available_of,
    carry_of,
    exposure_of,
    held_of,
    house_of,
)
from game.money import MOST_ISSUED, as_text
from storage.acts import ActKind, acted
from storage.changes import AccountMoved, Change, EntryMade, TransferMade
from storage.database import Database
from storage.typed_rows import typed
from storage.users import OperatorError


@frozen
class Balances:
    """A user's balances in one currency (contract, section 8)."""

    available: int
    exposure: int
    held: int = 0

    @property
    def current(self) -> int:
        """Available plus exposure plus what holds have set aside."""
        return self.available + self.exposure + self.held


class TooMuchMoneyError(OperatorError):
    """A credit would make more money of a currency than there can be. `left` can be credited."""

    def __init__(self, left: int, currency: str) -> None:
        super().__init__(f"only {as_text(left)} {currency} more can be credited, to all users")
        self.left, self.currency = left, currency


@frozen
class MoneyMoved:
    """What a payment changes of a user's balances, in hundredths."""

    user_id: int
    currency: str
    available: int
    held: int
    cause: str
    reference: str | None = None

    @property
    def current(self) -> int:
        """The change of the current balance."""
        return self.available + self.held


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


def payment_rows(moved: MoneyMoved, now_ms: int) -> list[Change]:
    """Return the rows of a payment at `now_ms` (epoch ms): its transfer, balances and entry."""
    available, held = available_of(moved.user_id), held_of(moved.user_id)
    by_account = {available: moved.available, held: moved.held}
    debit = next((account for account, by in by_account.items() if by < 0), ISSUE)
    credit = next((account for account, by in by_account.items() if by > 0), ISSUE)
    size = max(abs(moved.available), abs(moved.held))
    transfer = TransferMade(
        now_ms, moved.currency, debit, credit, size, moved.cause, None, None, moved.reference
    )
    entry = EntryMade(
        moved.user_id,
        moved.currency,
        now_ms,
        moved.cause,
        moved.current,
        moved.available,
        reference=moved.reference,
    )
    return [*transfer_rows(transfer), entry]


def refuse_too_much(database: Database, credited: int, currency: str) -> None:
    """Raise TooMuchMoneyError if a credit would make more of a currency than `MOST_ISSUED`.

    Opening balances count, but are not refused: a new player can do nothing about it.
    """
    sql = "SELECT -balance AS issued FROM accounts WHERE account = ? AND currency = ?"
    row = database.row(sql, (ISSUE, currency))
    left = MOST_ISSUED - (0 if row is None else row["issued"])
    if credited > left:
        raise TooMuchMoneyError(max(left, 0), currency)


def starting_balances(user_id: int, balances: Mapping[str, int], now_ms: int) -> list[Change]:
    """Return the rows that give a new user balances by currency, each above 0.

    They have no act of their own: the act that adds the user records them.
    """
    return [
        row
        for currency, amount in balances.items()
        for row in payment_rows(MoneyMoved(user_id, currency, amount, 0, "credit"), now_ms)
    ]


def credit(user_id: int, currency: str, amount: int, now_ms: int) -> list[Change]:
    """Return the rows of an operator's credit of `amount` (above 0): the transfer and the act."""
    act = acted(ActKind.CREDITED, now_ms, user_id=user_id, currency=currency, amount=amount)
    return [*payment_rows(MoneyMoved(user_id, currency, amount, 0, "credit"), now_ms), act]


def balances(database: Database, user_id: int, currency: str) -> Balances:
    """Return a user's balances; 0 if the user never had any of this currency."""
    names = available_of(user_id), exposure_of(user_id), held_of(user_id)
    rows = database.rows(
        "SELECT account, balance FROM accounts WHERE account IN (?, ?, ?) AND currency = ?",
        (*names, currency),
    )
    types = {"balance": (int,)}
    held = {row["account"]: typed("accounts", types, row)["balance"] for row in rows}
    return Balances(*(held.get(name, 0) for name in names))


def carried(database: Database, source_id: str, currency: str) -> int:
    """Return what pools of a source carry over to later ones in a currency, in hundredths."""
    return _balance(database, carry_of(source_id), currency)


def house_balance(database: Database, source_id: str, currency: str) -> int:
    """Return the balance of a source's house in a currency, in hundredths; it may be below 0."""
    return _balance(database, house_of(source_id), currency)


def currencies(database: Database, user_id: int) -> list[str]:
    """Return the currencies that a user ever had, in order."""
    sql = "SELECT DISTINCT currency FROM player_entries WHERE user_id = ? ORDER BY currency"
    return [row["currency"] for row in database.rows(sql, (user_id,))]


def _balance(database: Database, account: str, currency: str) -> int:
    sql = "SELECT balance FROM accounts WHERE account = ? AND currency = ?"
    row = database.row(sql, (account, currency))
    return 0 if row is None else int(typed("accounts", {"balance": (int,)}, row)["balance"])

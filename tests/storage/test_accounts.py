"""Double entry: a transfer changes both accounts by the same amount, or neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.ledger import ISSUE, available_of, exposure_of
from storage.accounts import Balances, balances, credit, transfer_rows
from storage.acts import ActKind
from storage.changes import AccountMoved, TransferMade
from storage.database import Database
from storage.errors import StorageError
from tests.support.bookkeeper import acts_of


def transfer(debit: str, credit: str, amount: int) -> TransferMade:
    return TransferMade(1, "DON", debit, credit, amount, "bet", "game", 2)


def balance(database: Database, account: str) -> int:
    row = database.row(
        "SELECT balance FROM accounts WHERE account = ? AND currency = 'DON'", [account]
    )
    return int(row["balance"]) if row else 0


@given(st.integers(min_value=1, max_value=10**14))
def test_a_transfer_takes_what_it_gives(amount: int) -> None:
    made, *moved = transfer_rows(transfer("a", "b", amount))
    assert made == transfer("a", "b", amount)
    assert moved == [AccountMoved("a", "DON", -amount), AccountMoved("b", "DON", amount)]


def test_a_credit_comes_from_issue_and_is_an_act(database: Database) -> None:
    database.write(credit(7, "DON", 250, 1))
    database.write(credit(7, "DON", 50, 2))
    assert balance(database, ISSUE) == -300
    assert balances(database, 7, "DON") == Balances(available=300, exposure=0)
    assert balances(database, 7, "EUR") == balances(database, 8, "DON") == Balances(0, 0)
    first, second = acts_of(database)
    assert (first[1], second[1]) == (ActKind.CREDITED, ActKind.CREDITED)
    assert second[2] == {"user_id": 7, "currency": "DON", "amount": 50}


def test_a_stake_leaves_what_is_available(database: Database) -> None:
    database.write(credit(7, "DON", 1_000, 1))
    database.write(transfer_rows(transfer(available_of(7), exposure_of(7), 300)))
    assert balances(database, 7, "DON") == Balances(available=700, exposure=300)


@pytest.mark.parametrize("amount", [0, -1, 301])
def test_a_transfer_that_cannot_be_is_kept_at_neither_end(database: Database, amount: int) -> None:
    database.write(credit(7, "DON", 300, 1))
    with pytest.raises(StorageError, match="CHECK"):
        database.write(transfer_rows(transfer(available_of(7), exposure_of(7), amount)))
    assert balances(database, 7, "DON") == Balances(available=300, exposure=0)
    assert database.row("SELECT count(*) AS n FROM transfers") == {"n": 1}

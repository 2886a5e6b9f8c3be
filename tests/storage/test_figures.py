"""The counts of a whole database, and that reading them changes nothing."""

from pathlib import Path

import pytest

from storage.accounts import credit
from storage.database import Database
from storage.errors import StorageError
from storage.figures import Figures, figures
from storage.opening import open_for_reading
from storage.store import AddUser


def test_an_empty_database_holds_nothing(database: Database) -> None:
    assert figures(database) == Figures(open_games={}, held={}, house={}, carried={}, issued={})


def test_money_is_counted_by_currency_on_both_sides(database: Database, path: Path) -> None:
    for name in ("ann", "bob"):
        start = {"DON": 100_000}
        AddUser(name, False, start, None).perform(database, 1)
    database.write(credit(1, "EUR", 250, 1))
    counted = figures(open_for_reading(path))
    assert counted.held == counted.issued == {"DON": 200_000, "EUR": 250}


def test_money_that_got_lost_would_be_seen(database: Database) -> None:
    AddUser("ann", False, {"DON": 5}, None).perform(database, 1)
    database.execute("UPDATE accounts SET balance = 4 WHERE account LIKE 'player%'")
    counted = figures(database)
    assert (counted.held, counted.issued) == ({"DON": 4}, {"DON": 5})


def test_games_are_counted_until_they_are_closed(database: Database) -> None:
    database.execute("INSERT INTO sources VALUES ('s', 'FIFA', NULL, 'open', 1, 1)")
    for number, (phase, status) in enumerate(
        [("open", "a"), ("open", "a"), ("upcoming", "b"), ("closed", "game_closed")]
    ):
        database.execute(
            """INSERT INTO games
            VALUES (?, ?, 's', 'n', NULL, 'DON', '', ?, ?, 1, NULL, 1, NULL, 1, x'')""",
            (number, str(number), phase, status),
        )
    assert figures(database).open_games == {"a": 2, "b": 1}


def test_a_probe_writes_nothing_but_needs_to_be_able_to(database: Database) -> None:
    before = database.rows("PRAGMA user_version"), list(database.rows("SELECT * FROM users"))
    database.probe()
    assert (database.rows("PRAGMA user_version"), database.rows("SELECT * FROM users")) == before
    database.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError):
        database.probe()

"""The audit finds nothing in sound books, and reports every hundredth that was changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.audit import audit, check_file
from storage.database import Database
from storage.opening import open_for_reading
from tests.support.bookkeeper import season

BET = "(SELECT min(id) FROM transfers WHERE cause = 'bet')"
TAMPERING = {
    "an account without transfers": "INSERT INTO accounts VALUES ('player:1:exposure', 'DON', 0)",
    "transfers without an account": "DELETE FROM accounts WHERE account = 'player:2:exposure'",
    "transfers that cancel out, without an account": """
        INSERT INTO transfers (at, currency, debit, credit, amount, cause) VALUES
        (1, 'DON', 'player:2:available', 'player:1:exposure', 5, 'bet'),
        (1, 'DON', 'player:1:exposure', 'player:2:available', 5, 'bet')""",
    "a removed transfer": f"DELETE FROM transfers WHERE id = {BET}",
    "another currency": f"UPDATE transfers SET currency = 'EUR' WHERE id = {BET}",
    "another debit": f"UPDATE transfers SET debit = 'player:3:available' WHERE id = {BET}",
    "another credit": f"UPDATE transfers SET credit = 'player:3:available' WHERE id = {BET}",
    "money from nowhere": "UPDATE transfers SET cause = 'bet' WHERE id = 1",
    "a credit from a player": f"UPDATE transfers SET cause = 'credit' WHERE id = {BET}",
    "a removed user": "DELETE FROM session_keys; DELETE FROM users WHERE id = 2",
    "a removed user's key": "DELETE FROM users WHERE id = 2",
    "no account": """
        UPDATE accounts SET account = 'players' WHERE account = 'player:2:exposure';
        UPDATE transfers SET credit = 'players' WHERE credit = 'player:2:exposure';
        UPDATE transfers SET debit = 'players' WHERE debit = 'player:2:exposure'""",
    "bytes for a name": "UPDATE accounts SET account = x'00' WHERE account = 'issue'",
    "below nothing": "UPDATE accounts SET balance = -1 WHERE account = 'player:2:exposure'",
    "a fraction": "UPDATE accounts SET balance = 0.5 WHERE account = 'player:2:exposure'",
    "too much to add up": "UPDATE transfers SET amount = 9223372036854775807",
    "a credit of a game's": "UPDATE transfers SET game_id = 'x', seq = 1 WHERE id = 1",
}


def tamper(path: Path, script: str) -> None:
    """Change the file as a person with an SQL shell would."""
    with closing(sqlite3.connect(path)) as shell:
        shell.execute("PRAGMA ignore_check_constraints = ON")
        shell.executescript(script)


@pytest.fixture
def books(path: Path, database: Database) -> Path:
    """Return the path of a database with sound books."""
    season(database)
    return path


def found(path: Path) -> list[str]:
    with closing(open_for_reading(path)) as database:
        return audit(database)


def test_an_empty_database_holds(path: Path, database: Database) -> None:
    assert found(path) == []


def test_sound_books_hold(books: Path) -> None:
    assert found(books) == []


@pytest.mark.parametrize("script", TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found(books: Path, script: str) -> None:
    tamper(books, script)
    assert found(books)


def test_a_line_says_which_account_and_what_it_should_have(books: Path) -> None:
    tamper(
        books,
        "UPDATE accounts SET balance = balance + 1 "
        "WHERE account = 'player:3:exposure' AND currency = 'EUR'",
    )
    assert found(books) == [
        "player:3:exposure has 0.23 EUR, its transfers sum to 0.22",
        "EUR sums to 0.01 more than was credited",
        "player:3:exposure has 23 hundredths of EUR, its stakes in unresolved pools are 22",
        "the statement of user 3 ends at 52.10 EUR, 51.88 of it available; the accounts have 52.11 "
        "and 51.88",
    ]


def test_books_in_which_money_came_from_nowhere_do_not_sum_to_what_was_credited(
    books: Path,
) -> None:
    tamper(books, "UPDATE transfers SET debit = 'player:3:available' WHERE id = 1")
    assert any("is invalid" in line for line in found(books))


CREDITS = {
    "another amount": """
        UPDATE operator_acts SET body = json_set(body, '$.amount', 2501)""",
    "another user": "UPDATE operator_acts SET body = json_set(body, '$.user_id', 3)",
    "another time": "UPDATE operator_acts SET at = at + 1",
    "once more": "INSERT INTO operator_acts (at, kind, body) SELECT at, kind, body "
    "FROM operator_acts",
    "no act": "DELETE FROM operator_acts",
    "not readable": "UPDATE operator_acts SET body = '{'",
}


@pytest.mark.parametrize("script", CREDITS.values(), ids=CREDITS)
def test_an_operator_s_credits_are_those_that_were_asked_for(books: Path, script: str) -> None:
    tamper(books, script)
    assert found(books)


def test_a_damaged_file_is_a_finding_and_no_crash(books: Path) -> None:
    with closing(sqlite3.connect(books)) as shell:
        shell.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = shell.execute("SELECT rootpage FROM sqlite_master WHERE name = 'transfers'")
        offset = (page.fetchone()[0] - 1) * 4096
    with books.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * 4096)
    assert any("read to the end" in line or "damaged" in line for line in found(books))


def test_a_reference_to_nothing_is_found(books: Path, database: Database) -> None:
    tamper(books, "DELETE FROM users WHERE id = 1")
    assert "row 1 of session_keys refers to no row of users" in [*check_file(database)]


def test_an_audit_tells_how_many_facts_it_has_replayed(books: Path) -> None:
    told: list[tuple[int, int]] = []
    with closing(open_for_reading(books)) as database:
        audit(database, lambda *how_far: told.append(how_far))
        [count] = database.rows("SELECT count(*) AS n FROM facts")
    assert told[-1] == (count["n"], count["n"])
    assert len(told) == 2  # a page of each game


def test_an_audit_beside_a_writer_sees_one_moment(
    books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(database: Database) -> list[str]:
        lines = [*check_file(database)]
        tamper(books, "UPDATE accounts SET balance = balance + 1")
        return lines

    monkeypatch.setattr("storage.audit.check_file", interrupted)
    assert found(books) == []
    assert found(books) != []

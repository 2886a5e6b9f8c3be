"""Damaged files: a command fails with one line, and a backup can replace the file."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import accounts, users
from storage.audit import audit
from storage.copies import back_up, restore
from storage.database import Database
from storage.errors import DamagedRowError, DatabaseUnusableError
from storage.figures import figures
from storage.opening import key_path, open_database, open_for_reading
from storage.sealing import KeyFile
from storage.store import AddUser

NOW = 1_700_000_000_000


def break_schema(path: Path) -> None:
    """Put bytes that are not UTF-8 into the text of the schema."""
    content = path.read_bytes()
    at = content.index(b"NOT NULL", content.index(b"CREATE TABLE scores")) + len(b"NOT NULL")
    path.write_bytes(content[:at] + b"\xff\xfe\xff\xff" + content[at + 4 :])


@pytest.fixture
def copy(path: Path) -> Path:
    """Return a backup of a database with a user, ann."""
    copy = path.with_name("copy.db")
    with closing(open_database(path)) as database:
        AddUser("ann", False, {}, None).perform(database, NOW)
        back_up(path, copy)
    return copy


def test_a_file_with_a_schema_that_is_not_text_is_refused(path: Path, copy: Path) -> None:
    break_schema(path)
    for use in (open_database, open_for_reading, lambda each: back_up(each, path.parent / "new")):
        with pytest.raises(DatabaseUnusableError, match=f"{path} .* text that is not UTF-8"):
            use(path)


def test_a_backup_with_a_schema_that_is_not_text_is_refused(path: Path, copy: Path) -> None:
    break_schema(copy)
    with pytest.raises(DatabaseUnusableError, match=f"{copy} .* text that is not UTF-8"):
        restore(path, copy, KeyFile(key_path(path)), "now")


def test_a_file_with_a_schema_that_is_not_text_can_be_replaced_and_is_kept(
    path: Path, copy: Path
) -> None:
    break_schema(path)
    before = path.read_bytes()
    held, kept = restore(path, copy, KeyFile(key_path(path)), "now")
    assert held == "1 users, 0 games, 0 facts, 0 transfers"
    assert kept is not None
    assert kept.read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "read"),
    [
        ("UPDATE users SET name = x'00', name_key = x'00'", users.list_users),
        ("UPDATE users SET created_at = 'abc'", lambda held: users.user_by_name(held, "ann")),
        ("UPDATE users SET created_at = 1e300", lambda held: users.user_by_id(held, 1)),
        ("UPDATE users SET created_at = 9223372036854775807", users.list_users),
        ("UPDATE sqlite_sequence SET seq = 'abc'", users.next_id),
        ("UPDATE session_keys SET expires_at = 'abc'", lambda held: users.session_key_of(held, 1)),
        ("INSERT INTO passwords VALUES (1, x'00', 1)", lambda d: users.password_hash_of(d, 1)),
        ("UPDATE accounts SET balance = 'abc'", lambda held: accounts.balances(held, 1, "DON")),
        ("UPDATE accounts SET currency = x'00'", figures),
    ],
)
def test_a_value_that_cannot_be_fails_its_own_reads_and_is_found(
    database: Database, damage: str, read: Callable[[Database], object]
) -> None:
    AddUser("ann", False, {"DON": 5}, 10**12).perform(database, NOW)
    read(database)
    database.execute("PRAGMA ignore_check_constraints = ON")
    database.execute(damage)
    with pytest.raises(DamagedRowError, match=r"has a damaged row .* run `toteboard check`"):
        read(database)
    # SQLite numbers the users in a table of its own, which the audit does not read.
    assert audit(database) or "sqlite_sequence" in damage

"""Damaged files: bytes that are not text cost a command, not the way back to a backup."""

from contextlib import closing
from pathlib import Path

import pytest

from storage.copies import back_up, restore
from storage.errors import DatabaseUnusableError
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
    """A backup of a database with a user, ann."""
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

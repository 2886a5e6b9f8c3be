"""A snapshot for another node: all that the log says, nothing that is local to one file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from storage.digest import file_digest
from storage.errors import DatabaseUnusableError
from storage.files import make_private
from storage.opening import open_database, open_for_reading
from storage.position import FilePosition, join_cluster
from storage.records import LOG_START
from storage.snapshots import make_snapshot, position_in
from storage.store import AddUser

NOW = 1_700_000_000_000


@pytest.fixture
def node(path: Path) -> Path:
    """A file of a cluster that may still have plain-text keys in its free pages."""
    with closing(open_database(path)) as database:
        AddUser("ann", False, {}, None).perform(database, NOW)
        join_cluster(database, FilePosition(str(uuid4()), LOG_START))
        database.execute("INSERT INTO local_scrubbing VALUES (1, 0)")
    return path


def copied(node: Path) -> Path:
    draft = node.with_name("draft")
    make_private(draft)
    make_snapshot(node, draft)
    return draft


def test_a_snapshot_holds_the_same_and_nothing_local(node: Path) -> None:
    draft = copied(node)
    with closing(open_for_reading(draft)) as copy, closing(open_for_reading(node)) as original:
        assert file_digest(copy) == file_digest(original)
        assert copy.rows("SELECT * FROM local_scrubbing") == []
        assert original.rows("SELECT * FROM local_scrubbing") != []
    assert position_in(draft).place == LOG_START


def test_a_snapshot_of_a_file_that_stands_alone_is_refused(path: Path) -> None:
    open_database(path).close()
    with pytest.raises(DatabaseUnusableError, match="belongs to no cluster"):
        position_in(copied(path))


def test_what_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(DatabaseUnusableError, match="no database"):
        position_in(path)


def test_a_snapshot_of_a_newer_version_is_refused(node: Path) -> None:
    draft = copied(node)
    with closing(sqlite3.connect(draft)) as file:
        file.execute("PRAGMA user_version = 999")
    with pytest.raises(DatabaseUnusableError, match="newer version"):
        position_in(draft)

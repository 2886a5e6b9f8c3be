"""Opening, locking, upgrading and writing a file, whatever an operator or a power cut does."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage import migrations
from storage.changes import (
    AccountMoved,
    GameAdminAdded,
    GameAdminRemoved,
    NonceSpent,
    OperatorActed,
    PoolAdded,
    PoolEnded,
    SourceOpened,
)
from storage.database import Database
from storage.errors import DatabaseUnusableError, StorageError
from storage.lock import ServerLock
from storage.opening import open_database, open_for_reading
from storage.upgrades import Upgrade
from tests.support.bookkeeper import CUP, HOST, Bookkeeper, people
from tests.support.disks import close_elsewhere
from tests.support.version_1 import dump, fill

ACT = OperatorActed(1, "credited", "{}", b"")


THIS_VERSION = len([*migrations.SCHEMA.glob("*.sql")])


def acts(database: Database) -> int:
    return len(database.rows("SELECT id FROM operator_acts"))


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of an added migration, which makes the schema one of a future version."""
    schema = tmp_path / "schema"
    shutil.copytree(migrations.SCHEMA, schema)
    monkeypatch.setattr(migrations, "SCHEMA", schema)
    return schema / "9999_next.sql"


def test_what_was_written_is_there_after_reopening(path: Path) -> None:
    with closing(open_database(path)) as first:
        first.write([ACT])
    with closing(open_database(path)) as second:
        assert acts(second) == 1


def test_a_commit_waits_for_the_disk(database: Database) -> None:
    assert database.row("PRAGMA journal_mode") == {"journal_mode": "wal"}
    assert database.row("PRAGMA synchronous") == {"synchronous": 2}


def test_all_changes_are_kept_or_none(database: Database) -> None:
    with pytest.raises(StorageError, match="FOREIGN KEY"):
        database.write([ACT, NonceSpent(404, "n")])
    assert acts(database) == 0
    database.write([ACT])
    assert acts(database) == 1


def test_no_player_goes_below_nothing(database: Database) -> None:
    with pytest.raises(StorageError, match="CHECK"):
        database.write([AccountMoved("player:1:available", "DON", -1)])


def test_a_balance_beyond_what_the_file_holds_is_refused(database: Database) -> None:
    database.write([AccountMoved("player:1:available", "DON", 2**63 - 1)])
    with pytest.raises(StorageError, match="CHECK"):
        database.write([AccountMoved("player:1:available", "DON", 1)])


def test_changes_of_a_kind_keep_their_order(database: Database) -> None:
    source = SourceOpened("s", "name", None, 1)
    changes = [OperatorActed(1, "first", "", b""), source, OperatorActed(1, "second", "", b"")]
    database.write(changes)
    rows = database.rows("SELECT kind FROM operator_acts ORDER BY id")
    assert [row["kind"] for row in rows] == ["first", "second"]


def test_changes_of_kinds_that_write_the_same_rows_keep_their_order(database: Database) -> None:
    people(database)
    Bookkeeper(database)
    database.write(
        [
            PoolAdded("first", CUP, 2),
            GameAdminRemoved(CUP, HOST),
            PoolEnded(3, 1, None, "{}", None, "first"),
            GameAdminAdded(CUP, HOST),
            PoolAdded("second", CUP, 4),
            GameAdminRemoved(CUP, HOST),
            PoolEnded(5, 1, None, "{}", None, "second"),
        ]
    )
    assert database.rows("SELECT * FROM game_admins") == []
    ended = database.rows("SELECT resolved_seq FROM pools ORDER BY opened_seq")
    assert [row["resolved_seq"] for row in ended] == [3, 5]
    database.write(
        [
            PoolEnded(7, 1, None, "{}", None, "first"),
            GameAdminRemoved(CUP, HOST),
            PoolAdded("third", CUP, 8),
            GameAdminAdded(CUP, HOST),
            PoolEnded(9, 1, None, "{}", None, "third"),
        ]
    )
    assert len(database.rows("SELECT * FROM game_admins")) == 1
    third = database.rows("SELECT resolved_seq FROM pools WHERE id = 'third'")
    assert third == [{"resolved_seq": 9}]


def test_a_snapshot_does_not_see_what_is_written_meanwhile(path: Path, database: Database) -> None:
    with closing(open_for_reading(path)) as reader:
        with reader.snapshot():
            before = acts(reader)
            database.write([ACT])
            assert acts(reader) == before
        assert acts(reader) == before + 1


def test_reading_cannot_write(path: Path, database: Database) -> None:
    with closing(open_for_reading(path)) as reader, pytest.raises(StorageError, match="readonly"):
        reader.write([ACT])


def test_the_file_and_its_companions_are_for_the_owner_alone(
    path: Path, database: Database
) -> None:
    ServerLock(path).probe()
    modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.glob("tote.db*")}
    assert modes == dict.fromkeys(modes, 0o600)
    assert len(modes) == 4


def test_a_second_server_is_refused_at_once_and_the_lock_ends_with_the_first(path: Path) -> None:
    with ServerLock(path), pytest.raises(DatabaseUnusableError, match="another server"):
        ServerLock(path).take()
    ServerLock(path).probe()


def test_opening_again_ends_no_lock_of_this_process(path: Path, database: Database) -> None:
    # POSIX drops all locks that a process has on a file when it closes any handle of it. Then the
    # other process would take itself for the last one, and remove the WAL while we use it.
    open_database(path).close()
    close_elsewhere(path)
    assert path.with_name("tote.db-wal").exists()


def test_what_is_no_database_is_refused(path: Path) -> None:
    path.write_text("no database at all, and long enough to be seen as none by its first bytes")
    for opener in (open_database, open_for_reading):
        with pytest.raises(DatabaseUnusableError, match="not a database"):
            opener(path)


def test_a_stranger_s_database_is_refused_and_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as stranger:
        stranger.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(DatabaseUnusableError, match="not a toteboard database"):
        open_database(path)
    assert path.read_bytes() == before


def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    for bad in (tmp_path, tmp_path / "missing" / "tote.db"):
        with pytest.raises(DatabaseUnusableError, match=str(bad)):
            open_database(bad)


def test_reading_makes_no_file(path: Path) -> None:
    with pytest.raises(DatabaseUnusableError):
        open_for_reading(path)
    assert not path.exists()


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    with closing(open_database(path)) as database:
        assert acts(database) == 0


def test_a_newer_version_s_file_is_refused(path: Path, database: Database) -> None:
    database.execute("PRAGMA user_version = 10000")
    for opener in (open_database, open_for_reading):
        with pytest.raises(DatabaseUnusableError, match="newer version"):
            opener(path)


@pytest.mark.parametrize("content", [b"", b"x"])
def test_a_file_that_is_no_database_is_not_said_to_be_an_old_one(
    tmp_path: Path, content: bytes
) -> None:
    stray = tmp_path / "stray.db"
    stray.write_bytes(content)
    with pytest.raises(DatabaseUnusableError, match="is not a toteboard database"):
        open_for_reading(stray)


def test_an_upgrade_keeps_the_rows_and_a_copy(
    path: Path, database: Database, next_version: Path
) -> None:
    database.write([ACT])
    next_version.write_text(
        "CREATE TABLE more (x);\n-- and; then\nINSERT INTO more\nVALUES (';');\n"
    )
    with pytest.raises(DatabaseUnusableError, match="older version"):
        open_for_reading(path)
    with closing(open_database(path)) as upgraded:
        assert (acts(upgraded), upgraded.rows("SELECT x FROM more")) == (1, [{"x": ";"}])
    copy = path.with_name(f"tote.db.v{THIS_VERSION}")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT count(*) FROM operator_acts").fetchone() == (1,)
        assert old.execute("PRAGMA user_version").fetchone() == (THIS_VERSION,)


def test_the_copy_is_on_disk_before_an_upgrade_is(
    path: Path, database: Database, next_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_version.write_text("CREATE TABLE more (x);\n")
    synced: list[tuple[bool, int]] = []

    def noted(descriptor: int) -> None:
        is_done = bool(database.rows("SELECT 1 FROM sqlite_master WHERE name = 'more'"))
        synced.append((is_done, os.fstat(descriptor).st_ino))

    monkeypatch.setattr(os, "fsync", noted)
    open_database(path).close()
    copy = path.with_name(f"tote.db.v{THIS_VERSION}")
    assert synced == [(False, copy.stat().st_ino), (False, path.parent.stat().st_ino)]


def test_a_file_from_before_the_pools_is_upgraded_with_all_its_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        fill(old)
        before = dump(old)
    assert len(before) == 9
    with closing(open_database(path)) as upgraded:
        version = [{"user_version": THIS_VERSION}]
        assert upgraded.rows("PRAGMA user_version") == version
        assert upgraded.rows("SELECT pool_id FROM facts") == [{"pool_id": None}]
        assert upgraded.rows("SELECT * FROM pools") == []
    for name in ("tote.db", "tote.db.v1"):
        with closing(sqlite3.connect(path.with_name(name))) as kept:
            assert {table: dump(kept)[table] for table in before} == before
    open_database(path).close()
    assert sorted(path.parent.glob("tote.db.v*")) == [path.with_name("tote.db.v1")]


def test_an_upgrade_that_fails_changes_nothing(
    path: Path, database: Database, next_version: Path
) -> None:
    next_version.write_text("CREATE TABLE more (x);\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(DatabaseUnusableError, match="nowhere"):
        open_database(path)
    assert database.row("PRAGMA user_version") == {"user_version": THIS_VERSION}
    assert not database.rows("SELECT 1 FROM sqlite_master WHERE name = 'more'")


def test_a_step_in_python_follows_its_script_and_tells_how_far_it_is(
    path: Path, database: Database, next_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(upgrade: Upgrade) -> None:
        upgrade.on_progress(0, 1)
        upgrade.connection.execute("INSERT INTO more VALUES (1)")
        upgrade.on_progress(1, 1)

    next_version.write_text("CREATE TABLE more (x);\n")
    monkeypatch.setattr(migrations, "STEPS", {THIS_VERSION + 1: step})
    told: list[tuple[int, int]] = []
    with closing(open_database(path, on_progress=lambda *how_far: told.append(how_far))) as opened:
        assert opened.rows("SELECT x FROM more") == [{"x": 1}]
    assert told == [(0, 1), (1, 1)]


def test_a_step_that_fails_undoes_its_script_too(
    path: Path, database: Database, next_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(upgrade: Upgrade) -> None:
        raise StorageError("no")

    next_version.write_text("CREATE TABLE more (x);\n")
    monkeypatch.setattr(migrations, "STEPS", {THIS_VERSION + 1: step})
    with pytest.raises(DatabaseUnusableError):
        open_database(path)
    assert database.row("PRAGMA user_version") == {"user_version": THIS_VERSION}
    assert not database.rows("SELECT 1 FROM sqlite_master WHERE name = 'more'")


def test_no_upgrade_under_a_running_server_but_by_itself(
    path: Path, database: Database, next_version: Path
) -> None:
    next_version.write_text("CREATE TABLE more (x);\n")
    with ServerLock(path):
        with pytest.raises(DatabaseUnusableError, match="another server"):
            open_database(path)
        open_database(path, lock_held=True).close()


OPEN = """
import sys
from pathlib import Path
from storage.changes import OperatorActed
from storage.opening import open_database
print("ready", flush=True)
sys.stdin.read()
for path in map(Path, sys.argv[1:]):
    database = open_database(path)
    database.write([OperatorActed(1, "credited", "{}", b"")])
    database.close()
"""


def test_all_who_open_a_new_file_at_once_find_it_made(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.db" for number in range(20)]
    command = [sys.executable, "-c", OPEN, *map(str, paths)]
    gate, latch = os.pipe()
    openers = [subprocess.Popen(command, stdin=gate, stdout=subprocess.PIPE) for _ in range(6)]
    for opener in openers:
        assert opener.stdout is not None
        opener.stdout.readline()
        opener.stdout.close()
    # A server that is starting has the lock; the command line waits for nothing but the writes.
    with ServerLock(paths[0]):
        os.close(latch)
        assert [opener.wait() for opener in openers] == [0] * 6
    os.close(gate)
    for path in paths:
        with closing(open_database(path)) as database:
            assert acts(database) == 6

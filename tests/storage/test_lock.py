"""One server for a file, under any of its names, and no database beside the WAL of another."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import lock as locks
from storage.database import Database
from storage.errors import DatabaseUnusableError
from storage.lock import ServerLock
from storage.opening import open_database, open_for_reading
from tests.support.disks import close_elsewhere

OPENERS: list[Callable[[Path], Database]] = [open_database, open_for_reading]


def lock(path: Path) -> None:
    ServerLock(path).take()


linux = pytest.mark.skipif(not locks.FLOCK_IS_APART, reason="a lock that SQLite would run into")


@pytest.fixture
def made(path: Path) -> Path:
    """Return the path of a database that is not open."""
    open_database(path).close()
    return path


def test_a_second_server_is_refused_and_the_lock_ends_with_the_first(path: Path) -> None:
    with ServerLock(path), pytest.raises(DatabaseUnusableError, match="another server"):
        ServerLock(path).take()
    ServerLock(path).probe()


@linux
def test_deleting_the_lock_file_lets_no_second_server_in(made: Path) -> None:
    with ServerLock(made):
        made.with_name("tote.db.lock").unlink()
        with pytest.raises(DatabaseUnusableError, match="another server"):
            ServerLock(made).take()


def test_a_server_of_an_older_version_keeps_a_new_one_out(made: Path) -> None:
    beside = os.open(made.with_name("tote.db.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(beside, fcntl.LOCK_EX)
    with pytest.raises(DatabaseUnusableError, match="another server"):
        ServerLock(made).take()
    os.close(beside)
    ServerLock(made).probe()


def test_a_symbolic_link_leads_to_the_same_lock(made: Path) -> None:
    link = made.with_name("link.db")
    link.symlink_to(made)
    with ServerLock(link):
        with pytest.raises(DatabaseUnusableError, match="another server"):
            ServerLock(made).take()
        open_database(link).close()
        open_database(made).close()


@linux
def test_a_file_that_is_served_under_another_name_is_left_alone(made: Path) -> None:
    with ServerLock(made):
        moved = made.rename(made.with_name("moved.db"))
        for opener in OPENERS:
            with pytest.raises(DatabaseUnusableError, match="under another name"):
                opener(moved)
        with pytest.raises(DatabaseUnusableError, match="another server"):
            ServerLock(moved).take()


def test_a_file_with_two_names_is_refused_under_each(made: Path) -> None:
    os.link(made, made.with_name("link.db"))
    for each in (made, made.with_name("link.db")):
        for opener in (*OPENERS, lock):
            with pytest.raises(DatabaseUnusableError, match="2 names"):
                opener(each)
    made.with_name("link.db").unlink()
    ServerLock(made).probe()


@pytest.mark.parametrize("is_empty", [False, True])
def test_no_database_is_made_beside_the_wal_of_one_that_is_missing(
    path: Path, is_empty: bool
) -> None:
    wal = path.with_name("tote.db-wal")
    wal.write_bytes(b"commits")
    if is_empty:
        path.touch()
    for opener in (*OPENERS, lock):
        with pytest.raises(DatabaseUnusableError, match=f"{path} is missing, but tote.db-wal"):
            opener(path)
    assert path.exists() == is_empty
    assert wal.read_bytes() == b"commits"


@pytest.mark.parametrize("is_replaced", [False, True])
def test_no_database_is_made_or_opened_in_the_place_of_one_whose_server_runs(
    made: Path, is_replaced: bool
) -> None:
    with ServerLock(made) as server:
        assert server.is_in_place()
        moved = made.rename(made.with_name("moved.db"))
        assert not server.is_in_place()
        if is_replaced:
            shutil.copy(moved, made)
        for opener in OPENERS:
            with pytest.raises(DatabaseUnusableError, match="moved or replaced"):
                opener(made)
        made.unlink(missing_ok=True)
        moved.rename(made)
        assert server.is_in_place()
        open_database(made).close()


def test_a_file_put_in_place_after_a_kill_is_taken(made: Path) -> None:
    ServerLock(made).probe()  # notes the file
    shutil.copy(made, made.with_name("copy.db"))
    made.with_name("copy.db").replace(made)
    open_database(made).close()
    ServerLock(made).probe()


def test_a_command_that_looks_for_a_server_keeps_none_from_starting(made: Path) -> None:
    looking = "import fcntl, os, sys, time; d = os.open(sys.argv[1], os.O_RDONLY); "
    looking += "fcntl.flock(d, fcntl.LOCK_SH); print(flush=True); time.sleep(0.005)"
    with subprocess.Popen([sys.executable, "-c", looking, made], stdout=-1) as command:
        assert command.stdout is not None
        command.stdout.readline()
        ServerLock(made).probe()


def test_neither_locking_nor_looking_ends_a_lock_of_sqlite_s(
    path: Path, database: Database
) -> None:
    ServerLock(path).probe()
    open_for_reading(path).close()
    open_database(path).close()
    close_elsewhere(path)
    assert path.with_name("tote.db-wal").exists()


def test_descriptors_are_closed_with_the_last_connection(path: Path) -> None:
    def used() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    open_database(path).close()
    before = used()
    with closing(open_database(path)):
        for _ in range(3):
            open_database(path).close()
            ServerLock(path).probe()
    assert used() == before

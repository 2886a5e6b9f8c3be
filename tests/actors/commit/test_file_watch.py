"""A database that is moved or overwritten, or whose WAL a reader holds open, while it is used."""

import os
import sqlite3
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs

from actors.commit.file_watch import INTERVAL_S, MOVED, REPLACED, FileWatch
from actors.commit.writer import Writer, inline
from storage.changes import OperatorActed
from storage.copies import back_up
from storage.lock import ServerLock
from storage.opening import WAL_BYTES, open_database, open_for_reading

Watched = tuple[FileWatch, Writer, list[MutableMapping[str, Any]]]
BETS = 6_000
ROWS = [OperatorActed(1, "credited", "x" * 2_000, b"")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the database."""
    return tmp_path / "t.db"


@asynccontextmanager
async def watched(path: Path) -> AsyncIterator[Watched]:
    """Run a locked database with its writer, its watch and their log."""
    with (
        ServerLock(path) as lock,
        closing(open_database(path, lock_held=True)) as database,
        capture_logs() as lines,
    ):
        writer = Writer(database, off_loop=inline)
        watch = FileWatch(lock, database, writer)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(writer.run)
            nursery.start_soon(watch.run)
            yield watch, writer, lines
            nursery.cancel_scope.cancel()


def errors(lines: list[MutableMapping[str, Any]]) -> list[str]:
    return [line["event"] for line in lines if line["log_level"] != "debug"]


@pytest.mark.parametrize("suffix", ["", "-wal"])
async def test_a_file_that_is_moved_is_told_once_and_so_is_that_it_is_back(
    path: Path, autojump_clock: object, suffix: str
) -> None:
    async with watched(path) as (watch, _, lines):
        place = path.with_name(path.name + suffix)
        elsewhere = path.with_name("elsewhere")
        for is_in_place in (True, False, False, True, True):
            if elsewhere.exists() == is_in_place:
                os.rename(*((elsewhere, place) if is_in_place else (place, elsewhere)))
            await trio.sleep(1.5 * INTERVAL_S)
            assert watch.trouble() == (None if is_in_place else MOVED)
    assert errors(lines) == ["database_moved", "database_back"]


async def test_what_the_server_itself_writes_is_no_replacement(
    path: Path, autojump_clock: object
) -> None:
    async with watched(path) as (watch, writer, lines):
        for _ in range(10):
            await writer.commit(ROWS * 1_000)
            await trio.sleep(1.5 * INTERVAL_S)
            await writer.shorten_wal()
            await trio.sleep(1.5 * INTERVAL_S)
            assert watch.trouble() is None
    assert errors(lines) == []


def content(other: str, path: Path) -> bytes:
    """Return the bytes that are copied over a database at the path."""
    copy = path.with_name("copy.db")
    open_database(path).close()
    match other:
        case "nothing":
            return b""
        case "rubbish":
            return b"x" * 1_000_000
        case "an older copy":
            return path.read_bytes()
        case "a backup":
            back_up(path, copy)
        case _:
            with closing(sqlite3.connect(copy)) as stranger:
                stranger.execute("CREATE TABLE filling AS SELECT randomblob(1000000)")
    return copy.read_bytes()


def write_over(path: Path, new: bytes) -> bytes:
    """Overwrite a file as `cp` does. Return its previous content."""
    old = path.read_bytes()
    path.write_bytes(new)
    return old


@pytest.mark.parametrize(
    "other", ["nothing", "rubbish", "an older copy", "a backup", "another program's"]
)
async def test_a_file_that_is_written_over_is_told_once_and_for_good(
    path: Path, autojump_clock: object, other: str
) -> None:
    new = content(other, path)
    async with watched(path) as (watch, writer, lines):
        await writer.commit(ROWS * 100)
        await writer.shorten_wal()
        await trio.sleep(1.5 * INTERVAL_S)
        old = write_over(path, new)
        await trio.sleep(1.5 * INTERVAL_S)
        assert watch.trouble() == REPLACED
        write_over(path, old)
        await trio.sleep(3 * INTERVAL_S)
        assert watch.trouble() == REPLACED
    assert errors(lines) == ["database_replaced"]


async def test_a_wal_that_a_reader_held_open_is_short_again_once_the_reader_has_ended(
    path: Path, autojump_clock: object
) -> None:
    async with watched(path) as (_, writer, _):
        with closing(open_database(path, lock_held=True)) as database:
            with closing(open_for_reading(path)) as reader, reader.snapshot():
                reader.rows("SELECT * FROM users")
                for _ in range(BETS // 100):
                    await writer.commit(ROWS * 100)
                await trio.sleep(10 * INTERVAL_S)
                assert database.wal_bytes() > 2 * WAL_BYTES
            await trio.sleep(2 * INTERVAL_S)
            assert database.wal_bytes() <= WAL_BYTES


async def test_commits_alone_cut_a_long_wal_back(path: Path) -> None:
    with closing(open_database(path)) as database, closing(open_for_reading(path)) as reader:
        database.execute("PRAGMA synchronous=OFF")
        with reader.snapshot():
            reader.rows("SELECT * FROM users")
            while database.wal_bytes() <= 2 * WAL_BYTES:
                database.write(ROWS * 100)
        for _ in range(3):
            database.write(ROWS)
        assert database.wal_bytes() <= WAL_BYTES

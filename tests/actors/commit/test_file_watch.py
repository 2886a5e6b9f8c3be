"""A database that is moved away, or whose WAL a reader holds open, while the server runs."""

from contextlib import closing
from pathlib import Path

import trio
from structlog.testing import capture_logs

from actors.commit.file_watch import INTERVAL_S, MOVED, FileWatch
from actors.commit.writer import Writer, inline
from storage.changes import OperatorActed
from storage.opening import WAL_BYTES, open_database, open_for_reading

BETS = 6_000
ROWS = [OperatorActed(1, "credited", "x" * 2_000, b"")]


async def test_a_file_that_is_moved_is_told_once_and_so_is_that_it_is_back(
    tmp_path: Path, autojump_clock: object
) -> None:
    is_in_place = True
    with closing(open_database(tmp_path / "t.db")) as database:
        watch = FileWatch(lambda: is_in_place, database, Writer(database, off_loop=inline))
        async with trio.open_nursery() as nursery:
            with capture_logs() as lines:
                nursery.start_soon(watch.run)
                for is_in_place in (True, False, False, True, True):
                    await trio.sleep(1.5 * INTERVAL_S)
                    assert watch.trouble() == (None if is_in_place else MOVED)
            nursery.cancel_scope.cancel()
    assert [line["event"] for line in lines] == ["database_moved", "database_back"]


async def test_a_wal_that_a_reader_held_open_is_short_again_once_the_reader_has_ended(
    tmp_path: Path, autojump_clock: object
) -> None:
    path = tmp_path / "t.db"
    with closing(open_database(path)) as database, closing(open_for_reading(path)) as reader:
        writer = Writer(database, off_loop=inline)
        watch = FileWatch(lambda: True, database, writer)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(writer.run)
            nursery.start_soon(watch.run)
            with reader.snapshot():
                reader.rows("SELECT * FROM users")
                database.execute("PRAGMA synchronous=OFF")
                for _ in range(BETS):
                    await writer.commit(ROWS)
                await trio.sleep(10 * INTERVAL_S)
                assert database.wal_bytes() > 2 * WAL_BYTES
            await trio.sleep(2 * INTERVAL_S)
            assert database.wal_bytes() <= WAL_BYTES
            nursery.cancel_scope.cancel()


async def test_commits_alone_cut_a_long_wal_back(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with closing(open_database(path)) as database, closing(open_for_reading(path)) as reader:
        database.execute("PRAGMA synchronous=OFF")
        with reader.snapshot():
            reader.rows("SELECT * FROM users")
            while database.wal_bytes() <= 2 * WAL_BYTES:
                database.write(ROWS * 100)
        for _ in range(3):
            database.write(ROWS)
        assert database.wal_bytes() <= WAL_BYTES

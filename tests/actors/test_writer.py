"""One writer for everybody (design, section 2): joined commits, and nobody left waiting."""

from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from actors.writer import Writer, inline
from storage.changes import SourceOpened
from storage.database import Database, StorageError, open_database


async def commit(writer: Writer, name: str, outcomes: dict[str, bool]) -> None:
    try:
        await writer.commit([SourceOpened(name, name, None, 1)])
        outcomes[name] = True
    except StorageError:
        outcomes[name] = False


async def test_what_waits_together_is_one_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    write = Database.write

    def counted(database: Database, changes: Any) -> None:
        writes.append(len(changes))
        write(database, changes)

    monkeypatch.setattr(Database, "write", counted)
    writer = Writer(open_database(tmp_path / "t.db"), off_loop=inline)
    outcomes: dict[str, bool] = {}
    async with trio.open_nursery() as nursery:
        for number in range(10):
            nursery.start_soon(commit, writer, str(number), outcomes)
        await wait_all_tasks_blocked()
        nursery.start_soon(writer.run)
        await wait_all_tasks_blocked()
        writer.stop()
    assert writes == [10]
    assert set(outcomes.values()) == {True}


async def test_nobody_waits_for_a_writer_that_has_died(tmp_path: Path) -> None:
    async def dies(*_: object) -> None:
        await trio.lowlevel.checkpoint()
        raise MemoryError

    writer = Writer(open_database(tmp_path / "t.db"), off_loop=dies)
    outcomes: dict[str, bool] = {}
    async with trio.open_nursery() as nursery:
        for number in range(3):
            nursery.start_soon(commit, writer, str(number), outcomes)
        await wait_all_tasks_blocked()
        with pytest.raises(MemoryError):
            await writer.run()
    await commit(writer, "late", outcomes)
    assert outcomes == {"0": False, "1": False, "2": False, "late": False}


async def test_a_disk_that_fails_is_tried_once_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def full(_: Database, changes: Any) -> None:
        tries.append(len(changes))
        raise StorageError("database or disk is full")

    monkeypatch.setattr(Database, "write", full)
    writer = Writer(open_database(tmp_path / "t.db"), off_loop=inline)
    outcomes: dict[str, bool] = {}
    async with trio.open_nursery() as nursery:
        for number in range(10):
            nursery.start_soon(commit, writer, str(number), outcomes)
        await wait_all_tasks_blocked()
        nursery.start_soon(writer.run)
        await wait_all_tasks_blocked()
        writer.stop()
    assert tries == [10]
    assert set(outcomes.values()) == {False}

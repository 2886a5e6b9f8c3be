"""The thread of the disk: the loop goes on, outcomes arrive, and nothing under way is abandoned.

The work waits for events of threads, so these tests use no simulated time.
"""

import threading
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from actors.commit.disk_thread import DiskThread, disk_thread
from actors.commit.writer import Writer
from storage.changes import SourceOpened
from storage.database import Database
from storage.errors import StorageError
from storage.opening import open_database

PATIENCE_S = 30.0
"""How long a broken test waits before it fails."""


class SlowDisk:
    """Work that waits until `spin`."""

    def __init__(self) -> None:
        self._goes = threading.Event()
        self.done = 0

    def spin(self) -> None:
        """Let the work continue."""
        self._goes.set()

    def work(self, *_: object) -> int:
        """Wait for `spin`; return how often the work was done."""
        assert self._goes.wait(PATIENCE_S)
        self.done += 1
        return self.done


def fail(error: BaseException) -> None:
    raise error


async def test_a_slow_disk_holds_up_no_other_task() -> None:
    slow, turns = SlowDisk(), 0
    with disk_thread() as disk:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(disk.perform, slow.work)
            for _ in range(100):
                await trio.lowlevel.checkpoint()
                turns += 1
            assert (turns, slow.done) == (100, 0)
            slow.spin()
    assert slow.done == 1


async def test_work_is_done_in_the_order_received() -> None:
    order: list[int] = []
    with disk_thread() as disk:
        async with trio.open_nursery() as nursery:
            for number in range(20):
                nursery.start_soon(disk.perform, order.append, number)
                await wait_all_tasks_blocked()
    assert order == list(range(20))


@pytest.mark.parametrize("error", [StorageError("full"), MemoryError(), SystemExit(3)])
async def test_what_the_work_raises_is_raised_where_it_is_waited_for(error: BaseException) -> None:
    with disk_thread() as disk:
        with pytest.raises(type(error)):
            await disk.perform(fail, error)
        assert await disk.perform(len, "the thread lives on") == 19


async def test_a_cancelled_task_learns_the_outcome_first() -> None:
    slow, outcomes = SlowDisk(), list[int]()

    async def wait() -> None:
        outcomes.append(await disk.perform(slow.work))
        await trio.lowlevel.checkpoint()
        outcomes.append(-1)

    with disk_thread() as disk:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
            slow.spin()
    assert outcomes == [1]


async def test_a_stop_waits_for_the_commit_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, write = SlowDisk(), Database.write

    def slowly(database: Database, changes: Any) -> None:
        slow.work()
        write(database, changes)

    monkeypatch.setattr(Database, "write", slowly)
    database = open_database(tmp_path / "t.db")
    with disk_thread() as disk:
        writer = Writer(database, off_loop=disk.perform)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(writer.run)
            nursery.start_soon(writer.commit, [SourceOpened("a", "a", None, 1)])
            await wait_all_tasks_blocked()
            writer.stop()
            nursery.cancel_scope.cancel()
            slow.spin()
    assert [row["id"] for row in database.rows("SELECT id FROM sources")] == ["a"]


async def test_a_thread_that_has_ended_ends_the_writer(tmp_path: Path) -> None:
    """It is our bug, so it must be seen, and no caller may wait for ever."""
    disk = DiskThread()
    disk.end()
    writer = Writer(open_database(tmp_path / "t.db"), off_loop=disk.perform)
    refused: list[StorageError] = []

    async def commit() -> None:
        try:
            await writer.commit([SourceOpened("a", "a", None, 1)])
        except StorageError as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(commit)
        with pytest.raises(RuntimeError, match="the disk thread has ended"):
            await writer.run()
    assert len(refused) == 1


async def test_a_lone_commit_reaches_the_disk_in_the_first_pass_of_the_writer(
    tmp_path: Path,
) -> None:
    """Each pass of the loop costs a lone bet CPU time."""
    passes, began = 0, list[int]()

    class Passes(trio.abc.Instrument):
        def before_io_wait(self, timeout: float) -> None:
            nonlocal passes
            passes += 1

    async def note(work: Any, *arguments: Any) -> Any:
        began.append(passes)
        return work(*arguments)

    writer = Writer(open_database(tmp_path / "t.db"), off_loop=note)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(writer.run)
        await wait_all_tasks_blocked()
        trio.lowlevel.add_instrument(counting := Passes())
        await writer.commit([SourceOpened("a", "a", None, 1)])
        trio.lowlevel.remove_instrument(counting)
        writer.stop()
    assert (began, passes) == ([1], 2)

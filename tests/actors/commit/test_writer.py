"""One writer for all actors: it joins commits and leaves no caller waiting."""

from pathlib import Path
from typing import Any, NoReturn

import pytest
import trio
import trio.testing
from trio.testing import wait_all_tasks_blocked

from actors.commit.writer import WOKEN_AT_ONCE, Writer, inline
from storage.changes import SourceOpened
from storage.database import Database
from storage.errors import LeadershipLostError, StorageError
from storage.opening import open_database
from storage.store import AddUser, DisableUser
from storage.users import UnknownUserError


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


async def test_others_work_while_many_hear_of_a_commit(tmp_path: Path) -> None:
    """A task that becomes due meanwhile runs before all callers have continued."""
    writer = Writer(open_database(tmp_path / "t.db"), off_loop=inline)
    order: list[str] = []

    async def wait(name: str) -> None:
        await writer.commit([SourceOpened(name, name, None, 1)])
        order.append("told")

    async def work() -> None:
        while order.count("told") < 6 * WOKEN_AT_ONCE:
            order.append(" ")
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        for number in range(6 * WOKEN_AT_ONCE):
            nursery.start_soon(wait, str(number))
        await wait_all_tasks_blocked()
        nursery.start_soon(writer.run)
        nursery.start_soon(work)
        await wait_all_tasks_blocked()
        writer.stop()
    together = "".join(order).split()
    assert max(run.count("told") for run in together) <= 2 * WOKEN_AT_ONCE  # in turn, in any order


async def test_what_is_on_disk_is_told_so_though_the_writer_is_cancelled(tmp_path: Path) -> None:
    """This includes callers whose turn to continue has not come."""
    writer = Writer(open_database(tmp_path / "t.db"), off_loop=inline)
    outcomes: dict[str, bool] = {}

    async def stop(scope: trio.CancelScope) -> None:
        while not outcomes:
            await trio.lowlevel.checkpoint()
        scope.cancel()

    async with trio.open_nursery() as nursery:
        for number in range(4 * WOKEN_AT_ONCE):
            nursery.start_soon(commit, writer, str(number), outcomes)
        await wait_all_tasks_blocked()
        with trio.CancelScope() as scope:
            nursery.start_soon(stop, scope)
            await writer.run()
    assert list(outcomes.values()) == [True] * (4 * WOKEN_AT_ONCE)


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


async def test_a_named_write_is_performed_between_two_commits(tmp_path: Path) -> None:
    order: list[str] = []

    async def slowly(work: Any, *arguments: Any) -> Any:
        order.append("begin")
        await trio.testing.wait_all_tasks_blocked(0.01)
        order.append("end")
        return work(*arguments)

    writer = Writer(open_database(tmp_path / "t.db"), off_loop=slowly)
    outcomes: dict[str, bool] = {}
    added_ids: list[int] = []

    async def perform(number: int) -> None:
        added = await writer.perform(AddUser(f"user{number}", False, {}, None), 1)
        added_ids.append(added["id"])

    async with trio.open_nursery() as nursery:
        nursery.start_soon(writer.run)
        for number in range(3):
            nursery.start_soon(commit, writer, str(number), outcomes)
            nursery.start_soon(perform, number)
        while len(added_ids) < 3 or len(outcomes) < 3:
            await trio.testing.wait_all_tasks_blocked(0.02)
        writer.stop()
    assert set(outcomes.values()) == {True}
    assert order == ["begin", "end"] * (len(order) // 2)
    assert len(order) >= 5


async def test_a_refused_write_leaves_the_state_and_a_failed_one_changes_it(tmp_path: Path) -> None:
    database = open_database(tmp_path / "t.db")
    writer = Writer(database, off_loop=inline)

    states = [writer.state]
    await writer.probe()
    states.append(writer.state)
    with pytest.raises(UnknownUserError):
        await writer.perform(DisableUser("nobody"), 1)
    states.append(writer.state)
    database.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError):
        await writer.probe()
    states.append(writer.state)
    database.execute("PRAGMA query_only = OFF")
    await writer.probe()
    states.append(writer.state)
    assert [state.name for state in states] == [
        "UNTRIED",
        "STORING",
        "STORING",
        "FAILING",
        "STORING",
    ]


async def test_a_writer_that_ends_while_it_waits_for_its_turn_leaves_nobody_waiting(
    tmp_path: Path,
) -> None:
    going_on = trio.Event()

    async def held_up(work: Any, *arguments: Any) -> Any:
        await going_on.wait()
        return work(*arguments)

    writer = Writer(open_database(tmp_path / "t.db"), off_loop=held_up)
    outcomes: dict[str, bool] = {}
    async with trio.open_nursery() as nursery:
        nursery.start_soon(writer.probe)
        async with trio.open_nursery() as running:
            running.start_soon(writer.run)
            nursery.start_soon(commit, writer, "0", outcomes)
            await wait_all_tasks_blocked()
            running.cancel_scope.cancel()
        await wait_all_tasks_blocked()
        assert outcomes == {"0": False}
        going_on.set()


class LostDatabase(Database):
    """The database of a node that has just stopped leading."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._connection, database.key_file)

    def transaction(self) -> NoReturn:
        """Raise LeadershipLostError."""
        raise LeadershipLostError("another node leads")


async def test_a_node_that_no_longer_leads_says_nothing_of_a_commit(tmp_path: Path) -> None:
    writer = Writer(LostDatabase(open_database(tmp_path / "t.db")), off_loop=inline)
    outcomes: dict[str, bool] = {}
    with pytest.RaisesGroup(LeadershipLostError):
        async with trio.open_nursery() as nursery:
            for name in "ab":
                nursery.start_soon(commit, writer, name, outcomes)
            await wait_all_tasks_blocked()
            nursery.start_soon(writer.run)
    assert outcomes == {}


async def test_a_named_write_that_finds_the_leadership_lost_ends_the_writer(tmp_path: Path) -> None:
    writer = Writer(LostDatabase(open_database(tmp_path / "t.db")), off_loop=inline)
    outcomes: dict[str, bool] = {}
    with pytest.RaisesGroup(LeadershipLostError):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(writer.run)
            with pytest.raises(LeadershipLostError):
                await writer.perform(AddUser("ann", True, {}, None), 1)
            await commit(writer, "late", outcomes)
    assert outcomes == {}


async def test_a_probe_is_that_of_the_database_which_may_write_elsewhere_first(
    tmp_path: Path,
) -> None:
    class Lost(Database):
        def probe(self) -> None:
            raise StorageError("the log does not answer")

    opened = open_database(tmp_path / "t.db")
    writer = Writer(Lost(opened._connection, opened.key_file), off_loop=inline)
    with pytest.raises(StorageError, match="the log does not answer"):
        await writer.probe()
    assert writer.state.name == "FAILING"

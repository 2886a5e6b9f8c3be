"""How a command reaches the file or the server, or gives up, in bounded time."""

from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from storage.lock import ServerLock
from storage.opening import open_database
from storage.store import AddUser
from toteboard import files
from toteboard.exits import Failure
from toteboard.operator import operating as way
from toteboard.operator.operating import operating

ADD = AddUser("ann", False, {}, None)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "tote.db"
    open_database(path).close()
    return path


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Let something happen in each of the next pauses between tries; the last one repeats."""
    happen: list[Callable[[], None]] = [lambda: None]
    waited: list[float] = []

    class Event:
        def wait(self, pause_s: float) -> None:
            waited.append(pause_s)
            assert sum(waited) <= way.PATIENCE_S + 0.01, "it waits for ever"
            happen[min(len(waited), len(happen)) - 1]()

    monkeypatch.setattr(way, "Event", Event)
    return happen


def test_without_a_server_the_command_holds_the_lock_meanwhile(database: Path) -> None:
    with operating(database) as operator:
        assert operator(ADD)["id"] == 1
        with pytest.raises(Exception, match="in use"):
            ServerLock(database).take()
    with ServerLock(database):
        pass


def test_the_lock_is_free_again_after_a_refusal(database: Path) -> None:
    with operating(database) as operator:
        operator(ADD)
    with pytest.raises(Exception, match="taken"), operating(database) as operator:
        operator(ADD)
    with ServerLock(database):
        pass


def test_a_command_waits_for_a_server_that_starts_or_stops(
    database: Path, pauses: list[Callable[[], None]]
) -> None:
    lock = ServerLock(database)
    lock.take()
    pauses[:] = [lambda: None, lambda: None, lock.release]
    with operating(database) as operator:
        assert operator(ADD)["id"] == 1


def test_a_server_that_does_not_answer_is_given_up_in_time(
    database: Path, pauses: list[Callable[[], None]]
) -> None:
    with ServerLock(database), pytest.raises(Failure) as failure, operating(database):
        pass
    assert failure.value.exit_code == 2
    assert str(failure.value) == f"the server of {database} does not answer"


@pytest.mark.parametrize("may_make", [False, True])
def test_a_database_is_made_only_where_that_is_wanted(tmp_path: Path, may_make: bool) -> None:
    path = tmp_path / "new.db"
    if may_make:
        with operating(path, may_make=True) as operator:
            assert operator(ADD)["id"] == 1
    else:
        with pytest.raises(Failure, match="does not exist"), operating(path):
            pass
        assert list(tmp_path.iterdir()) == []


async def test_a_server_waits_a_moment_for_a_command_that_holds_the_lock(
    database: Path, autojump_clock: object
) -> None:
    lock = ServerLock(database)
    lock.take()
    taken: list[ServerLock] = []

    async def start() -> None:
        taken.append(await files.locked(database))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(start)
        await trio.sleep(files.SERVER_LOCK_PATIENCE_S / 2)
        assert taken == []
        lock.release()
    taken[0].release()


async def test_a_server_gives_up_on_another_server_s_lock(
    database: Path, autojump_clock: object
) -> None:
    with ServerLock(database), pytest.raises(Exception, match="in use by another server"):
        await files.locked(database)

"""The control socket: its owner's requests are executed, and any other input does no harm."""

import os
import socket
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
import trio
from structlog.testing import capture_logs

from actors.store import Store
from storage.errors import StorageError
from storage.store import AddUser, Credit
from storage.users import UnknownUserError
from storage.write import Values, Write
from toteboard.exits import Failure, NotSo
from toteboard.operator import address, control, operating, wire
from toteboard.operator.address import connected, is_listening, listening, socket_path

CREDIT = Credit("ann", "DON", 100)
PATIENCE_S = 20.0
"""How long a step may take before the test fails. It only keeps tests from hanging."""


class Recorder(Store):
    """Records the writes, and returns or raises what the test has set."""

    def __init__(self) -> None:
        self.asked: list[Write] = []
        self.answer: Values | Exception = {"id": 1}
        self.begun, self.may_go_on = trio.Event(), trio.Event()
        self.may_go_on.set()

    async def perform(self, write: Write) -> Values:
        self.asked.append(write)
        self.begun.set()
        await self.may_go_on.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "tote.db"
    path.touch(0o600)
    return path


@asynccontextmanager
async def opened(
    database: Path, is_in_place: Callable[[], bool] = lambda: True
) -> AsyncIterator[Recorder]:
    """Yield a control socket beside a database, and the store behind it."""
    store = Recorder()
    with trio.fail_after(PATIENCE_S):
        async with control.controlled(database, store, is_in_place=is_in_place):
            yield store


async def off_loop(work: Any, *arguments: Any) -> Any:
    """Do what a command does, which is another process and blocks."""
    return await trio.to_thread.run_sync(partial(work, *arguments), abandon_on_cancel=True)


def ask(database: Path, write: Write = CREDIT) -> Values:
    """Let the server perform a write. Fail if it does not."""
    with ExitStack() as until_the_end:
        operator = operating._by_the_server(database, until_the_end)
        assert operator is not None
        return operator(write)


def answers(database: Path, asked: bytes) -> list[bytes]:
    """Return the hello and the line with which the server answers these bytes; b"" at the end."""
    client = connected(socket_path(database), PATIENCE_S)
    with client, client.makefile("rb") as lines:
        hello = lines.readline()
        with suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(asked)
            return [hello, lines.readline()]
        return [hello, b""]


async def until(is_so: Callable[[], object]) -> None:
    """Wait for the condition."""
    while True:
        if is_so():
            return
        await trio.sleep(0.001)


async def test_what_is_asked_is_done_and_answered(database: Path) -> None:
    async with opened(database) as store:
        store.answer = {"id": 7, "name": "ann", "session_key": "s3cret", "available_balance": 0.5}
        for write in (CREDIT, AddUser("ann", True, {"DON": 1, "EUR": 0}, None)):
            assert await off_loop(ask, database, write) == store.answer
            assert store.asked[-1] == write


@pytest.mark.parametrize(
    ("error", "kind"), [(UnknownUserError("ann"), NotSo), (StorageError("disk full"), Failure)]
)
async def test_a_no_and_a_failure_are_those_of_the_command(
    database: Path, error: Exception, kind: type[Exception]
) -> None:
    async with opened(database) as store:
        store.answer = error
        with pytest.raises(kind, match=str(error)):
            await off_loop(ask, database)
        store.answer = {"id": 1}
        assert await off_loop(ask, database) == {"id": 1}


async def test_only_the_owner_can_open_the_socket(database: Path) -> None:
    database.parent.chmod(0o755)
    before = os.umask(0)
    try:
        async with opened(database):
            assert stat.S_IMODE(socket_path(database).stat().st_mode) == 0o600
    finally:
        assert os.umask(before) == 0, "the umask is what it was"


def test_the_socket_is_private_from_the_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    bind = socket.socket.bind

    def seen(listener: socket.socket, path: str) -> None:
        bind(listener, path)
        modes.append(stat.S_IMODE(os.stat(path).st_mode))

    monkeypatch.setattr(socket.socket, "bind", seen)
    before = os.umask(0)
    try:
        listening(tmp_path / "tote.db.control").close()
    finally:
        os.umask(before)
    assert modes == [0o600]


async def test_another_user_is_hung_up_on(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(database) as store:
        monkeypatch.setattr(os, "geteuid", lambda: 4_321)
        monkeypatch.setattr(control, "ROOT", 8_765)
        assert await off_loop(answers, database, wire.request(CREDIT)) == [b"", b""]
        assert store.asked == []


@pytest.mark.parametrize("length", [0, 200], ids=["short", "long"])
@pytest.mark.parametrize("name", ["tote.db", "t" * 240 + ".db"], ids=["short", "long"])
async def test_paths_of_any_length_will_do(tmp_path: Path, length: int, name: str) -> None:
    folder = tmp_path.joinpath(*["x" * 50] * (length // 50))
    folder.mkdir(parents=True, exist_ok=True)
    async with opened(folder / name):
        assert await off_loop(ask, folder / name) == {"id": 1}
    assert list(folder.iterdir()) == []


async def test_a_database_has_one_socket_by_whatever_name(database: Path) -> None:
    link = database.with_name("link.db")
    link.symlink_to(database)
    async with opened(link):
        assert await off_loop(ask, database) == {"id": 1}


async def test_a_socket_that_a_killed_server_left_is_replaced(database: Path) -> None:
    listening(socket_path(database)).close()
    assert socket_path(database).is_socket()
    async with opened(database):
        assert await off_loop(ask, database) == {"id": 1}
    assert not socket_path(database).exists()


async def test_a_socket_that_is_deleted_comes_back(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "LOOK_S", 0.001)
    async with opened(database):
        socket_path(database).unlink()
        await until(socket_path(database).exists)
        assert await off_loop(ask, database) == {"id": 1}


async def test_a_server_whose_database_is_gone_takes_no_commands_for_another_one_at_its_path(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "LOOK_S", 0.001)
    is_in_place = True
    async with opened(database, lambda: is_in_place):
        is_in_place = False
        socket_path(database).unlink()
        await trio.sleep(0.05)
        assert not socket_path(database).exists()
        is_in_place = True
        await until(socket_path(database).exists)
        assert await off_loop(ask, database) == {"id": 1}


def take_name(path: Path, by: str) -> None:
    path.unlink()
    match by:
        case "folder":
            path.mkdir()
        case "file":
            path.touch()
        case "dangling link":
            path.symlink_to(path.with_name("nowhere"))
        case _:
            listening(path).close()


@pytest.mark.parametrize("by", ["file", "dangling link", "socket of a killed server"])
async def test_a_socket_whose_name_is_taken_comes_back(
    database: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(control, "LOOK_S", 0.001)
    with capture_logs() as logs:
        async with opened(database):
            take_name(socket_path(database), by)
            await until(partial(is_listening, socket_path(database)))
            assert await off_loop(ask, database) == {"id": 1}
    assert {line["event"] for line in logs} == {"operator_acted"}


async def test_a_socket_whose_name_is_taken_by_a_folder_is_logged_and_comes_back(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "LOOK_S", 0.001)
    with capture_logs() as logs:
        async with opened(database):
            take_name(socket_path(database), "folder")
            await until(lambda: logs)
            socket_path(database).rmdir()
            await until(partial(is_listening, socket_path(database)))
            assert await off_loop(ask, database) == {"id": 1}
    assert {line["event"] for line in logs} == {"control_failed", "operator_acted"}


async def test_the_socket_of_another_server_is_left_alone(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "LOOK_S", 0.001)
    async with opened(database):
        other = listening(socket_path(database))
        inode = socket_path(database).stat().st_ino
        await trio.sleep(0.05)
    assert socket_path(database).stat().st_ino == inode
    other.close()


async def test_a_socket_that_cannot_be_made_is_logged_and_tried_again(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "LOOK_S", 0.001)
    socket_path(database).mkdir()
    with capture_logs() as logs:
        async with opened(database):
            await until(lambda: logs)
            socket_path(database).rmdir()
            await until(socket_path(database).is_socket)
            assert await off_loop(ask, database) == {"id": 1}
    assert {line["event"] for line in logs} == {"control_failed", "operator_acted"}


MALFORMED = [
    b"\n",
    b"nonsense\n",
    b"[]\n",
    b"null\n",
    b"{}\n",
    b'{"control": 2, "write": "credit", "values": {}}\n',
    b'{"control": 1, "write": "no such thing", "values": {}}\n',
    b'{"control": 1, "write": ["credit"], "values": {}}\n',
    b'{"control": 1, "write": "credit"}\n',
    b'{"control": 1, "write": "credit", "values": null}\n',
    b'{"control": 1, "write": "credit", "values": []}\n',
    b'{"control": 1, "write": "credit", "values": {"name": "ann", "self": 1}}\n',
    b'{"control": 1, "write": "credit", "values": {"name": {}, "currency": [], "amount": {}}}\n',
    b"\xff\xfe\n",
    b"[" * 60_000 + b"\n",
    b'{"a":' * 10_000 + b"\n",
]


@pytest.mark.parametrize("line", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_request_that_makes_no_sense_is_refused(database: Path, line: bytes) -> None:
    async with opened(database) as store:
        reply = orjson.loads((await off_loop(answers, database, line))[1])
        assert (reply["ok"], reply["exit_code"]) == (False, 2)
        assert store.asked == []
        assert await off_loop(ask, database) == {"id": 1}


@pytest.mark.parametrize(
    "line",
    [b"x" * (wire.LONGEST_REQUEST + 1), wire.request(CREDIT) * 2, wire.request(CREDIT) + b"{"],
    ids=["too long", "two at once", "one and a half"],
)
async def test_more_than_a_line_is_hung_up_on(database: Path, line: bytes) -> None:
    async with opened(database) as store:
        assert (await off_loop(answers, database, line))[1] == b""
        assert store.asked == []
        assert await off_loop(ask, database) == {"id": 1}


async def test_a_connection_that_asks_nothing_is_closed_in_time(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "REQUEST_S", 0.001)

    async with opened(database) as store:
        for half in (b"", wire.request(CREDIT)[:-1]):
            assert (await off_loop(answers, database, half))[1] == b""
        assert store.asked == []


async def test_only_so_many_are_connected_at_once(database: Path) -> None:
    def crowd() -> list[socket.socket]:
        inside = [connected(socket_path(database), PATIENCE_S) for _ in range(control.CONNECTIONS)]
        assert all(client.recv(1_000) for client in inside)
        return inside

    async with opened(database):
        inside = await off_loop(crowd)
        assert await off_loop(answers, database, b"") == [b"", b""]
        assert await off_loop(operating._by_the_server, database, ExitStack()) is None, "not yet"
        for client in inside:
            client.close()
        while not (await off_loop(answers, database, b"\n"))[0]:
            await trio.lowlevel.checkpoint()


async def test_a_request_whose_command_has_given_up_is_not_done(database: Path) -> None:
    async with opened(database) as store:
        client = await off_loop(connected, socket_path(database), PATIENCE_S)
        assert await off_loop(client.recv, 1_000) == wire.hello()
        # On the event loop, so it is over when the server looks.
        client.sendall(wire.request(CREDIT))
        client.close()
        assert await off_loop(ask, database) == {"id": 1}
        assert store.asked == [CREDIT]


async def test_what_was_begun_is_answered_though_the_server_stops(database: Path) -> None:
    answers: list[Values] = []

    async def command() -> None:
        answers.append(await off_loop(ask, database))

    async with trio.open_nursery() as nursery, opened(database) as store:
        store.may_go_on = trio.Event()
        nursery.start_soon(command)
        await store.begun.wait()
        nursery.start_soon(_set_later, store.may_go_on)
    assert answers == [{"id": 1}]


async def _set_later(event: trio.Event) -> None:
    for _ in range(10):
        await trio.lowlevel.checkpoint()
    event.set()


async def test_a_bug_in_a_request_costs_its_connection_alone(database: Path) -> None:
    with capture_logs() as logs:
        async with opened(database) as store:
            store.answer = ZeroDivisionError("a bug")
            with pytest.raises(Failure, match="has received the request and has not answered"):
                await off_loop(ask, database)
            store.answer = {"id": 1}
            assert await off_loop(ask, database) == {"id": 1}
    assert [line["event"] for line in logs] == ["internal_error", "operator_acted"]


def test_a_server_of_another_version_of_the_protocol_is_asked_nothing() -> None:
    assert wire.refuse_hello(wire.hello()) is None
    newer = orjson.dumps({"control": 2, "version": "9.1"})
    assert "toteboard 9.1" in (wire.refuse_hello(newer) or "")
    assert wire.refuse_hello(b"HTTP/1.1 400 Bad Request\r\n") is not None


def test_an_address_has_room_on_every_system() -> None:
    assert address.LONGEST <= 103

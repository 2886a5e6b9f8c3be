"""The command line and a server on one database: only one of them writes, never both."""

import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
import trio
import trio.lowlevel
from click.testing import CliRunner

from storage.store import Credit
from storage.write import Values
from tests.support.process import PATIENCE_S, Process, heard_to_the_end, toteboard
from toteboard.cli import main
from toteboard.exits import Failure, NotSo
from toteboard.operator import operating as way
from toteboard.operator.address import socket_path
from toteboard.operator.operating import operating
from toteboard_client import Client, Message

CREDITS = 300


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    async with Process(tmp_path, "--rate-limit", "0", "--log-level", "warning") as process:
        yield process


async def told(folder: Path, *arguments: str) -> Values:
    """Return what a successful command prints."""
    done = await toteboard(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, b""), done
    values: Values = orjson.loads(done.stdout)
    return values


async def test_every_command_works_the_same_beside_a_server_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside, alone = tmp_path / "beside", tmp_path / "alone"
    said: dict[Path, list[Any]] = {}
    for folder in (beside, alone):
        folder.mkdir()
        async with Process(folder) as server:
            server.add_user("host", can_host=True)
            async with server.connect("host") as host:
                source = (await host.call(365, source_name="FIFA"))["source_id"]
            if folder is alone:
                assert await server.stop() == 0
            monkeypatch.chdir(folder)
            said[folder] = [
                _said(source, *command)
                for command in (
                    ("user", "add", "ann", "--can-host", "--balance", "5"),
                    ("user", "add", "ANN"),
                    ("user", "credit", "ann", "2.5"),
                    ("user", "credit", "ann", "1", "--currency", "EUR"),
                    ("user", "credit", "eve", "1"),
                    ("user", "debit", "ann", "0.5"),
                    ("user", "debit", "ann", "7.01"),
                    ("user", "host", "ann", "--no"),
                    ("key", "add", "till", "--role", "cashier"),
                    ("key", "add", "till", "--role", "reader"),
                    ("key", "end", "till"),
                    ("key", "end", "till"),
                    ("user", "key", "ann", "--no-expiry"),
                    ("source", "add-admin", "SOURCE", "ann"),
                    ("source", "add-admin", "no-source", "ann"),
                    ("user", "disable", "ann"),
                    ("user", "key", "ann"),
                    ("user", "enable", "ann"),
                    ("user", "list"),
                    ("report", "--source", "SOURCE"),
                    ("report", "--source", "no-source"),
                    ("export", "users", "--format", "csv", "--to", "2020-01-01"),
                    ("check",),
                )
            ]
    assert said[beside] == said[alone]


def _said(source: str, *command: str) -> tuple[int, str, str]:
    """Return the exit code and the output, without the parts that vary.

    It runs in this process, because two dozen starts of Python would take too long.
    """
    done = CliRunner().invoke(main, [source if word == "SOURCE" else word for word in command])
    said = done.stdout.replace(source, "SOURCE")
    lines = []
    for line in said.splitlines():
        values = orjson.loads(line) if line.startswith("{") else line
        if isinstance(values, dict):
            varying = ("session_key", "created_at", "key", "ended_at")
            values = {k: v for k, v in values.items() if k not in varying}
        lines.append(str(values))
    return done.exit_code, "\n".join(lines), done.stderr


async def test_while_a_server_runs_no_command_opens_its_file_for_writing(
    server: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way, "open_database", None)
    with operating(server.database) as operator, pytest.raises(NotSo, match="'ann' does not exist"):
        operator(Credit("ann", "DON", 1))


async def test_a_running_server_acts_at_once(server: Process) -> None:
    server.add_user("ann")
    async with server.connect("ann") as phone, server.connect("ann") as laptop:
        await told(server.folder, "user", "credit", "ann", "5")
        for device in (phone, laptop):
            pushed = await device.receive()
            assert (pushed["res"], pushed["available_balance"]) == (815, 5)
        new = await told(server.folder, "user", "key", "ann")
        for device in (phone, laptop):
            _, reason = await heard_to_the_end(device)
            assert (reason.code, reason.reason) == (1008, "a new session key was made")
    server.keys["ann"] = (new["id"], new["session_key"])
    async with server.connect("ann") as ann:
        await told(server.folder, "user", "disable", "ann")
        _, reason = await heard_to_the_end(ann)
        assert (reason.code, reason.reason) == (1008, "the user was disabled")


async def test_credits_and_bets_at_once_are_told_in_order(server: Process) -> None:
    """Every stake equals a whole credit. The balances that are sent follow from each other."""
    server.add_user("host", can_host=True)
    server.add_user("bob")
    async with server.connect("host") as host, server.connect("bob") as bob:
        source = await host.call(365, source_name="FIFA")
        names = {"actions": "Goal", "targets": "Brazil", "game_name": "final"}
        game = await host.call(370, source_id=source["source_id"], **names)
        await host.call(616, game_id=game["game_id"])
        pool = await host.call(385, game_id=game["game_id"], description="?", action="goal")
        pushed: list[Message] = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.to_thread.run_sync, _credit_often, server.database)
            nursery.start_soon(_bet_often, bob, pool["pool_id"])
            with trio.fail_after(PATIENCE_S):
                while len(pushed) < 2 * CREDITS:
                    message = await bob.receive()
                    pushed += [message] if message["res"] == 815 else []
            nursery.cancel_scope.cancel()
    before = {"current_balance": 0, "available_balance": 0}
    for previous, message in pairwise([before, *pushed]):
        changes = [message[key] - previous[key] for key in before]
        assert changes == {"credit": [1, 1], "bet": [0, -1]}[message["cause"]], message
    assert (await toteboard(server.folder, "check")).returncode == 0


def _credit_often(database: Path) -> None:
    with operating(database) as operator:
        for _ in range(CREDITS):
            operator(Credit("bob", "DON", 100))


async def _bet_often(bob: Client, pool_id: str) -> None:
    while True:
        await bob.send(392, pool_id=pool_id, target="brazil", amount=1)
        await trio.sleep(0.0005)


async def test_commands_and_servers_take_turns(tmp_path: Path) -> None:
    """Users are added while servers start and stop: each acknowledged user is there."""
    added: list[str] = []
    async with Process(tmp_path) as server, trio.open_nursery() as nursery:
        adding = trio.CancelScope()
        nursery.start_soon(_add_users, tmp_path, added, adding)
        for how in (signal.SIGTERM, signal.SIGKILL):
            await server.stop(how)
            await server.start()
        adding.cancel()
    listed = await toteboard(tmp_path, "user", "list")
    names = {orjson.loads(line)["name"] for line in listed.stdout.splitlines()}
    assert len(added) > 0
    assert set(added) <= names
    assert (await toteboard(tmp_path, "check")).returncode == 0


async def _add_users(folder: Path, added: list[str], scope: trio.CancelScope) -> None:
    with scope:
        for number in count():
            await trio.lowlevel.checkpoint()
            with trio.CancelScope(shield=True):
                done = await toteboard(folder, "user", "add", f"user{number}")
            # A command cannot know whether a server that is killed meanwhile has committed.
            assert done.returncode == 0 or b"check whether it was done" in done.stderr, done
            added += [f"user{number}"] if done.returncode == 0 else []


async def test_a_frozen_server_does_not_answer_and_does_nothing_later(
    server: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add_user("ann")
    with monkeypatch.context() as patched, _frozen(server):
        patched.setattr(way, "PATIENCE_S", 0.2)
        with pytest.raises(Failure, match="does not answer"):
            _credit(server, 500)
    assert _credit(server, 100)["available_balance"] == 1


def _credit(server: Process, amount: int) -> Values:
    with operating(server.database) as operator:
        return operator(Credit("ann", "DON", amount))


@contextmanager
def _frozen(server: Process) -> Iterator[None]:
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


async def test_a_server_that_was_killed_leaves_nothing_in_the_way(server: Process) -> None:
    await server.kill()
    assert socket_path(server.database).is_socket()
    await told(server.folder, "user", "add", "ann")
    await server.start()
    await told(server.folder, "user", "add", "bob")
    assert await server.stop() == 0
    assert not socket_path(server.database).exists()

"""The real server for the browser's tests. Without trio, because a browser is driven step by step.

Its counterpart for clients on trio is `tests/support/process.py`.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import trio

import toteboard_client as client
from storage.store import AddUser
from tests.support.forked import Fork, fork, run_forked
from tests.support.process import PATIENCE_S, environment
from toteboard.operator.operating import operating
from toteboard_client import Client

HOST = "hanna"
BALANCE = 100_000
"""Hundredths that each user starts with."""
FIRST_POOL = "Who scores the next goal?"
Message = dict[str, Any]


class PageServer:
    """A folder with a database, and its server, which uses the same ports at every start."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.keys: dict[str, tuple[int, str]] = {}
        self.url = self.page = self.operator_page = ""
        self._port = "0"
        self._server: Fork | None = None
        self.add_user(HOST, can_host=True)

    def start(self, *, elsewhere: bool = False) -> None:
        """Start the server. `elsewhere`: at a port that no page knows."""
        port = "0" if elsewhere else self._port
        options = ["--port", port, "--operator-port", "0", "--database", "toteboard.db"]
        arguments = ["serve", *options, "--log-format", "json", *self.options]
        self._server = fork(arguments, self.folder, environment())
        line = self._listening(self._server)
        self.url = line["url"]
        if not elsewhere:
            self.page, self.operator_page = line["http_url"], line["operator_url"]
            self._port = _port(self.url)

    def kill(self) -> None:
        """Kill the server."""
        assert self._server is not None
        self._server.process.kill()
        self._server.process.join()
        os.close(self._server.out)
        os.close(self._server.err)

    def add_user(self, name: str, *, can_host: bool = False) -> None:
        """Add a user with 1,000.00 DON, who can then sign in by key."""
        with operating(self.folder / "toteboard.db", may_make=True) as operator:
            user = operator(AddUser(name, can_host, {"DON": BALANCE}, None))
        self.keys[name] = (int(user["id"]), str(user["session_key"]))

    def add_key(self, role: str, *options: str) -> str:
        """Add a key of the operator's API with this role, named after it. Return the key."""
        return str(self.commands("key", "add", f"{role}-key", "--role", role, *options)["key"])

    def commands(self, *words: str) -> Message:
        """Run a command on the database. Return what it prints."""
        arguments = [*words, "--database", "toteboard.db"]
        run = trio.run(run_forked, arguments, self.folder, environment())
        run.check_returncode()
        printed: Message = orjson.loads(run.stdout)
        return printed

    def asks(self, name: str, op: int, **parameters: Any) -> Message:
        """Return the reply to an op that a user sends on a separate connection."""
        return trio.run(partial(self._with_connection, name, partial(_called, op, parameters)))

    def has_a_game(self) -> tuple[str, str]:
        """Create an open game and a pool that an event `goal` decides. Return both."""
        ids: tuple[str, str] = trio.run(self._with_connection, HOST, _hosted)
        return ids

    def chatters(self, name: str, game_id: str, count: int) -> None:
        """Let a user send the numbers from 1 on as chat lines, as fast as possible."""
        trio.run(self._with_connection, name, partial(_chattered, game_id, count))

    def bets(self, name: str, pool_id: str, target: str, count: int) -> None:
        """Let a user place so many bets of 1.00, one after the other."""
        trio.run(self._with_connection, name, partial(_bet_often, pool_id, target, count))

    async def _with_connection(self, name: str, do: Callable[[Client], Awaitable[Any]]) -> Any:
        with trio.fail_after(PATIENCE_S):
            async with client.connect(self.url, *self.keys[name]) as connected:
                return await do(connected)

    def _listening(self, server: Fork) -> Message:
        with open(server.out, "rb", closefd=False) as log:
            for text in log:
                line: Message = orjson.loads(text)
                if line["event"] == "listening":
                    return line
        raise AssertionError("the server ended before it listened")


async def _called(op: int, parameters: Mapping[str, Any], connected: Client) -> Message:
    reply = await connected.call(op, **parameters)
    assert reply["res"] != 666, reply
    return reply


async def _hosted(connected: Client) -> tuple[str, str]:
    async def ask(op: int, **parameters: Any) -> Message:
        return await _called(op, parameters, connected)

    source = (await ask(365, source_name="Copa"))["source_id"]
    names = {"actions": "Goal, Card", "targets": "Argentina:10, Brazil:7"}
    details = {"source_id": source, "game_name": "Argentina - Brazil", **names}
    game = (await ask(370, **details))["game_id"]
    await ask(616, game_id=game)
    pool = {"game_id": game, "description": FIRST_POOL, "action": "goal"}
    return game, (await ask(385, **pool))["pool_id"]


async def _bet_often(pool_id: str, target: str, count: int, connected: Client) -> None:
    for _ in range(count):
        await _called(392, {"pool_id": pool_id, "target": target, "amount": 1}, connected)


async def _chattered(game_id: str, count: int, connected: Client) -> None:
    await _called(363, {"game_id": game_id}, connected)

    # A client that reads more slowly than it sends is disconnected, on a busy machine.
    unheard = trio.Semaphore(200)

    async def talk() -> None:
        for number in range(1, count + 1):
            await unheard.acquire()
            await connected.send(900, text=str(number), targets=[game_id])

    async with trio.open_nursery() as nursery:
        nursery.start_soon(talk)
        heard = 0
        while heard < count:
            if (await connected.receive())["res"] == 901:
                heard += 1
                unheard.release()


def _port(url: str) -> str:
    return url.rpartition(":")[2].strip("/")

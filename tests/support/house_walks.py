"""Which functions of the five floors one bet, one joined 361, one close_at and one sign-up call.

A real server runs with a profile function in each of its threads (tests/support/recorded_server.py)
and is used over loopback as its clients do, so nothing here depends on a name inside the server.

The scene: ann hosts a game with one pool, cat has joined the game, bob bets and has not joined.
The log level is `warning`. A walk is recorded `TIMES` times and the recording of median length
counts: it is free of what only the first time needs, and of background tasks.

A walk is the sequence of calls, in the order of time over all threads, from a moment when the
server is idle to the last byte that it sends:

- bet: from the request (392, no idempotency key) to its reply, the 361 and the 815;
- joined 361: from just before the 361 of a second bet within the interval is due;
- close_at: from just before it is due, in a game with one bet, to the 362, the 341 and the 815;
- sign-up: from a new connection and its POST to the response.

A call counts if the function has a name and stands in a file of the five floors: no library, no
lambda, no comprehension, no method that attrs generates. A coroutine that continues counts as
called. A change of file is a call in another file than that of the call before it.
"""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import trio
from attrs import define, frozen

from tests.support.recorded_server import Call
from toteboard_client import Client, connect

TIMES: Final = 5
INTERVAL_S: Final = 0.5
"""The setting `distribution_interval`. Two bets must fall into one interval on a busy machine."""
PAUSE_S: Final = 0.05
"""Pause before and after a recording, in which the server becomes idle."""
EARLY_S: Final = 0.15
"""How long before something is due a recording begins."""
CLOSE_AFTER_MS: Final = 1_500
PATIENCE_S: Final = 120.0
RECORDER: Final = Path(__file__).with_name("recorded_server.py")


@frozen
class Walk:
    """The calls of one thing that the server does."""

    calls: Sequence[Call]

    @property
    def functions(self) -> list[Call]:
        """Return each function once, in the order of the first calls."""
        return [*dict.fromkeys(self.calls)]

    @property
    def files(self) -> set[str]:
        """Return the files in which the functions stand."""
        return {file for file, _, _ in self.calls}

    @property
    def changes_of_file(self) -> int:
        """Count the calls in another file than that of the call before."""
        files = [file for file, _, _ in self.calls]
        return sum(before != after for before, after in pairwise(files))


def walks(tree: Path) -> dict[str, Walk]:
    """Run the server of the checkout `tree` and return its walks by name."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / "house.db"
        people = [_add(tree, database, *who) for who in (["ann", "--can-host"], ["bob"], ["cat"])]
        with _served(tree, database) as server:
            return trio.run(_all_walks, server, people)


@frozen
class _Server:
    """A running server and the control socket of its recorder."""

    port: int
    _control: Any

    def begin(self) -> None:
        self._order("begin")

    async def end(self) -> Walk:
        """Wait until the server is idle, then end the recording."""
        await trio.sleep(PAUSE_S)
        calls = [(file, function, line) for file, function, line in self._order("end")]
        assert calls, "the recording is empty: the machine is too busy"
        return Walk(calls)

    def _order(self, what: str) -> Any:
        print(what, file=self._control, flush=True)
        return json.loads(self._control.readline())


@define
class _Scene:
    """The people, connected to their server."""

    server: _Server
    ann: Client
    bob: Client
    cat: Client
    source_id: str = ""
    pool_id: str = ""
    signed_up: int = 0

    async def bet(self) -> Walk:
        await trio.sleep(INTERVAL_S + PAUSE_S)
        self.server.begin()
        await self._place_bet()
        await _receive(self.cat, 361)
        return await self.server.end()

    async def joined_bet(self) -> Walk:
        await trio.sleep(INTERVAL_S + PAUSE_S)
        await self._place_bet()
        await _receive(self.cat, 361)
        next_at = trio.current_time() + INTERVAL_S
        await self._place_bet()
        await trio.sleep_until(next_at - EARLY_S)
        self.server.begin()
        await _receive(self.cat, 361)
        return await self.server.end()

    async def close(self) -> Walk:
        close_at = await self._now() + CLOSE_AFTER_MS
        await self.open_game(close_at=close_at)
        await self._place_bet()
        await _receive(self.cat, 361)
        await trio.sleep((close_at - await self._now()) / 1_000 - EARLY_S)
        self.server.begin()
        await _receive(self.cat, 362, 341)
        await _receive(self.bob, 815)
        return await self.server.end()

    async def sign_up(self) -> Walk:
        self.signed_up += 1
        name = {"username": f"dan{self.signed_up}", "password": "correct horse battery"}
        url = f"http://127.0.0.1:{self.server.port}/r/signup/"
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(name).encode(), headers)
        await trio.sleep(PAUSE_S)
        self.server.begin()
        await trio.to_thread.run_sync(_post, request)
        return await self.server.end()

    async def open_game(self, **parameters: Any) -> None:
        """Open a game with a pool, and let cat join it."""
        if not self.source_id:
            self.source_id = (await self.ann.call(365, source_name="Cup"))["source_id"]
        names = {"game_name": "Home - Away", "actions": "Goal", "targets": "Home, Away"}
        game = await self.ann.call(370, source_id=self.source_id, **names, **parameters)
        game_id = game["game_id"]
        await self.ann.call(616, game_id=game_id)
        await self.cat.call(363, game_id=game_id)
        pool = await self.ann.call(385, game_id=game_id, description="Who?", action="Goal")
        self.pool_id = pool["pool_id"]

    async def _place_bet(self) -> None:
        await self.bob.send(392, pool_id=self.pool_id, target="Home", amount=1)
        await _receive(self.bob, 356, 815)

    async def _now(self) -> int:
        """Return the server's time, in epoch milliseconds."""
        pong = await self.ann.call(1)
        return int(pong["response_header"]["t"])


async def _all_walks(server: _Server, people: Sequence[tuple[int, str]]) -> dict[str, Walk]:
    url = f"ws://127.0.0.1:{server.port}/"
    ann, bob, cat = people
    async with (
        connect(url, *ann) as host,
        connect(url, *bob) as bettor,
        connect(url, *cat) as third,
    ):
        scene = _Scene(server, host, bettor, third)
        with trio.fail_after(PATIENCE_S):
            await scene.open_game()
            return {
                "bet": await _typical(scene.bet),
                "joined 361": await _typical(scene.joined_bet),
                "close_at": await _typical(scene.close),
                "sign-up": await _typical(scene.sign_up),
            }


async def _typical(record: Callable[[], Awaitable[Walk]]) -> Walk:
    """Record a walk several times and return the one of median length."""
    recorded = [await record() for _ in range(TIMES)]
    return sorted(recorded, key=lambda walk: len(walk.functions))[TIMES // 2]


async def _receive(client: Client, *wanted: int) -> None:
    """Receive messages until each `res` of `wanted` has come."""
    missing = set(wanted)
    while missing:
        message = await client.receive()
        assert message["res"] != 666, message
        missing.discard(message["res"])


def _post(request: urllib.request.Request) -> None:
    with urllib.request.urlopen(request) as response:
        response.read()


def _add(tree: Path, database: Path, *who: str) -> tuple[int, str]:
    """Add a user by the command line of `tree`; return the id and the session key."""
    command = [sys.executable, "-m", "toteboard", "user", "add", *who, "--database", str(database)]
    done = subprocess.run(command, cwd=tree, env=_environment(), check=True, capture_output=True)
    user = json.loads(done.stdout)
    return user["id"], user["session_key"]


@contextmanager
def _served(tree: Path, database: Path) -> Iterator[_Server]:
    """Run the recorded server of `tree` at a free port."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", str(RECORDER), str(tree), str(theirs.fileno()), "serve"]
    options = ["--port", "0", "--operator-port", "-1", "--database", str(database)]
    options += ["--log-format", "json", "--log-level", "warning"]
    options += ["--distribution-interval", f"{INTERVAL_S * 1_000:.0f}ms"]
    with ours, theirs, ours.makefile("rw") as control:
        process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            env=_environment(),
        )
        theirs.close()  # so that the control ends when the server does
        with process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line, f"the server of {tree} does not start"
                port = json.loads(line)["url"].rpartition(":")[2].strip("/")
                yield _Server(int(port), control)
            finally:
                process.terminate()


def _environment() -> dict[str, str]:
    """Return an environment without settings, in which Python leaves no files in the checkout."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("TOTEBOARD_")}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}

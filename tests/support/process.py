"""Run the real server: `toteboard serve` as a process, with a database file and real sockets.

`async with Process(folder) as server` starts it and always ends it with the block. Tests that do
not need a real process use `tests/support/world.py`, a whole server on simulated time.
"""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

import orjson
import trio

import toteboard_client as client
from storage.store import AddUser
from tests.support.forked import ForkedProcess, run_forked
from tests.support.streams import AnyioStream
from toteboard.doctor import HOME
from toteboard.operator.operating import operating
from toteboard_client.websocket import WebSocket

TOTEBOARD = (sys.executable, "-c", "from toteboard.__main__ import main; main()")
IS_TEST = "PYTEST_VERSION" in os.environ
"""Tests fork `toteboard`, campaigns start it."""
PATIENCE_S = 60.0
"""The timeout of each step. It only prevents hanging tests and promises nothing."""

WORKERS = int(os.environ.get("WORKERS", "1"))
"""The workers of every server in this test run; 1 is one process. `make test-workers` has 3."""

Line = dict[str, Any]
AnyProcess = trio.Process | ForkedProcess


def environment() -> dict[str, str]:
    """Return an environment without settings but `WORKERS`, in which any folder can import us."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("TOTEBOARD_")}
    workers = {"TOTEBOARD_WORKERS": str(WORKERS)}
    return kept | workers | {"PYTHONPATH": str(HOME)}


class Process:
    """A folder with a database, and the server that runs on it, if it is started.

    `is_forked`: whether the process is a fork (`tests/support/forked.py`), unless `program` says
    what to start.
    """

    def __init__(
        self, folder: Path, *options: str, reads_log: bool = True, is_forked: bool = IS_TEST
    ) -> None:
        self.folder = folder
        self.database = folder / "toteboard.db"
        self.options = options
        self.program: Sequence[str] = TOTEBOARD
        self.keys: dict[str, tuple[int, str]] = {}
        self.lines: list[Line] = []
        self.stderr = b""
        self.port = 0
        self._reads_log, self._is_forked = reads_log, is_forked
        self._more_lines = trio.Event()
        self._process: AnyProcess | None = None

    async def __aenter__(self) -> Self:
        self._exits = AsyncExitStack()
        self._tasks = await self._exits.enter_async_context(trio.open_nursery())
        self._exits.push_async_callback(self._end)
        try:
            await self.start()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    async def _end(self) -> None:
        with trio.CancelScope(shield=True):
            await self.kill()
        self._tasks.cancel_scope.cancel()

    # The process.

    async def start(self) -> None:
        """Start the server. Return when it listens."""
        self.lines, self.stderr = [], b""
        self._process = await self._started(["serve", *self._serve_options()])
        self._tasks.start_soon(self._read_log, self._process)
        self._tasks.start_soon(self._read_stderr, self._process)
        url = (await self.logged("listening"))["url"]
        self.port = int(url.rpartition(":")[2].strip("/"))

    async def _started(self, arguments: Sequence[str]) -> AnyProcess:
        if self._is_forked and self.program is TOTEBOARD:
            return ForkedProcess(arguments, self.folder, environment())
        return await trio.lowlevel.open_process(
            [*self.program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=environment(),
        )

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal that stops the server, and return the exit code."""
        self.process.send_signal(how)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until the server has exited, and return the exit code."""
        with trio.fail_after(PATIENCE_S):
            return await self.process.wait()

    async def kill(self) -> None:
        """Kill the server with SIGKILL. Do nothing if it has exited. Wait for its workers to end.

        They have the database open: until then SQLite keeps its `-wal`.
        """
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        for pid in self.workers:
            await has_ended(pid)

    @property
    def workers(self) -> Sequence[int]:
        """The process ids of the workers, the replaced ones too. Without workers there are none."""
        return [line["pid"] for line in self.lines if line["event"] == "worker_started"]

    def signal_all(self, how: signal.Signals) -> None:
        """Send a signal to every process of the server."""
        for pid in (self.process.pid, *self.workers):
            with suppress(ProcessLookupError):
                os.kill(pid, how)

    @property
    def process(self) -> AnyProcess:
        """Return the latest process."""
        assert self._process is not None
        return self._process

    async def logged(self, event: str, **about: object) -> Line:
        """Wait for a log line with this event and these fields, and return the first."""
        wanted = {"event": event, **about}
        with trio.fail_after(PATIENCE_S):
            while True:
                for line in self.lines:
                    if wanted.items() <= line.items():
                        return line
                await self._more_lines.wait()

    async def more_lines(self) -> None:
        """Wait for more lines of the log."""
        await self._more_lines.wait()

    def events(self) -> list[str]:
        """Return the event of every line so far."""
        return [line["event"] for line in self.lines]

    def _serve_options(self) -> Sequence[str]:
        own = ["--port", "0", "--operator-port", "-1", "--database", self.database.name]
        return [*own, "--log-format", "json", *self.options]

    async def _read_log(self, process: AnyProcess) -> None:
        assert process.stdout is not None
        rest = b""
        async for data in process.stdout:
            *whole, rest = (rest + data).split(b"\n")
            self.lines += map(orjson.loads, whole)
            self._more_lines.set()
            self._more_lines = trio.Event()
            if not self._reads_log and "listening" in self.events():
                await trio.sleep_forever()
        await process.stdout.aclose()

    async def _read_stderr(self, process: AnyProcess) -> None:
        assert process.stderr is not None
        async for data in process.stderr:
            self.stderr += data
        await process.stderr.aclose()

    # The users.

    def add_user(self, name: str, *, can_host: bool = False, lives_ms: int | None = None) -> int:
        """Add a user without money, also while the server runs. Return the id."""
        with operating(self.database, may_make=True) as operator:
            user = operator(AddUser(name, can_host, {}, lives_ms))
        self.keys[name] = (user["id"], user["session_key"])
        return int(user["id"])

    async def dial(self, name: str) -> client.Client:
        """Open a signed-in connection of a user. It is closed with the server at the latest."""
        return await self._dial(client.signed_url("/", *self.keys[name]))

    @asynccontextmanager
    async def connect(self, name: str) -> AsyncIterator[client.Client]:
        """Open a signed-in connection of a user for the block."""
        async with self.connect_to(client.signed_url("/", *self.keys[name])) as connected:
            yield connected

    @asynccontextmanager
    async def connect_to(self, target: str, **headers: str) -> AsyncIterator[client.Client]:
        """Connect to a path and query, complete the handshake, and keep it open for the block."""
        connected = await self._dial(target, **headers)
        try:
            yield connected
        finally:
            with trio.fail_after(PATIENCE_S):
                await connected.socket.aclose()

    async def _dial(self, target: str, **headers: str) -> client.Client:
        stream = await self._exits.enter_async_context(await self.socket())
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        with trio.fail_after(PATIENCE_S):
            websocket = WebSocket(AnyioStream(stream))
            await websocket.handshake("toteboard.test", target, extra)
        self._tasks.start_soon(websocket.pump)
        return client.Client(websocket)

    async def socket(self, address: str | None = None) -> trio.SocketStream:
        """Open a TCP connection, from the local `address` if given, and send nothing."""
        return await trio.open_tcp_stream("127.0.0.1", self.port, local_address=address)


async def heard_to_the_end(
    connected: client.Client,
) -> tuple[list[client.Message], client.CloseReason]:
    """Receive everything until the server closes. Return the messages and the close reason."""
    heard: list[client.Message] = []
    with trio.fail_after(PATIENCE_S), suppress(client.ConnectionClosedError):
        while True:
            heard.append(await connected.receive())
    reason = connected.socket.closed
    assert reason is not None
    return heard, reason


async def has_ended(pid: int) -> None:
    """Wait until a process that is no child of ours has ended."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        with trio.fail_after(PATIENCE_S):
            await trio.lowlevel.wait_readable(descriptor)
        os.close(descriptor)


async def toteboard(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command of the command line until it exits."""
    with trio.fail_after(PATIENCE_S):
        if IS_TEST:
            return await run_forked(arguments, folder, environment())
        return await trio.run_process(
            [*TOTEBOARD, *arguments],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            cwd=folder,
            env=environment(),
        )

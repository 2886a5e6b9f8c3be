"""Signals at any moment, however often: a server stops cleanly, without a traceback."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.support.process import (
    PATIENCE_S,
    TOTEBOARD,
    AnyProcess,
    Process,
    environment,
    heard_to_the_end,
)
from tests.support.wire import wired

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SERVE = ("serve", "--port", "0", "--operator-port", "-1", "--log-format", "json")
INTERRUPTED = (-signal.SIGINT, 130)
STARTS = 12
NOTIFYING = """
import os, signal
signal_signal = signal.signal
def notifying(which, how):
    before = signal_signal(which, how)
    os.write({descriptor}, b".")
    return before
signal.signal = notifying
"""
"""Code for the start of a command that makes it report each change of its signal handlers."""
INTERRUPTED_IN_A_CALLBACK = """
import os, signal, sys
class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            Dying()
sys.meta_path.insert(0, Finder())
"""
"""Code for the start of a command: an interrupt, in a callback, as the import of a module begins.

Python cannot raise an exception there. It would print it.
"""


async def bombard(process: AnyProcess, how: signal.Signals, pause_s: float = 0.0005) -> int:
    """Send a signal repeatedly until the process has exited. Return how often."""
    with trio.fail_after(PATIENCE_S):
        for number in count():
            if process.returncode is not None:
                return number
            process.send_signal(how)
            await trio.sleep(pause_s)
    raise AssertionError


@pytest.mark.parametrize("how", STOPPING)
async def test_a_server_that_is_told_again_and_again_stops_in_order(
    tmp_path: Path, how: signal.Signals
) -> None:
    async with Process(tmp_path, is_forked=False) as server:
        server.add_user("ann")
        async with wired(server, "ann") as silent, server.connect("ann") as polite:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(bombard, server.process, how)
                assert await silent.goodbye(is_answered=False) == 1001
                _, reason = await heard_to_the_end(polite)
            assert (reason.code, reason.reason) == (1001, "the server stops")
        assert await server.ended() == 0
        assert server.stderr == b""
        assert server.events().count("shutdown") == 1


async def test_hundreds_of_interrupts_during_stops_change_no_exit_code(tmp_path: Path) -> None:
    sent = 0
    async with Process(tmp_path, is_forked=False) as server:
        while sent < 150:
            sent += await bombard(server.process, signal.SIGINT, pause_s=0.0002)
            assert (await server.ended(), server.stderr) == (0, b"")
            await server.start()


@asynccontextmanager
async def running(
    *command: str, stdout: int = subprocess.DEVNULL, pass_fds: Sequence[int] = (), **options: Any
) -> AsyncIterator[trio.Process]:
    """Run a process for the block, and kill it at the end if it has not exited."""
    process = await trio.lowlevel.open_process(
        command, stdout=stdout, stderr=subprocess.PIPE, pass_fds=pass_fds, **options
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()


@asynccontextmanager
async def importing(folder: Path, *command: str) -> AsyncIterator[trio.Process]:
    """Run a command that has just begun to import. Before that the interpreter handles signals."""
    reading, writing = os.pipe()
    python, option, main = TOTEBOARD
    program = python, option, NOTIFYING.format(descriptor=writing) + main
    async with (
        trio.lowlevel.FdStream(reading) as notified,
        running(*program, *command, pass_fds=(writing,), cwd=folder, env=environment()) as process,
    ):
        os.close(writing)
        with trio.fail_after(PATIENCE_S):
            assert await notified.receive_some(1)
        yield process


@pytest.mark.parametrize("number", range(STARTS))
async def test_an_interrupted_start_ends_without_a_traceback(tmp_path: Path, number: int) -> None:
    async with importing(tmp_path, *SERVE) as process:
        await trio.sleep(number / STARTS * 0.8)  # anywhere between the first import and listening
        await bombard(process, signal.SIGINT)
        assert process.stderr is not None
        assert b"Traceback" not in await process.stderr.receive_some(65_536)
        assert process.returncode in (0, *INTERRUPTED)


@pytest.mark.parametrize(
    ("command", "module"),
    [
        (SERVE, "toteboard.app"),
        (("demo",), "toteboard.demo"),
        (("bench", "ws://127.0.0.1:1", "--database", "toteboard.db"), "toteboard.load_command"),
        (("cluster", "init", "postgresql:///"), "storage.cluster.founding"),
        (("asyncapi",), "protocol.asyncapi"),
    ],
)
async def test_an_interrupt_while_a_command_imports_ends_it_without_a_word(
    tmp_path: Path, command: tuple[str, ...], module: str
) -> None:
    python, option, main = TOTEBOARD
    program = python, option, INTERRUPTED_IN_A_CALLBACK.format(module=module) + main
    async with running(*program, *command, cwd=tmp_path, env=environment()) as process:
        assert process.stderr is not None
        with trio.fail_after(PATIENCE_S):
            assert await process.stderr.receive_some(65_536) == b""
            assert await process.wait() == -signal.SIGINT


@pytest.mark.parametrize("command", [("config",), ("user", "list"), ("check",), ("--help",)])
async def test_an_interrupted_command_ends_without_a_traceback(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    async with importing(tmp_path, *command) as process:
        await bombard(process, signal.SIGINT)
        assert process.stderr is not None
        assert b"Traceback" not in await process.stderr.receive_some(65_536)


async def test_under_nohup_a_server_outlives_its_terminal(tmp_path: Path) -> None:
    with _ignoring(signal.SIGHUP):
        async with Process(tmp_path, is_forked=False) as server:
            server.add_user("ann")
            server.process.send_signal(signal.SIGHUP)
            async with server.connect("ann") as ann:
                assert (await ann.call(1))["res"] == 1
            assert await server.stop() == 0


@contextmanager
def _ignoring(which: signal.Signals) -> Iterator[None]:
    """Ignore a signal. A child process inherits that."""
    before = signal.signal(which, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(which, before)


async def test_an_interrupted_demo_leaves_no_folder(tmp_path: Path) -> None:
    command = [*TOTEBOARD, "demo", "--port", "0", "--operator-port", "0"]
    quiet = environment() | {"TMPDIR": str(tmp_path)}
    async with running(*command, stdout=subprocess.PIPE, env=quiet) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        with trio.fail_after(PATIENCE_S):
            while b"serves at" not in (await process.stdout.receive_some(65_536)):
                assert os.listdir(tmp_path), "it has a folder while it runs"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_read_on, process.stdout)
            await bombard(process, signal.SIGINT)
        assert (process.returncode, await process.stderr.receive_some(65_536)) == (0, b"")
        assert os.listdir(tmp_path) == []


async def _read_on(stream: trio.abc.ReceiveStream) -> None:
    async for _ in stream:
        pass


def test_the_library_leaves_signals_alone() -> None:
    code = (
        "import signal, toteboard_client; "
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True)

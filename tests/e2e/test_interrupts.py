"""Signals at any moment, however often: a server stops in order, and no traceback is seen."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import trio

from tests.support.process import PATIENCE_S, TOTEBOARD, Process, environment, heard_to_the_end
from tests.support.wire import wired

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SERVE = ("serve", "--port", "0", "--operator-port", "-1", "--log-format", "json")
INTERRUPTED = (-signal.SIGINT, 130)
STARTS = 12


async def bombard(process: trio.Process, how: signal.Signals, pause_s: float = 0.0005) -> int:
    """Send a signal again and again until the process has ended; gives how often."""
    with trio.fail_after(PATIENCE_S):
        for number in count():
            if process.poll() is not None:
                return number
            process.send_signal(how)
            await trio.sleep(pause_s)
    raise AssertionError


@pytest.mark.parametrize("how", STOPPING)
async def test_a_server_that_is_told_again_and_again_stops_in_order(
    tmp_path: Path, how: signal.Signals
) -> None:
    async with Process(tmp_path) as server:
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
    async with Process(tmp_path) as server:
        while sent < 300:
            sent += await bombard(server.process, signal.SIGINT, pause_s=0.0002)
            assert (await server.ended(), server.stderr) == (0, b"")
            await server.start()


@pytest.mark.parametrize("number", range(STARTS))
async def test_an_interrupted_start_ends_without_a_traceback(tmp_path: Path, number: int) -> None:
    process = await _started(tmp_path, *SERVE)
    await _until_it_imports(process)
    await trio.sleep(number / STARTS * 0.8)  # anywhere between the first import and listening
    await bombard(process, signal.SIGINT)
    assert process.stderr is not None
    assert b"Traceback" not in await process.stderr.receive_some(65_536)
    assert process.returncode in (0, *INTERRUPTED)


@pytest.mark.parametrize("command", [("config",), ("user", "list"), ("check",), ("--help",)])
async def test_an_interrupted_command_ends_without_a_traceback(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    process = await _started(tmp_path, *command)
    await _until_it_imports(process)
    await bombard(process, signal.SIGINT)
    assert process.stderr is not None
    assert b"Traceback" not in await process.stderr.receive_some(65_536)


async def _started(folder: Path, *command: str) -> trio.Process:
    return await trio.lowlevel.open_process(
        [*TOTEBOARD, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(),
    )


async def _until_it_imports(process: trio.Process) -> None:
    """Until SIGINT has been caught and is not any more: before, the interpreter is not ours."""
    was_caught = False
    with trio.fail_after(PATIENCE_S):
        while process.poll() is None:
            is_caught = _catches(process.pid, signal.SIGINT)
            if was_caught and not is_caught:
                return
            was_caught = was_caught or is_caught
            await trio.lowlevel.checkpoint()


def _catches(pid: int, which: signal.Signals) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = status.partition("SigCgt:")[2].split()[0]
    return bool(int(caught, 16) >> (which - 1) & 1)


async def test_under_nohup_a_server_outlives_its_terminal(tmp_path: Path) -> None:
    with _ignoring(signal.SIGHUP):
        async with Process(tmp_path) as server:
            server.add_user("ann")
            server.process.send_signal(signal.SIGHUP)
            async with server.connect("ann") as ann:
                assert (await ann.call(1))["res"] == 1
            assert await server.stop() == 0


@contextmanager
def _ignoring(which: signal.Signals) -> Iterator[None]:
    """What is ignored stays so in a process that is started."""
    before = signal.signal(which, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(which, before)


async def test_an_interrupted_demo_leaves_no_folder(tmp_path: Path) -> None:
    process = await trio.lowlevel.open_process(
        [*TOTEBOARD, "demo", "--port", "0", "--operator-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment() | {"TMPDIR": str(tmp_path)},
    )
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
        "import signal, toteboard.client; "
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True)

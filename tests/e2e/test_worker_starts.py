"""What ends a server with workers at its start: one line, one exit code, and no process is left.

A module that Python imports at its start makes the workers die or hang as they begin. Every process
of a test is in one group, so that the test sees whether one is left.
"""

import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trio

from tests.support.process import PATIENCE_S, TOTEBOARD, environment
from toteboard.doctor import HOME

SERVE = ("serve", "--port", "0", "--operator-port", "-1", "--log-format", "json", "--workers", "3")
IN_A_WORKER = "import os, sys, time\nif 'toteboard.worker' in sys.orig_argv: "
DIES = IN_A_WORKER + "os._exit(3)"
IS_KILLED = IN_A_WORKER + "os.kill(os.getpid(), 9)"
HANGS = IN_A_WORKER + "os.write(2, b'.'), time.sleep(1_000)"
HAS_NO_DATABASE = IN_A_WORKER + "os.chdir('/')"


@asynccontextmanager
async def starting(
    folder: Path, *options: str, code: str = "", stdout: int = subprocess.DEVNULL
) -> AsyncIterator[trio.Process]:
    """Start a server whose workers run `code` first. At the end of the block none may be left."""
    (folder / "sitecustomize").with_suffix(".py").write_text(code)
    process = await trio.lowlevel.open_process(
        [*TOTEBOARD, *SERVE, *options],
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment() | {"PYTHONPATH": f"{folder}:{HOME}"},
        start_new_session=True,
    )
    try:
        yield process
        assert not running(process.pid)
    finally:
        if process.returncode is None or running(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        with trio.CancelScope(shield=True):
            await process.wait()


def running(group: int) -> list[str]:
    """Return the command of each process of ours in a group that still runs.

    Others are not ours to wait for: trio starts `ldconfig` when it is imported.
    """
    commands = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(folder.name)) == group:
                commands.append((folder / "cmdline").read_text())
    return [each for each in commands if "toteboard" in each]


async def said(process: trio.Process) -> str:
    """Wait until a server has ended. Return its standard error."""
    assert process.stderr is not None
    heard = b""
    with trio.fail_after(PATIENCE_S):
        async for data in process.stderr:
            heard += data
        await process.wait()
    return heard.decode()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (DIES, "it ended with exit code 3"),
        (IS_KILLED, "it was ended by signal 9"),
        (HAS_NO_DATABASE, "cannot open toteboard.db: No such file or directory"),
    ],
    ids=["dies", "is killed", "has no database"],
)
async def test_a_worker_that_ends_at_its_start_ends_the_server_with_one_line(
    tmp_path: Path, code: str, why: str
) -> None:
    async with starting(tmp_path, "--database", "toteboard.db", code=code) as process:
        line = await said(process)
    assert process.returncode == 2
    assert line.startswith("toteboard: worker ")
    assert line.endswith(f" cannot start: {why}\n")
    assert line.count("\n") == 1


async def test_workers_do_not_outlive_a_start_that_fails(tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    async with starting(tmp_path, code=HANGS, stdout=full) as process:
        os.close(full)
        line = (await said(process)).lstrip(".")
    assert process.returncode == 2
    assert line == "toteboard: cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_stop_does_not_wait_for_workers_that_start(
    tmp_path: Path, how: signal.Signals
) -> None:
    async with starting(tmp_path, code=HANGS) as process:
        assert process.stderr is not None
        begun = b""
        with trio.fail_after(PATIENCE_S):
            while len(begun) < 3:
                begun += await process.stderr.receive_some()
        process.send_signal(how)
        assert await said(process) == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("how", "delay_s"), [(signal.SIGINT, 0.0), (signal.SIGINT, 0.2), (signal.SIGTERM, 0.4)]
)
async def test_a_signal_to_every_process_at_the_start_ends_them_without_a_traceback(
    tmp_path: Path, how: signal.Signals, delay_s: float
) -> None:
    async with starting(tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with trio.fail_after(PATIENCE_S):
            assert b"worker_started" in await process.stdout.receive_some()
        await trio.sleep(delay_s)  # anywhere between the first import of a worker and listening
        os.killpg(process.pid, how)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_read_on, process.stdout)
            assert await said(process) == ""
    assert process.returncode == 0


async def _read_on(stream: trio.abc.ReceiveStream) -> None:
    async for _ in stream:
        pass

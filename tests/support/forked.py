"""`toteboard` as a process that is forked from one which has imported it.

A start of Python with all imports of the server takes a second of CPU, and the tests start some
thousand servers and commands. So one process for each pytest process imports them once (a fork
server of `multiprocessing`), and a start is a fork of it. What differs from a real start: the
imports, the command line that `ps` shows, and the parent. Tests of those use `TOTEBOARD` of
`tests/support/process.py`.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import trio
from attrs import define

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, "toteboard.cli", "toteboard.app"])


@define(eq=False)
class Fork:
    """The process, and the descriptors that read what it prints."""

    process: BaseProcess
    out: int
    err: int


def fork(arguments: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Fork:
    """Start `toteboard` with these arguments."""
    out, child_out = _CONTEXT.Pipe(duplex=False)
    err, child_err = _CONTEXT.Pipe(duplex=False)
    with out, err, child_out, child_err:
        given = tuple(arguments), str(cwd), dict(env), child_out, child_err
        process = _CONTEXT.Process(target=_run, args=given, daemon=True)
        process.start()
        return Fork(process, os.dup(out.fileno()), os.dup(err.fileno()))


class ForkedProcess:
    """A fork with what the tests use of a `trio.Process`."""

    def __init__(self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        started = fork(arguments, cwd, env)
        self._process = started.process
        self.stdout = trio.lowlevel.FdStream(started.out)
        self.stderr = trio.lowlevel.FdStream(started.err)
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal; None while the process runs."""
        return self._process.exitcode

    async def wait(self) -> int:
        """Wait until the process has ended. Return its exit code."""
        if self.returncode is None:
            await trio.lowlevel.wait_readable(self._process.sentinel)
        code = self.returncode
        assert code is not None
        return code

    def send_signal(self, how: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.returncode is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        """End the process immediately."""
        self.send_signal(signal.SIGKILL)


async def run_forked(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run a command of the command line until it exits."""
    process = ForkedProcess(arguments, cwd, env)
    read: dict[trio.lowlevel.FdStream, bytes] = {}

    async def read_all(stream: trio.lowlevel.FdStream) -> None:
        async with stream:
            read[stream] = b"".join([data async for data in stream])

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(read_all, process.stdout)
            nursery.start_soon(read_all, process.stderr)
        code = await process.wait()
    finally:
        process.kill()
    return subprocess.CompletedProcess(
        ["toteboard", *arguments], code, read[process.stdout], read[process.stderr]
    )


def _run(
    arguments: Sequence[str], cwd: str, env: Mapping[str, str], out: Connection, err: Connection
) -> None:
    """Become `toteboard` with these arguments, in the forked process."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    os.dup2(out.fileno(), sys.stdout.fileno())
    os.dup2(err.fileno(), sys.stderr.fileno())
    out.close()
    err.close()
    sys.argv = ["toteboard", *arguments]
    from toteboard.__main__ import main

    main()

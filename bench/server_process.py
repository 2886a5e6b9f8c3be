"""A server process, observed from outside: memory, processor time and our server's log.

The benchmarks define the requests and interpret the numbers.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

HERE = Path(__file__).parents[1]
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
LOOK_S = 0.1
"""The interval of checks whether the server is listening or busy."""
BUSY_S = 0.02
"""Processor time between two checks from which the server counts as busy."""
QUIET_S = 1.0
"""How long a server must not be busy before it counts as idle."""


class TooSlowError(Exception):
    """The server did not reach a state within the timeout."""


class AnyServer:
    """A running server, ours or a peer."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pids(self) -> list[int]:
        """The process ids."""
        return [self._process.pid]

    def cpu_s(self) -> float:
        """Return the processor time used so far by all threads of all processes, in seconds."""
        return sum(map(_cpu_s, self.pids))

    def rss_kb(self) -> int:
        """Return the resident memory of the process that was started, in kB of 1,024 bytes."""
        return rss_kb_of(self._process.pid)

    def stop(self, within_s: float) -> float:
        """Send SIGTERM and return the seconds until exit. Raise `subprocess.TimeoutExpired`."""
        asked_at = time.monotonic()
        self._process.terminate()
        self._process.wait(within_s)
        return time.monotonic() - asked_at


class ServerProcess(AnyServer):
    """Our server. `started_at` and all other times are in epoch milliseconds."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        log: Path,
        started_at: float,
        *,
        has_workers: bool = False,
    ) -> None:
        super().__init__(process)
        self._log, self.started_at = log, started_at
        self._has_workers = has_workers

    @property
    def pids(self) -> list[int]:
        """The process ids of the server and of its workers that have not ended."""
        if not self._has_workers:
            return super().pids  # without reading a log that may be long
        ended = {line["pid"] for line in self.lines("worker_ended")}
        started = [line["pid"] for line in self.lines("worker_started")]
        return [*super().pids, *(pid for pid in started if pid not in ended)]

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the log lines so far of one kind of event."""
        mark = f'"event":"{event}"'.encode()
        whole = self._log.read_bytes().splitlines(keepends=True)
        return [orjson.loads(line) for line in whole if mark in line and line.endswith(b"\n")]

    def wait_until_listening(self, within_s: float) -> float:
        """Wait for the `listening` line and return its time. Raise `TooSlowError` on timeout."""
        give_up = time.monotonic() + within_s
        while not (lines := self.lines("listening")):
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise TooSlowError(f"not listening within {within_s} s")
            time.sleep(LOOK_S)
        return written_at(lines[0])

    def wait_until_leading(self, within_s: float) -> None:
        """Wait until a node of a cluster serves as the leader. Raise `TooSlowError` on timeout."""
        give_up = time.monotonic() + within_s
        while len(self.lines("listening")) < 2:
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise TooSlowError(f"not leading within {within_s} s")
            time.sleep(LOOK_S)

    @property
    def port(self) -> int:
        """Return the port. The server must be listening."""
        return int(self.lines("listening")[0]["url"].rpartition(":")[2].strip("/"))

    def wait_until_idle(self, within_s: float) -> float:
        """Wait until idle and return when it was last busy. Raise `TooSlowError` on timeout."""
        give_up, used, last_busy = time.monotonic() + within_s, self.cpu_s(), time.time()
        while time.time() < last_busy + QUIET_S:
            if time.monotonic() > give_up:
                raise TooSlowError(f"still working after {within_s} s")
            time.sleep(LOOK_S)
            used, before = self.cpu_s(), used
            if used - before >= BUSY_S:
                last_busy = time.time()
        return last_busy * 1_000


@contextmanager
def serving(
    database: Path, *, tree: Path = HERE, settings: Mapping[str, object] = MappingProxyType({})
) -> Iterator[ServerProcess]:
    """Run our server from the checkout `tree` on a free loopback port.

    The log is a file next to the database.
    """
    log = database.with_suffix(".log")
    options = ["--host", "127.0.0.1", "--port", "0", "--log-format", "json"]
    environment = {name: value for name, value in os.environ.items() if "TOTEBOARD" not in name}
    # An older tree ignores unknown variables but rejects unknown options.
    own = {"http_port": -1, "operator_port": -1, "admins_may_bet": "true"} | {**settings}
    environment |= {f"TOTEBOARD_{name.upper()}": str(value) for name, value in own.items()}
    command = [sys.executable, "-m", "toteboard", "serve", *options, "--database", str(database)]
    with log.open("wb") as out:
        started_at = time.time() * 1_000
        process = subprocess.Popen(command, stdout=out, env=environment, cwd=tree)
    with ended(process):
        has_workers = settings.get("workers", 1) != 1
        yield ServerProcess(process, log, started_at, has_workers=has_workers)


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kill the process at the end of the block."""
    try:
        yield
    finally:
        process.kill()
        process.wait()


def rss_kb_of(pid: int) -> int:
    """Return the resident memory of a process, in kB of 1,024 bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)


def _cpu_s(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS_PER_S


def written_at(line: dict[str, Any]) -> float:
    """Return the time of a log line, in epoch milliseconds."""
    return datetime.fromisoformat(line["timestamp"]).timestamp() * 1_000

"""Check a real server after an attack: no resources are left over, and nothing failed."""

import os
import signal
from collections import Counter

import trio
from attrs import frozen

from tests.support.process import PATIENCE_S, Process

PAUSE_S = 0.02
AT_REST = 10
"""Equal readings in a row after which the server counts as idle."""


@frozen
class Rest:
    """The server's tasks, by the functions that each waits in, and the number of its open files."""

    tasks: Counter[str]
    descriptors: int


async def at_rest(server: Process) -> Rest:
    """Wait until the readings stay the same, and return them."""
    readings: list[Rest] = []
    while len(readings) < AT_REST or readings.count(readings[-1]) < AT_REST:
        readings = [*readings, await _now(server)][-AT_REST:]
        await trio.sleep(PAUSE_S)
    return readings[-1]


async def until_as_before(server: Process, before: Rest) -> None:
    """Wait until the tasks and files are those of `before`. Raise `AssertionError` on timeout."""
    now = before
    with trio.move_on_after(PATIENCE_S):
        while (now := await _now(server)) != before:  # noqa: ASYNC110 - another process
            await trio.sleep(PAUSE_S)
    tasks, files = now.tasks - before.tasks, now.descriptors - before.descriptors
    assert now == before, ("tasks and file descriptors are left", tasks, files)


async def nothing_went_wrong(server: Process) -> None:
    """Raise `AssertionError` unless the server runs, logged no warning and stops cleanly."""
    assert server.process.returncode is None, "it has ended"
    wrong = [line for line in server.lines if line["level"] in ("warning", "error")]
    assert not wrong, ("our own fault", wrong[:3])
    assert await server.stop() == 0
    assert server.stderr == b"", server.stderr


async def _now(server: Process) -> Rest:
    return Rest(await _tasks_of(server), len(os.listdir(f"/proc/{server.process.pid}/fd")))


async def _tasks_of(server: Process) -> Counter[str]:
    before = server.events().count("tasks")
    server.process.send_signal(signal.SIGUSR1)
    with trio.fail_after(PATIENCE_S):
        while server.events().count("tasks") == before:  # noqa: ASYNC110 - another process
            await trio.sleep(PAUSE_S)
    told = [line["tasks"] for line in server.lines if line["event"] == "tasks"]
    return Counter(told[-1])

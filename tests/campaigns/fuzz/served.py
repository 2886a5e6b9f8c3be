"""Run the server, and print its tasks when it receives SIGUSR1.

`python -m tests.campaigns.fuzz.served MUTATION serve ...` inserts a bug first, unless MUTATION is
empty.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator

import trio

from tests.campaigns.fuzz.mutations import BY_KIND
from tests.campaigns.mutations import put_in


def _tell_tasks(*_: object) -> None:
    """Print one line between those of the log: each task, and the functions that it waits in."""
    root = trio.lowlevel.current_root_task()
    assert root is not None
    tasks = [" > ".join(_functions(task)) for task in _below(root)]
    os.write(1, json.dumps({"event": "tasks", "level": "info", "tasks": tasks}).encode() + b"\n")


def _below(task: trio.lowlevel.Task) -> Iterator[trio.lowlevel.Task]:
    yield task
    for nursery in task.child_nurseries:
        for child in nursery.child_tasks:
            yield from _below(child)


def _functions(task: trio.lowlevel.Task) -> Iterator[str]:
    for frame, _ in task.iter_await_frames():
        yield frame.f_code.co_qualname


def main() -> None:
    """Run the command line."""
    name = sys.argv.pop(1)
    if name:
        put_in(BY_KIND["frames"][name])
    from toteboard.cli import main as toteboard  # imports the server, so mutate first

    signal.signal(signal.SIGUSR1, _tell_tasks)
    toteboard(prog_name="toteboard")


if __name__ == "__main__":
    main()

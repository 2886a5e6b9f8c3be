"""The server as ever, except that it tells how many tasks it has when it is sent SIGUSR1.

`python -m tests.fuzz.served MUTATION serve ...`: broken on purpose first, unless MUTATION is empty.
"""

import json
import os
import signal
import sys

import trio

from tests.fuzz.mutations import BY_FRAMES
from tests.sim.mutations import put_in


def _tell_tasks(*_: object) -> None:
    """One whole line, beside those of the log."""
    tasks = trio.lowlevel.current_statistics().tasks_living
    os.write(1, json.dumps({"event": "tasks", "level": "info", "count": tasks}).encode() + b"\n")


def main() -> None:
    """Serve."""
    name = sys.argv.pop(1)
    if name:
        put_in(BY_FRAMES[name])
    from toteboard.cli import main as toteboard  # imports the server, so not before it is broken

    signal.signal(signal.SIGUSR1, _tell_tasks)
    toteboard(prog_name="toteboard")


if __name__ == "__main__":
    main()

"""`python -m tests.power.recorder RECORDING MUTATION COMMAND...`: `toteboard COMMAND`, recorded.

MUTATION is a way to break the server (`tests/power/mutations.py`), or `none`.
"""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.power.mutations import MUTATIONS
from tests.power.recording import FOLDER, Created, Pen, Removed, SyncBegun, Synced
from tests.power.sqlite_files import look_on
from tests.sim.mutations import put_in


def main(recording: str, mutation: str, *command: str) -> None:
    """Run the command in the folder that we are in; all files of interest are there."""
    record(Pen(Path(recording)))
    if mutation in MUTATIONS:
        put_in(MUTATIONS[mutation])
    from toteboard.cli import main as toteboard

    toteboard(command, prog_name="toteboard")


def record(pen: Pen) -> None:
    """From now on, write down what this process does to the files of the folder that it is in."""
    look_on(pen.note)
    sys.addaudithook(_ours(pen, Path.cwd()))
    os.fsync = _synced(pen, Path.cwd(), os.fsync)


def _synced(pen: Pen, folder: Path, fsync: Callable[[int], None]) -> Any:
    """Notes what the server syncs by itself."""

    def noted(descriptor: int) -> None:
        file, by = os.fstat(descriptor).st_ino, threading.get_native_id()
        paths = {path.stat().st_ino: path.name for path in folder.iterdir()}
        name = FOLDER if file == folder.stat().st_ino else paths[file]
        pen.note(SyncBegun(name, by))
        fsync(descriptor)
        pen.note(Synced(name, by))

    return noted


def _ours(pen: Pen, folder: Path) -> Any:
    """Notes the files that the server makes and removes by itself, without SQLite."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("open", "os.remove") or not isinstance(arguments[0], str | Path):
            return
        path = Path(arguments[0])
        if path.parent.resolve() == folder:
            if event == "os.remove" and path.exists():
                pen.note(Removed(path.name))
            elif event == "open" and arguments[2] & os.O_CREAT and not path.exists():
                pen.note(Created(path.name))

    return hook


if __name__ == "__main__":
    main(*sys.argv[1:])

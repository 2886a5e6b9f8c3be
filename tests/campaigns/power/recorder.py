"""Record `toteboard COMMAND`.

`python -m tests.campaigns.power.recorder RECORDING MUTATION COMMAND...` starts it. MUTATION is a
way to break the server (`tests/campaigns/power/mutations.py`), or `none`.
"""

import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.campaigns.mutations import put_in
from tests.campaigns.power.mutations import MUTATIONS
from tests.campaigns.power.recording import (
    FOLDER,
    Created,
    Linked,
    Pen,
    Removed,
    SyncBegun,
    Synced,
    Truncated,
    Wrote,
)
from tests.campaigns.power.sqlite_files import look_on


def main(recording: str, mutation: str, *command: str) -> None:
    """Run the command in the current folder, which contains all files of interest."""
    record(Pen(Path(recording)))
    if mutation in MUTATIONS:
        put_in(MUTATIONS[mutation])
    from toteboard.cli import main as toteboard

    toteboard(command, prog_name="toteboard")


def record(pen: Pen) -> None:
    """Record from now on what this process does to the files of the current folder."""
    look_on(pen.note)
    sys.addaudithook(_ours(pen, Path.cwd()))
    own = Own(pen, Path.cwd())
    os.fsync = own.around(os.fsync, own.synced)
    os.pwrite = own.around(os.pwrite, own.wrote)
    os.ftruncate = own.around(os.ftruncate, own.truncated)


class Own:
    """Records the server's own writes and syncs, which bypass SQLite.

    Writes through Python's file objects are recorded at their sync, because they may be lost until
    then.
    """

    def __init__(self, pen: Pen, folder: Path) -> None:
        self._note, self._folder = pen.note, folder

    def around(self, call: Callable[..., Any], noted: Callable[..., Any]) -> Any:
        """Return a function that calls the system and records the call."""

        def both(descriptor: int, *arguments: Any) -> Any:
            return noted(partial(call, descriptor, *arguments), self._name(descriptor), *arguments)

        return both

    def _name(self, descriptor: int) -> str | None:
        file = os.fstat(descriptor).st_ino
        paths = {path.stat().st_ino: path.name for path in self._folder.iterdir()}
        return FOLDER if file == self._folder.stat().st_ino else paths.get(file)

    def synced(self, fsync: Callable[[], None], name: str | None) -> None:
        """Sync a file or the folder."""
        assert name is not None
        by = threading.get_native_id()
        if name != FOLDER:
            self._note(Wrote(name, 0, (self._folder / name).read_bytes()))
        self._note(SyncBegun(name, by))
        fsync()
        self._note(Synced(name, by))

    def wrote(self, pwrite: Callable[[], int], name: str | None, data: bytes, at: int) -> int:
        """Write bytes."""
        done = pwrite()
        if name is not None:
            self._note(Wrote(name, at, data[:done]))
        return done

    def truncated(self, ftruncate: Callable[[], None], name: str | None, size: int) -> None:
        """Truncate a file."""
        ftruncate()
        if name is not None:
            self._note(Truncated(name, size))


def _ours(pen: Pen, folder: Path) -> Any:
    """Return an audit hook for names that the server itself creates and removes."""

    def here(path: Any) -> bool:
        return isinstance(path, str | Path) and Path(path).parent.resolve() == folder

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("open", "os.remove", "os.link", "os.rename") or not here(arguments[0]):
            return
        path = Path(arguments[0])
        if event == "open":
            if arguments[2] & os.O_CREAT and not path.exists():
                pen.note(Created(path.name))
        elif path.is_file():  # a socket has no data on a disk
            if event == "os.rename" or (event == "os.link" and not Path(arguments[1]).exists()):
                pen.note(Linked(path.name, Path(arguments[1]).name))
            if event != "os.link":
                pen.note(Removed(path.name))

    return hook


if __name__ == "__main__":
    main(*sys.argv[1:])

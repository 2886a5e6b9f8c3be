"""`python -m tests.power.recorder RECORDING MUTATION COMMAND...`: `toteboard COMMAND`, recorded.

MUTATION is a way to break the server (`tests/power/mutations.py`), or `none`.
"""

import os
import sys
from pathlib import Path
from typing import Any

from tests.power.mutations import MUTATIONS
from tests.power.recording import Created, Pen, Removed
from tests.power.sqlite_files import look_on
from tests.sim.mutations import put_in


def main(recording: str, mutation: str, *command: str) -> None:
    """Run the command in the folder that we are in; all files of interest are there."""
    pen = Pen(Path(recording))
    look_on(pen.note)
    sys.addaudithook(_ours(pen, Path.cwd()))
    if mutation in MUTATIONS:
        put_in(MUTATIONS[mutation])
    from toteboard.cli import main as toteboard

    toteboard(command, prog_name="toteboard")


def _ours(pen: Pen, folder: Path) -> Any:
    """Notes the files that the server makes and removes by itself, without SQLite."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("open", "os.remove") or not isinstance(arguments[0], str | Path):
            return
        path = Path(arguments[0])
        if path.parent.resolve() == folder:
            if event == "os.remove":
                pen.note(Removed(path.name))
            elif arguments[2] & os.O_CREAT and not path.exists():
                pen.note(Created(path.name))

    return hook


if __name__ == "__main__":
    main(*sys.argv[1:])

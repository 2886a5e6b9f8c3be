"""Record the creation and the upgrade of a file of version 1.

`python -m tests.campaigns.power.upgrade RECORDING` runs it. The server that wrote the file was
killed, so its rows are in the WAL.
"""

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.campaigns.power.cuts import DATABASE
from tests.campaigns.power.recorder import record
from tests.campaigns.power.recording import Pen, Printed
from tests.support.version_1 import fill

FILLED: Final = Printed((), "of version 1")
UPGRADED: Final = Printed((), "upgraded")
"""The entry that separates what comes before the upgrade from what comes after it."""


def main(recording: str) -> None:
    """Create the files in the current folder, and upgrade them."""
    pen = Pen(Path(recording))
    record(pen)
    import sqlite3

    from storage.opening import open_database

    old = sqlite3.connect(DATABASE)
    old.execute("PRAGMA journal_mode=WAL")
    old.execute("PRAGMA synchronous=FULL")
    fill(old)
    pen.note(FILLED)
    with closing(open_database(Path(DATABASE))):
        pen.note(UPGRADED)
        os._exit(0)  # killed, before any checkpoint


if __name__ == "__main__":
    main(*sys.argv[1:])

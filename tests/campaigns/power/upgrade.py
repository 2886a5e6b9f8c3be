"""Record how a file of version 1 is created and upgraded.

`python -m tests.campaigns.power.upgrade RECORDING` does it.
The server that wrote it was killed: its rows are in the WAL.
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
"""All that comes before is from before the upgrade, and this after it."""


def main(recording: str) -> None:
    """Make the files in the folder that we are in, and upgrade them."""
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

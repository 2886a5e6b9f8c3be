"""Record a backup and a restore of a database.

`python -m tests.campaigns.power.restoring RECORDING` runs it. A killed process left the database
that is replaced, so its latest rows are in the WAL.
"""

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.campaigns.power.cuts import DATABASE
from tests.campaigns.power.recorder import record
from tests.campaigns.power.recording import Pen, Printed

READY: Final = Printed((), "about to restore")
DONE: Final = Printed((), "restored")
BACKUP: Final = "backup.db"
STAMP: Final = "20261128T120000Z"


def main(recording: str) -> None:
    """Create the files in the current folder, and restore."""
    pen = Pen(Path(recording))
    record(pen)
    from storage.copies import back_up, restore
    from storage.opening import key_path, open_database
    from storage.sealing import KeyFile
    from storage.store import AddUser

    path, backup = Path(DATABASE).resolve(), Path(BACKUP).resolve()

    def add(*names: str) -> None:
        for name in names:
            AddUser(name, False, {}, None).perform(database, 1)

    with closing(open_database(path)) as database:
        add("ann")
        back_up(path, backup)
    if not os.fork():
        with closing(open_database(path)) as database:
            add("bob", "cat")
            os._exit(0)  # killed, before any checkpoint
    os.wait()
    pen.note(READY)
    restore(path, backup, KeyFile(key_path(path)), STAMP)
    pen.note(DONE)


if __name__ == "__main__":
    main(*sys.argv[1:])

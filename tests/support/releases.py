"""A release of the server that does not exist yet: its schema has one level more."""

import sys
from pathlib import Path
from shutil import copytree

from storage import migrations

PROGRAM = """
from pathlib import Path
import storage.migrations
storage.migrations.SCHEMA = Path({folder!r})
from toteboard.__main__ import main
main()
"""


def later_release(folder: Path) -> tuple[str, ...]:
    """Make a schema with one level more in a new folder; return the program that has it."""
    copytree(migrations.SCHEMA, folder)
    level = migrations.latest_version() + 1
    statement = f"CREATE TABLE of_release_{level} (id INTEGER PRIMARY KEY);\n"
    (folder / f"{level:04}_next.sql").write_text(statement)
    return sys.executable, "-c", PROGRAM.format(folder=str(folder))

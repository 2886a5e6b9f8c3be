"""Copies a database with SQLite: one consistent snapshot, while other processes write."""

import sqlite3
from pathlib import Path

from storage.progress import OnProgress

STEPS_PER_REPORT = 2_000
"""SQLite instructions between two progress reports: a few milliseconds."""


def vacuum_into(connection: sqlite3.Connection, empty: Path, on_progress: OnProgress) -> None:
    """Copy a database into an empty file, without its deleted rows, in one read transaction.

    Report progress in bytes. Raise sqlite3.Error, and KeyboardInterrupt if a signal ends the copy.
    """
    (total,) = connection.execute(
        "SELECT (page_count - freelist_count) * page_size "
        "FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
    ).fetchone()

    def report() -> None:
        on_progress(min(empty.stat().st_size, total - 1), total)

    connection.set_progress_handler(report, STEPS_PER_REPORT)
    try:
        connection.execute("VACUUM INTO ?", (str(empty),))
    except sqlite3.OperationalError as error:
        # `report` raised KeyboardInterrupt, and sqlite3 replaced it.
        if error.sqlite_errorname == "SQLITE_INTERRUPT":
            raise KeyboardInterrupt from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
    on_progress(total, total)

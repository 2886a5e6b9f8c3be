"""Verifies that the file has the tables, indexes, constraints and triggers of this version.

The definitions are compared with those of a new database, made by the scripts in `schema`.
"""

from collections.abc import Iterator
from contextlib import closing

from storage.database import Database
from storage.migrations import new_in_memory

_DEFINITIONS = """
    SELECT type || ' ' || name || ' of ' || tbl_name AS about, coalesce(sql, '') AS says
    FROM main.sqlite_master WHERE name NOT GLOB 'sqlite_stat*'"""


def check_schema(database: Database) -> Iterator[str]:
    """Yield a line for each definition that is missing, different, or unknown."""
    with closing(new_in_memory()) as new:
        wanted = {about: _plain(says) for about, says in new.execute(_DEFINITIONS)}
    found = {row["about"]: _plain(row["says"]) for row in database.rows(_DEFINITIONS)}
    for about in sorted(wanted.keys() | found.keys()):
        if about not in found:
            yield f"{about} is missing"
        elif about not in wanted:
            yield f"{about} is not of this version: {found[about]}"
        elif found[about] != wanted[about]:
            yield f"{about} is not as in this version: {found[about]}"


def _plain(says: str) -> str:
    return " ".join(says.split())

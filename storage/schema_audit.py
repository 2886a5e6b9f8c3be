"""Whether the file has the tables, columns, constraints, indexes and triggers of this version.

The file is compared with one that the scripts in `schema` make. Rows are not looked at here.
"""

from collections.abc import Iterator
from contextlib import closing

from storage.database import Database
from storage.migrations import new_in_memory

_DEFINITIONS = """
    SELECT type || ' ' || name || ' of ' || tbl_name AS about, coalesce(sql, '') AS says
    FROM main.sqlite_master WHERE name NOT GLOB 'sqlite_stat*'"""


def check_schema(database: Database) -> Iterator[str]:
    """A line for each definition that is missing, is another, or is not one of ours."""
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

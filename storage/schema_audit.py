"""Verifies that the file has the tables, indexes, constraints and triggers of this version.

The definitions are compared with those of a new database, made by the scripts in `schema`. The
values are compared with the types that the definitions declare, because SQLite stores any value in
any column.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from storage.database import Database
from storage.migrations import new_in_memory

_DEFINITIONS = """
    SELECT type || ' ' || name || ' of ' || tbl_name AS about, coalesce(sql, '') AS says
    FROM main.sqlite_master WHERE name NOT GLOB 'sqlite_stat*'"""


_COLUMNS = """
    SELECT tables.name, columns.name, columns.type
    FROM main.sqlite_master AS tables, pragma_table_info(tables.name) AS columns
    WHERE tables.type = 'table' AND tables.name NOT GLOB 'sqlite_*' ORDER BY tables.name"""


def check_schema(database: Database) -> Iterator[str]:
    """Yield a line for each definition that is missing, different, or unknown."""
    wanted = {about: _plain(says) for about, says in _rows_of_new(_DEFINITIONS)}
    found = {row["about"]: _plain(row["says"]) for row in database.rows(_DEFINITIONS)}
    for about in sorted(wanted.keys() | found.keys()):
        if about not in found:
            yield f"{about} is missing"
        elif about not in wanted:
            yield f"{about} is not of this version: {found[about]}"
        elif found[about] != wanted[about]:
            yield f"{about} is not as in this version: {found[about]}"


def check_types(database: Database) -> Iterator[str]:
    """Yield a line for each column that has values of another type than it declares."""
    for table, columns in groupby(_rows_of_new(_COLUMNS), key=itemgetter(0)):
        counts = ", ".join(
            f"sum(typeof({column}) NOT IN ('{kind.lower()}', 'null')) AS {column}"
            for _, column, kind in columns
        )
        for column, count in (database.row(f"SELECT {counts} FROM {table}") or {}).items():
            if count:
                yield f"{table}.{column} has {count} values of another type"


@cache
def _rows_of_new(question: str) -> list[tuple[Any, ...]]:
    """Return what a new database says. Kept, because all scripts of the schema run for it."""
    with closing(new_in_memory()) as new:
        return new.execute(question).fetchall()


def _plain(says: str) -> str:
    return " ".join(says.split())

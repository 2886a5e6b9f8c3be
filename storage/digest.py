"""Digests of whole tables, to compare two files that should hold the same data.

Two nodes of a cluster that have applied the same log hold the same rows. They may hold them in
different pages, after a `VACUUM` or a copy. So a digest covers the values of each table in the
order of its primary key, and nothing else of the file. `sqlite_sequence` is covered too, because
the ids of new rows come from it. Tables named `local_*` are about one file and are left out.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

import orjson

from storage.database import Database

_TABLES: Final = """
    SELECT name FROM main.sqlite_master
    WHERE type = 'table' AND name NOT GLOB 'local_*' AND name NOT GLOB 'sqlite_stat*'
    ORDER BY name"""

_COLUMNS_OF: Final = "SELECT name, pk FROM pragma_table_info(?) ORDER BY cid"


def table_digests(database: Database) -> dict[str, bytes]:
    """Return the digest of each table as of one moment, 32 bytes each, by the table's name.

    Raise StorageError.
    """
    with database.snapshot():
        return digests_of(database)


def digests_of(database: Database) -> dict[str, bytes]:
    """Return the same within the caller's snapshot. Raise StorageError."""
    return {row["name"]: _digest_of(database, row["name"]) for row in database.rows(_TABLES)}


def file_digest(database: Database) -> bytes:
    """Return one digest of all tables as of one moment, 32 bytes. Raise StorageError."""
    whole = sha256()
    for name, digest in table_digests(database).items():
        whole.update(orjson.dumps([name, digest.hex()]))
    return whole.digest()


def _digest_of(database: Database, table: str) -> bytes:
    of_table = sha256()
    for row in _values(database, table):
        of_table.update(orjson.dumps(row, default=_as_array))
        of_table.update(b"\n")
    return of_table.digest()


def _values(database: Database, table: str) -> Iterator[tuple[Any, ...]]:
    columns = database.rows(_COLUMNS_OF, (table,))
    names = [column["name"] for column in columns]
    key = [column["name"] for column in sorted(columns, key=_place_in_key) if column["pk"]]
    order = ", ".join(key or names)
    return database.each(f"SELECT {', '.join(names)} FROM {table} ORDER BY {order}")


def _place_in_key(column: dict[str, Any]) -> int:
    return int(column["pk"])


def _as_array(value: Any) -> list[str]:
    # No other value is an array.
    return [bytes(value).hex()]

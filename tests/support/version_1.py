"""A file of version 1 with rows in its tables, to test what an upgrade keeps."""

import sqlite3
from contextlib import closing

from storage.migrations import SCHEMA

_ROWS = """
    INSERT INTO users VALUES (1, 'Ann', 'ann', 1, 0, 1);
    INSERT INTO session_keys VALUES (1, 'key', NULL);
    INSERT INTO nonces VALUES (1, 'n');
    INSERT INTO sources VALUES ('s', 'League', NULL, 'open', 1);
    INSERT INTO source_admins VALUES ('s', 1);
    INSERT INTO games VALUES (1, 'g', 's', 'A - B', NULL, 'DON', '#AB', 'open', 'open', 1, NULL, 1,
                              NULL, 1);
    INSERT INTO game_admins VALUES ('g', 1);
    INSERT INTO facts VALUES ('g', 1, 1, 'game_created', '{}');
    INSERT INTO accounts VALUES ('issue', 'DON', -5), ('player:1:available', 'DON', 5);
"""


def fill(empty: sqlite3.Connection) -> None:
    """Turn an empty file into one of version 1."""
    empty.executescript((SCHEMA / "0001_initial.sql").read_text())
    empty.executescript(_ROWS + "PRAGMA user_version = 1;")


def fill_soundly(empty: sqlite3.Connection) -> None:
    """Turn an empty file into one of version 1 that passes the audit: a user without money."""
    fill(empty)
    for table in ("facts", "games", "game_admins", "accounts"):
        empty.execute(f"DELETE FROM {table}")
    empty.commit()


def dump(database: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of each table in the columns of version 1, without empty tables.

    Session keys are sealed since then, so only their owners are compared.
    """
    with closing(sqlite3.connect(":memory:")) as first:
        first.executescript((SCHEMA / "0001_initial.sql").read_text())
        columns = first.execute("""
            SELECT tables.name, group_concat(columns.name)
            FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
            WHERE tables.type = 'table' AND tables.name NOT GLOB 'sqlite_*'
            AND columns.name <> 'session_key'
            GROUP BY tables.name""").fetchall()
    tables = {t: database.execute(f"SELECT {c} FROM {t}").fetchall() for t, c in columns}
    return {table: rows for table, rows in tables.items() if rows}

"""One server of the engine: its data, as its sessions see it."""

import sqlite3
from typing import Any, Final

from attrs import frozen
from psycopg.sql import Composed

from storage.cluster import tables
from storage.migrations import latest_version
from tests.campaigns.terms.dialect import steps_of

Statement = str | Composed

_LOCKED_BY: Final = (
    ("INSERT INTO toteboard_log", ("log", 0)),
    ("UPDATE toteboard_lease", ("lease", None)),
    ("INSERT INTO toteboard_nodes", ("node", 0)),
)


@frozen
class Result:
    """What a statement has found or changed: `rows` is None if it returns none."""

    count: int
    rows: list[tuple[Any, ...]] | None


@frozen
class Entry:
    """A statement that changes something, at `at` (epoch s) on the engine's clock."""

    statement: Statement
    values: tuple[Any, ...]
    at: float

    @property
    def lock(self) -> tuple[str, Any]:
        """What it locks until it is committed: the row that it changes."""
        for text, (table, number) in _LOCKED_BY:
            if text in str(self.statement):
                return table, None if number is None else self.values[number]
        return "other", None


class Replica:
    """The data of one server. `applied` is how many entries of the engine's WAL it has."""

    def __init__(self) -> None:
        self._data = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.applied = 0
        self._at = 0.0
        self._data.create_function("clock_timestamp", 0, lambda: self._at)
        self._data.create_function("set_config", 3, lambda _name, value, _local: value)

    def found(self, cluster: str) -> None:
        """Make the tables of a cluster."""
        for table in (*tables._TABLES, tables._LEASE):
            self.run(Entry(table, (), 0.0))
        self.run(Entry(tables._CLUSTER, (cluster, latest_version()), 0.0))

    def run(self, entry: Entry) -> Result:
        """Run a statement. Raise sqlite3.Error."""
        self._at = entry.at
        values, count, rows = entry.values, 0, None
        for step in steps_of(entry.statement):
            cursor = self._data.execute(step.text, values[: step.values])
            values = values[step.values :]
            rows = cursor.fetchall() if cursor.description else None
            count = cursor.rowcount if rows is None else len(rows)
        return Result(count, rows)

    def try_out(self, entry: Entry) -> Result:
        """Return what a statement would change, and change nothing. Raise sqlite3.Error."""
        self._data.execute("BEGIN")
        try:
            return self.run(entry)
        finally:
            self._data.execute("ROLLBACK")

    def apply(self, entries: list[Entry]) -> None:
        """Apply what comes next in the WAL."""
        for entry in entries:
            self.run(entry)
        self.applied += len(entries)

    def copy_of(self, other: "Replica") -> None:
        """Take the data of another server."""
        if other is not self:
            other._data.backup(self._data)
        self.applied = other.applied

    def close(self) -> None:
        """Free the memory."""
        self._data.close()

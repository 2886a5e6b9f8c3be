"""Changes that a mistake or a disk error can make.

Each column of each table is changed; rows are deleted, added and exchanged.
"""

import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import orjson
from attrs import frozen

from tests.campaigns.corruption.corruption import Corruption

JSON: Final = {
    "facts": ("body", "GROUP BY kind"),
    "pools": ("standing", "LIMIT 1"),
    "pool_players": ("backed", "LIMIT 1"),
    "operator_acts": ("body", "GROUP BY kind"),
    "answers": ("reply", "LIMIT 1"),
}
"""The columns with JSON, and the rows in which each value of it is changed."""
UNIQUE: Final = {"users": "name_key", "sources": "name", "games": "id"}
"""Columns that must be unique, besides the keys."""
ROWS: Final = 3
"""The number of rows in which each column is changed: the first, the middle and the last."""

Row = tuple[Any, ...]


@frozen
class Table:
    """A table's name, its columns, its key columns, and its rows."""

    name: str
    columns: list[str]
    key: list[str]
    rows: list[Row]

    @property
    def some(self) -> list[Row]:
        """Return the first row, the middle one and the last."""
        last = len(self.rows) - 1
        return [self.rows[place] for place in sorted({last * n // (ROWS - 1) for n in range(ROWS)})]

    def found(self, row: Row) -> tuple[str, Row]:
        """Return the SQL condition that selects a row, and its parameters."""
        key = [(c, value) for c, value in zip(self.columns, row, strict=True) if c in self.key]
        return " AND ".join(f"{column} IS ?" for column, _ in key), tuple(v for _, v in key)

    def change(self, column: str, row: Row, value: object) -> Corruption:
        """Return the corruption that changes one column of a row."""
        condition, key = self.found(row)
        sql = f"UPDATE {self.name} SET {column} = ? WHERE {condition}"
        return Corruption(f"{self.name}.{column}", "changed", ((sql, (value, *key)),))


def corruptions(database: sqlite3.Connection) -> Iterator[Corruption]:
    """Yield all corruptions in a fixed order."""
    for table in tables(database):
        for row in table.some:
            yield from _changed(table, row)
            yield _gone(table, row)
            yield from _added(table, row)
        for one, other in pairwise(table.some):
            yield from _exchanged(table, one, other)
        if table.name in JSON:
            yield from _changed_within(database, table, *JSON[table.name])


def tables(database: sqlite3.Connection) -> list[Table]:
    """Return the tables of the file. None of them is empty."""
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
    return [_table(database, name) for (name,) in database.execute(f"{names} ORDER BY name")]


def _table(database: sqlite3.Connection, name: str) -> Table:
    about = database.execute("SELECT name, pk FROM pragma_table_info(?)", (name,)).fetchall()
    rows = database.execute(f"SELECT * FROM {name}").fetchall()
    assert rows, f"{name} is empty: nothing would be shown of it"
    return Table(name, [c for c, _ in about], [c for c, place in about if place], rows)


def _changed(table: Table, row: Row) -> Iterator[Corruption]:
    for column, value in zip(table.columns, row, strict=True):
        for other in _others(value):
            yield table.change(column, row, other)


def _others(value: object) -> list[object]:
    """Return values that differ from this one."""
    match value:
        case None:
            return [1, "x"]
        case int():
            return [value + 1, value - 1, value + 1_000_000, None, "x"]
        case str():
            return [f"{value}x", value[1:], None, 0, value.encode()]
        case bytes():
            return [bytes([value[0] ^ 1]) + value[1:], b"", None]
        case _:
            raise TypeError(f"{value!r} is in no table")


def _gone(table: Table, row: Row) -> Corruption:
    condition, key = table.found(row)
    return Corruption(table.name, "gone", ((f"DELETE FROM {table.name} WHERE {condition}", key),))


def _added(table: Table, row: Row) -> Iterator[Corruption]:
    """Yield copies of the row, each with another value in one column of the key."""
    sql = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(row))})"
    for column in table.key:
        again = dict(zip(table.columns, row, strict=True))
        place = table.columns.index(column)
        again[column] = _unused(again[column], [each[place] for each in table.rows])
        if table.name in UNIQUE:
            again[UNIQUE[table.name]] += "x"
        yield Corruption(table.name, "added", ((sql, tuple(again.values())),))


def _unused(value: object, values: list[Any]) -> object:
    return 1 + max(values) if isinstance(value, int) else f"{value}x"


def _exchanged(table: Table, one: Row, other: Row) -> Iterator[Corruption]:
    """Exchange values of two rows: in each column outside the key, then in all of them."""
    differing = [
        column
        for column, a, b in zip(table.columns, one, other, strict=True)
        if column not in table.key and a != b
    ]
    for column in differing:
        yield _swap(table, f"{table.name}.{column}", [column], one, other)
    if len(differing) > 1:
        yield _swap(table, table.name, differing, one, other)


def _swap(table: Table, where: str, columns: list[str], one: Row, other: Row) -> Corruption:
    (is_one, key), (is_other, other_key) = table.found(one), table.found(other)
    cases = ", ".join(f"{column} = CASE WHEN {is_one} THEN ? ELSE ? END" for column in columns)
    places = [table.columns.index(column) for column in columns]
    values = [value for place in places for value in (*key, other[place], one[place])]
    sql = f"UPDATE {table.name} SET {cases} WHERE ({is_one}) OR ({is_other})"
    return Corruption(where, "exchanged", ((sql, (*values, *key, *other_key)),))


def _changed_within(
    database: sqlite3.Connection, table: Table, column: str, which: str
) -> Iterator[Corruption]:
    """Yield a corruption for each value within a JSON text."""
    sql = f"SELECT * FROM {table.name} WHERE {column} IS NOT NULL {which}"
    for row in database.execute(sql).fetchall():
        for changed in _variants(orjson.loads(row[table.columns.index(column)])):
            yield table.change(column, row, orjson.dumps(changed).decode())


def _variants(value: object) -> Iterator[object]:
    """Yield copies of a JSON value, each with one value in it changed."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from (value | {name: other} for other in _variants(inner))
        case list():
            for place, inner in enumerate(value):
                for other in _variants(inner):
                    yield [*value[:place], other, *value[place + 1 :]]
        case bool():
            yield not value
        case None:
            yield "rain"
        case int() | float():
            yield value + 1
        case _:
            yield f"{value}x"

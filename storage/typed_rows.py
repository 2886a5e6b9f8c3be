"""The types of the values in a row.

SQLite stores a value of any type in any column, whatever the column declares. So a damaged file can
hold text where the server computes with a number. A read that the whole server depends on checks
types, so that a damaged row fails alone: `typed` refuses a row, `sound` makes a query skip it.
"""

from collections.abc import Mapping
from typing import Final

from storage.database import Row
from storage.errors import DamagedRowError

NAMES: Final = {str: "text", int: "integer", type(None): "null"}
"""The types of Python, as SQLite names them."""

Types = Mapping[str, tuple[type, ...]]
"""The types that the values of a column can have, by column."""


def typed(table: str, types: Types, row: Row) -> Row:
    """Return the row. Raise DamagedRowError if a column has a value of another type."""
    for column, allowed in types.items():
        if not isinstance(row[column], allowed):
            raise DamagedRowError(table, column)
    return row


def sound(table: str, types: Types) -> str:
    """Return a condition in SQL: each of these columns has a value of its types."""
    terms = [
        f"typeof({table}.{column}) IN ({', '.join(repr(NAMES[each]) for each in allowed)})"
        for column, allowed in types.items()
    ]
    return f"({' AND '.join(terms)})"

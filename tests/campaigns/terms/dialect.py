"""PostgreSQL's statements, as SQLite understands them.

So the engine of a simulated world runs the statements that the product sends, and a bug in one of
them is seen. Times are seconds since the epoch, as numbers.
"""

import re
from functools import cache
from typing import Final

from attrs import frozen
from psycopg.sql import Composed

_REPLACED: Final = (
    (r"%[sb]", "?"),
    (
        r"\(extract\(epoch FROM clock_timestamp\(\)\) \* 1000\)::bigint",
        "CAST(clock_timestamp() * 1000 AS INTEGER)",
    ),
    (r"extract\(epoch FROM (until - clock_timestamp\(\)|clock_timestamp\(\) - seen)\)", r"(\1)"),
    (r"make_interval\(secs => \?\)", "?"),
    (r"interval '1000 years'", "31557600000.0"),
    (r"to_timestamp\(0\)", "0"),
    (r"octet_length\(", "length("),
    (r"to_regclass\('toteboard_cluster'\) IS NOT NULL", "1"),
    (r"DEFAULT clock_timestamp\(\)", "DEFAULT 0"),
    (r"PARTITION BY RANGE \(idx\)", ""),
    (r"::\w+", ""),
)
_TWO_IN_ONE: Final = re.compile(r"WITH \w+ AS \((DELETE .*?)\)\s+(INSERT .*|UPDATE .*)", re.DOTALL)
_ONE_PARTITION: Final = "SELECT 0"
"""The log of a world is not cut into partitions."""


@frozen
class Step:
    """One statement of SQLite, and how many values it takes."""

    text: str
    values: int


def steps_of(statement: str | Composed) -> list[Step]:
    """Return the statements that do what one of PostgreSQL does."""
    return _steps(statement if isinstance(statement, str) else statement.as_string())


@cache
def _steps(statement: str) -> list[Step]:
    if "pg_inherits" in statement:
        return [Step(_ONE_PARTITION, 0)]
    for old, new in _REPLACED:
        statement = re.sub(old, new, statement)
    two = _TWO_IN_ONE.search(statement)
    texts = two.groups() if two else (statement,)
    return [Step(text, text.count("?")) for text in texts]


def is_query(statement: str | Composed) -> bool:
    """Return whether a statement changes nothing."""
    return isinstance(statement, str) and statement.strip().upper().startswith("SELECT")

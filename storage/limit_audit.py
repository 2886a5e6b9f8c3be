"""Verifies players' own limits and breaks against the acts that set them (`storage/audit.py`)."""

from collections.abc import Iterator
from typing import Final

from storage.database import Database

_LIMITS: Final = """
    WITH latest AS MATERIALIZED (
        SELECT body ->> '$.user_id' AS user_id, body ->> '$.currency' AS currency,
               own.value ->> '$.period' AS period, own.value ->> '$.kind' AS kind,
               own.value ->> '$.amount' AS amount, own.value ->> '$.next_amount' AS next_amount,
               own.value ->> '$.next_at' AS next_at, max(operator_acts.id)
        FROM operator_acts, json_each(body, '$.limits') AS own
        WHERE operator_acts.kind = 'limits_set' GROUP BY 1, 2, 3, 4)
    SELECT user_id, currency, period, kind, sum(is_row) AS kept
    FROM (SELECT user_id, currency, period, kind, amount, next_amount, next_at, 1 AS is_row
          FROM own_limits
          UNION ALL
          SELECT user_id, currency, period, kind, amount, next_amount, next_at, 0 FROM latest)
    GROUP BY user_id, currency, period, kind, amount, next_amount, next_at
    HAVING count(*) <> 2 OR sum(is_row) <> 1
    ORDER BY user_id, currency, period, kind"""

_BREAKS: Final = """
    WITH latest AS MATERIALIZED (
        SELECT body ->> '$.user_id' AS user_id, body ->> '$.until' AS until,
               kind = 'break_taken' AS stands, max(id)
        FROM operator_acts WHERE kind IN ('break_taken', 'break_lifted') GROUP BY 1)
    SELECT user_id, sum(is_row) AS kept
    FROM (SELECT user_id, until, 1 AS is_row FROM breaks
          UNION ALL SELECT user_id, until, 0 FROM latest WHERE stands)
    GROUP BY user_id, until HAVING count(*) <> 2 OR sum(is_row) <> 1
    ORDER BY user_id"""


def check_own_limits(database: Database) -> Iterator[str]:
    """Yield a line for each limit and each break that does not agree with its act."""
    for row in database.rows(_LIMITS):
        missing = "has no act" if row.pop("kept") else "is missing"
        yield "the {kind} limit a {period} of user {user_id} in {currency} {0}".format(
            missing, **row
        )
    for row in database.rows(_BREAKS):
        missing = "has no act" if row.pop("kept") else "is missing"
        yield "the break of user {user_id} {0}".format(missing, **row)

"""The first replies to changing ops that came with an idempotency key (contract, section 1)."""

from collections.abc import Iterator
from typing import Any, Final

from storage.database import Database

KEPT_MS = 7 * 24 * 3_600_000
"""How long a reply is remembered."""


def kept_answer(
    database: Database, user_id: int, idempotency_key: str, now: int
) -> dict[str, Any] | None:
    """The row (op, parameters, reply, answered_at) of a key that still counts, else None."""
    sql = """
        SELECT op, parameters, reply, answered_at FROM answers
        WHERE user_id = ? AND idempotency_key = ? AND answered_at > ?"""
    return database.row(sql, (user_id, idempotency_key, now - KEPT_MS))


def has_stale_answers(database: Database, now: int) -> bool:
    """Whether there are keys that no longer count."""
    sql = "SELECT 1 AS yes FROM answers WHERE answered_at <= ? LIMIT 1"
    return database.row(sql, (now - KEPT_MS,)) is not None


MISREMEMBERED: Final = """
    WITH bets AS MATERIALIZED (
        SELECT body ->> '$.bet_id' AS bet_id, body ->> '$.pool_id' AS pool_id,
               body ->> '$.user_id' AS user_id, body ->> '$.target_id' AS target,
               body ->> '$.amount' AS amount
        FROM facts WHERE kind = 'bet_placed')
    SELECT answers.user_id, idempotency_key FROM answers
    LEFT JOIN bets ON bets.bet_id = reply ->> '$.bet_id'
    WHERE NOT json_valid(reply) OR (reply ->> '$.bet_id' IS NOT NULL AND (
        bets.bet_id IS NULL OR bets.user_id <> answers.user_id
        OR bets.pool_id <> reply ->> '$.pool_id' OR bets.target <> reply ->> '$.target'
        OR bets.amount <> round((reply ->> '$.amount') * 100, 4)))
    ORDER BY answers.user_id, idempotency_key"""
"""The replies to bets that no fact bears out. Materialized: SQLite looks bets up by an index then,
instead of reading all of them for each reply."""


def check_answers(database: Database) -> Iterator[str]:
    """A line for each kept reply to a bet that the journals do not bear out."""
    for row in database.rows(MISREMEMBERED):
        key = row["idempotency_key"]
        yield f"the reply kept for key {key!r} of user {row['user_id']} tells of no such bet"

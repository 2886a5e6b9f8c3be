"""The first replies to changing ops with an idempotency key (contract, section 1)."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import evolve, frozen

from storage.chain import digest
from storage.changes import ReplyKept
from storage.database import Database
from storage.write import DecidedWrite, Values, Write

KEPT_MS = 7 * 24 * 3_600_000
"""How long a reply is kept, in milliseconds."""
_ROWS_AT_ONCE: Final = 1_000


def kept(
    user_id: int, idempotency_key: str, op: int, parameters: str, reply: str, now: int
) -> ReplyKept:
    """Return the row that keeps a reply from `now` (epoch ms); `parameters` is a fingerprint."""
    row = user_id, idempotency_key, op, parameters, reply, now
    return ReplyKept(*row, digest(*row))


@frozen
class RequestedWrite(Write):
    """A write that a user requests, with the reply that is kept under an idempotency key.

    `parameters` is a fingerprint. `reply_of` returns the reply for the values of the write.
    """

    word = "requested_write"
    write: Write
    user_id: int
    idempotency_key: str
    op: int
    parameters: str
    reply_of: Callable[[Values], str]

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer as the write does. Raise what it raises."""
        decided = self.write.decide(database, now_ms)
        about = self.user_id, self.idempotency_key, self.op, self.parameters
        row = kept(*about, self.reply_of(decided.values), now_ms)
        return evolve(decided, changes=[*decided.changes, row])


def kept_reply(
    database: Database, user_id: int, idempotency_key: str, now: int
) -> dict[str, Any] | None:
    """Return the reply of a key (op, parameters, reply, answered_at); None if absent or expired."""
    sql = """
        SELECT op, parameters, reply, answered_at FROM answers
        WHERE user_id = ? AND idempotency_key = ? AND answered_at > ?"""
    return database.row(sql, (user_id, idempotency_key, now - KEPT_MS))


def has_stale_replies(database: Database, now: int) -> bool:
    """Return whether some keys have expired."""
    sql = """
        SELECT 1 AS yes FROM answers WHERE answered_at <= ?1
        UNION ALL SELECT 1 FROM api_replies WHERE answered_at <= ?1 LIMIT 1"""
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
"""Replies to bets that differ from the journals. MATERIALIZED makes SQLite look bets up by an
index, instead of reading all of them for each reply."""


def check_kept_replies(database: Database) -> Iterator[str]:
    """Yield a line for each reply that was changed, or names a bet that no journal has."""
    for row in _rows(database):
        about = f"the reply kept for key {row['idempotency_key']!r} of user {row['user_id']}"
        if row.pop("digest") != digest(*row.values()):
            yield f"{about} was changed after it was sent"
    for row in database.rows(MISREMEMBERED):
        about = f"the reply kept for key {row['idempotency_key']!r} of user {row['user_id']}"
        yield f"{about} names a bet that is in no journal"


def _rows(database: Database) -> Iterator[dict[str, Any]]:
    """Yield all replies, read in pages because there may be millions."""
    sql = """
        SELECT * FROM answers WHERE (user_id, idempotency_key) > (?, ?)
        ORDER BY user_id, idempotency_key LIMIT ?"""
    place = (-(2**63), "")
    while page := database.rows(sql, (*place, _ROWS_AT_ONCE)):
        yield from page
        place = page[-1]["user_id"], page[-1]["idempotency_key"]

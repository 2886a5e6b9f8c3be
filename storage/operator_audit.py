"""Verifies holds, statements, kept replies of the API and hooks (`storage/audit.py`)."""

from collections.abc import Iterator
from typing import Final

from game.money import as_text
from storage.chain import digest
from storage.database import Database, Row
from storage.payment_audit import check_payments

_WITHOUT_ACT: Final = """
    SELECT at, currency, user_id, amount, cause, sum(made) AS made
    FROM (SELECT at, currency, amount, cause, 1 AS made,
                 CAST(substr(iif(debit = 'issue', credit, debit), 8) AS INTEGER) AS user_id
          FROM transfers WHERE cause IN ('debit', 'hold', 'release')
          UNION ALL
          SELECT at, body ->> '$.currency', body ->> '$.amount',
                 CASE kind WHEN 'debited' THEN 'debit' WHEN 'held' THEN 'hold' ELSE 'release' END,
                 -1, body ->> '$.user_id'
          FROM operator_acts WHERE kind IN ('debited', 'held', 'released'))
    GROUP BY at, currency, user_id, amount, cause HAVING sum(made) <> 0
    ORDER BY at, user_id"""

_WITHOUT_TRANSFER: Final = """
    SELECT at, currency, user_id, amount, kind, count(*) FILTER (WHERE is_payment) AS payments
    FROM (SELECT at, currency, user_id, amount, kind, reference, 1 AS is_payment FROM payments
          UNION ALL
          SELECT at, currency, CAST(substr(iif(debit = 'issue', credit, debit), 8) AS INTEGER),
                 amount, cause, reference, 0
          FROM transfers WHERE cause IN ('credit', 'debit', 'hold'))
    GROUP BY at, currency, user_id, amount, kind, reference
    HAVING sum(is_payment) > sum(NOT is_payment) ORDER BY at, user_id"""

_HELD: Final = """
    SELECT account, currency, sum(balance) AS balance, sum(held) AS held
    FROM (SELECT account, currency, balance, 0 AS held FROM accounts
          WHERE account GLOB 'player:*:held'
          UNION ALL
          SELECT 'player:' || user_id || ':held', currency, 0, amount FROM payments
          WHERE status = 'open')
    GROUP BY account, currency HAVING sum(balance) <> sum(held) ORDER BY account"""

_BROKEN_STATEMENTS: Final = """
    SELECT user_id, currency, min(id) AS id
    FROM (SELECT *, lag(id, 1, 0) OVER entry AS last_id, lag(at, 1, 0) OVER entry AS last_at,
                 lag(current, 1, 0) OVER entry AS last_current,
                 lag(available, 1, 0) OVER entry AS last_available
          FROM player_entries WINDOW entry AS (PARTITION BY user_id, currency ORDER BY id))
    WHERE id <> last_id + 1 OR current <> last_current + current_change
          OR available <> last_available + available_change OR at < last_at
          OR (game_id IS NULL) <> (cause IN ('credit', 'debit', 'hold', 'release'))
          OR (pool_id IS NULL) <> (game_id IS NULL) OR (seq IS NULL) <> (game_id IS NULL)
    GROUP BY user_id, currency ORDER BY user_id, currency"""

_WITHOUT_ENTRY: Final = """
    SELECT currency, user_id, cause
    FROM (SELECT currency, cause, reference, 1 AS made,
                 CAST(substr(iif(debit = 'issue', credit, debit), 8) AS INTEGER) AS user_id,
                 amount * ((debit = 'issue') - (credit = 'issue')) AS current_change,
                 amount * ((credit GLOB '*:available') - (debit GLOB '*:available'))
                     AS available_change
          FROM transfers WHERE cause IN ('credit', 'debit', 'hold', 'release')
          UNION ALL
          SELECT currency, cause, reference, -1, user_id, -current_change, -available_change
          FROM player_entries WHERE cause IN ('credit', 'debit', 'hold', 'release'))
    GROUP BY currency, user_id, cause, reference
    HAVING sum(made) <> 0 OR sum(current_change) <> 0 OR sum(available_change) <> 0
    ORDER BY user_id, currency"""

_CLOSING_BALANCES: Final = """
    SELECT user_id, currency, sum(current) AS current, sum(available) AS available,
           sum(held_current) AS held_current, sum(held_available) AS held_available
    FROM (SELECT user_id, currency, current, available, 0 AS held_current, 0 AS held_available
          FROM (SELECT user_id, currency, max(id), current, available
                FROM player_entries GROUP BY user_id, currency)
          UNION ALL
          SELECT CAST(substr(account, 8) AS INTEGER), currency, 0, 0, balance,
                 iif(account GLOB '*:available', balance, 0)
          FROM accounts WHERE account GLOB 'player:*')
    GROUP BY user_id, currency
    HAVING sum(current) <> sum(held_current) OR sum(available) <> sum(held_available)
    ORDER BY user_id, currency"""


def check_operator(database: Database) -> Iterator[str]:
    """Yield a line for each payment, hold, statement or reply that does not agree with the rest."""
    for row in database.rows(_WITHOUT_ACT):
        missing = "act" if row["made"] > 0 else "transfer"
        yield f"a {row['cause']} of {_about(row)} has no {missing}"
    for row in database.rows(_WITHOUT_TRANSFER):
        yield f"a payment, {row['kind']} of {_about(row)}, has no transfer"
    for row in database.rows(_HELD):
        held = f"{_shown(row['balance'])} {row['currency']}"
        yield f"{row['account']} has {held}, the open holds are {_shown(row['held'])}"
    yield from check_payments(database)
    yield from _statements(database)
    yield from _replies(database)
    yield from _hooks(database)


def _statements(database: Database) -> Iterator[str]:
    for row in database.rows(_BROKEN_STATEMENTS):
        about = "the statement of user {user_id} in {currency} does not follow from entry {id} on"
        yield about.format(**row)
    for row in database.rows(_WITHOUT_ENTRY):
        about = "the statement of user {user_id} in {currency} does not agree with each {cause}"
        yield about.format(**row)
    for row in database.rows(_CLOSING_BALANCES):
        shown = {
            name: _shown(row[name])
            for name in ("current", "available", "held_current", "held_available")
        }
        about = f"the statement of user {row['user_id']} ends at {shown['current']}"
        yield (
            f"{about} {row['currency']}, {shown['available']} of it available; the accounts have"
            f" {shown['held_current']} and {shown['held_available']}"
        )


def _hooks(database: Database) -> Iterator[str]:
    sql = """
        SELECT hook, game_id, seq FROM hook_cursors LEFT JOIN games ON games.id = game_id
        WHERE hook NOT IN (SELECT name FROM hooks) OR last_seq IS NULL
              OR typeof(seq) <> 'integer' OR seq NOT BETWEEN 0 AND last_seq
        ORDER BY hook, game_id"""
    for row in database.rows(sql):
        yield "hook {hook!r} cannot be at position {seq} of game {game_id}".format(**row)


def _replies(database: Database) -> Iterator[str]:
    place = 0, ""
    sql = """
        SELECT * FROM api_replies WHERE (key_id, idempotency_key) > (?, ?)
        ORDER BY key_id, idempotency_key LIMIT 1000"""
    while page := database.rows(sql, place):
        for row in page:
            if row.pop("digest") != digest(*row.values()):
                about = f"the reply kept for key {row['idempotency_key']!r} of API key"
                yield f"{about} {row['key_id']} was changed after it was sent"
        place = page[-1]["key_id"], page[-1]["idempotency_key"]


def _about(row: Row) -> str:
    return f"{_shown(row['amount'])} {row['currency']} of user {row['user_id']} at {row['at']}"


def _shown(hundredths: object) -> str:
    # A manual edit of the file may have left anything.
    return as_text(hundredths) if isinstance(hundredths, int) else f"{hundredths} hundredths of"

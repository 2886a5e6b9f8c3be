"""Compares payments and API keys with their second records (`storage/audit.py`).

A payment is recorded four times: as its row, as transfers, as a line of the player's statement, and
as an operator's act. Payments have no id in the other three, so equal ones are counted.
"""

from collections.abc import Iterator
from typing import Final

from game.money import as_text
from storage.database import Database, Row

_LAST_CAUSE: Final = """
    CASE WHEN kind <> 'hold' THEN kind WHEN status = 'open' THEN 'hold'
         WHEN posted_amount = amount THEN 'debit' ELSE 'release' END"""
"""The cause of the last line that a payment has in the statement."""

_WITHOUT_BALANCES: Final = f"""
    SELECT user_id, currency, amount, at FROM (
        SELECT user_id, currency, max(amount) AS amount, max(at) AS at, sum(made) AS made FROM (
            SELECT user_id, currency, amount, at, {_LAST_CAUSE} AS cause, reference,
                   current_balance AS current, available_balance AS available, 1 AS made
            FROM payments
            UNION ALL
            SELECT user_id, currency, 0, 0, cause, reference, current, available, 0
            FROM player_entries WHERE cause IN ('credit', 'debit', 'hold', 'release'))
        GROUP BY user_id, currency, cause, reference, current, available
        HAVING sum(made) > sum(NOT made))
    ORDER BY user_id, at"""

_IMPOSSIBLE_STATUS: Final = """
    SELECT user_id, currency, amount, at FROM payments
    WHERE coalesce(CASE
        WHEN kind <> 'hold' THEN status IS NULL AND posted_amount IS NULL AND expires_at IS NULL
        WHEN status = 'open' THEN posted_amount IS NULL
        WHEN status = 'posted' THEN posted_amount BETWEEN 1 AND amount
        WHEN status IN ('released', 'expired') THEN posted_amount = 0 END, 0) = 0
    ORDER BY user_id, at"""

_RESOLVED: Final = """
    SELECT user_id, currency, sum(posted) AS posted, sum(released) AS released FROM (
        SELECT user_id, currency, reference, posted_amount AS posted,
               amount - posted_amount AS released
        FROM payments WHERE kind = 'hold' AND status <> 'open'
        UNION ALL
        SELECT CAST(substr(debit, 8) AS INTEGER), currency, reference,
               iif(credit = 'issue', -amount, 0), iif(credit = 'issue', 0, -amount)
        FROM transfers WHERE debit GLOB 'player:*:held')
    GROUP BY user_id, currency, reference HAVING sum(posted) <> 0 OR sum(released) <> 0
    ORDER BY user_id, currency"""

_EXPIRED: Final = """
    SELECT user_id, currency, sum(expired) AS expired FROM (
        SELECT user_id, currency, reference, amount, 1 AS expired FROM payments
        WHERE status = 'expired'
        UNION ALL
        SELECT body ->> '$.user_id', body ->> '$.currency', body ->> '$.reference',
               body ->> '$.amount', -1
        FROM operator_acts WHERE kind = 'released' AND body ->> '$.by' IS NULL)
    GROUP BY user_id, currency, reference, amount HAVING sum(expired) <> 0
    ORDER BY user_id, currency"""

_UNLIKE_THE_ACT: Final = """
    SELECT user_id, currency, amount, at FROM (
        SELECT user_id, currency, amount, at, kind, reference, reason,
               (SELECT name FROM api_keys WHERE api_keys.id = key_id) AS key, 1 AS made
        FROM payments
        UNION ALL
        SELECT body ->> '$.user_id', body ->> '$.currency', body ->> '$.amount', at,
               CASE kind WHEN 'credited' THEN 'credit' WHEN 'debited' THEN 'debit' ELSE 'hold' END,
               body ->> '$.reference', body ->> '$.reason', body ->> '$.by', 0
        FROM operator_acts WHERE kind IN ('credited', 'debited', 'held'))
    GROUP BY user_id, currency, amount, at, kind, reference, reason, key
    HAVING sum(made) > sum(NOT made) ORDER BY user_id, at"""

_KEYS: Final = """
    SELECT name FROM (
        SELECT name, role, source_id, made_at AS at, 1 AS made FROM api_keys
        UNION ALL
        SELECT name, NULL, NULL, ended_at, 1 FROM api_keys WHERE ended_at IS NOT NULL
        UNION ALL
        SELECT body ->> '$.name', body ->> '$.role', body ->> '$.source_id', at, -1
        FROM operator_acts WHERE kind IN ('api_key_added', 'api_key_ended'))
    GROUP BY name, role, source_id, at HAVING sum(made) <> 0 ORDER BY name"""


def check_payments(database: Database) -> Iterator[str]:
    """Yield a line for each payment or API key that its second records do not agree with."""
    for row in database.rows(_WITHOUT_BALANCES):
        yield f"the balances of {_about(row)} are not those of the statement"
    for row in database.rows(_IMPOSSIBLE_STATUS):
        yield f"the status of {_about(row)} is impossible"
    for row in database.rows(_RESOLVED):
        yield (
            f"the holds of user {row['user_id']} in {row['currency']} were posted and released"
            f" otherwise than the transfers say: by {_shown(row['posted'])} and"
            f" {_shown(row['released'])}"
        )
    for row in database.rows(_EXPIRED):
        about = "the expired holds of user {user_id} in {currency} are not those of the acts"
        yield about.format(**row)
    for row in database.rows(_UNLIKE_THE_ACT):
        yield f"no act has the reason and the key of {_about(row)}"
    for row in database.rows(_KEYS):
        yield f"the API key {row['name']!r} does not agree with the acts"


def _about(row: Row) -> str:
    money = f"{_shown(row['amount'])} {row['currency']}"
    return f"the payment of {money} for user {row['user_id']} at {row['at']}"


def _shown(hundredths: object) -> str:
    # A manual edit of the file may have left anything.
    return as_text(hundredths) if isinstance(hundredths, int) else f"{hundredths} hundredths of"

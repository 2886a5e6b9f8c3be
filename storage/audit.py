"""`toteboard check`: verifies that the database agrees with itself; one line for each problem.

This module verifies the file and the accounts. The journals are verified by
`storage/replay_audit.py`, the definitions of tables by `storage/schema_audit.py`, users, acts and
sources by `storage/catalogue_audit.py`, players' own limits by `storage/limit_audit.py`, payments
and statements by `storage/operator_audit.py`, and replies by `storage/kept_replies.py`. None of
them repairs anything.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from game.money import as_text
from storage.catalogue_audit import check_catalogue
from storage.database import Database
from storage.errors import StorageError
from storage.kept_replies import check_kept_replies
from storage.limit_audit import check_own_limits
from storage.operator_audit import check_operator
from storage.progress import OnProgress, unobserved
from storage.replay_audit import check_journals
from storage.schema_audit import check_schema, check_types

_ACCOUNT: Final = re.compile(
    r"issue|pool:[0-9a-f-]{36}|player:(?P<user>[1-9][0-9]*):(available|exposure|held)"
    r"|(house|carry):(?P<source>[0-9a-f-]{36})"
)

_DISAGREEING: Final = """
    SELECT account, currency, sum(balance) AS balance, sum(moved) AS moved,
           sum(is_account) AS accounts, count(*) AS entries
    FROM (SELECT account, currency, balance, 0 AS moved, 1 AS is_account FROM accounts
          UNION ALL SELECT credit, currency, 0, amount, 0 FROM transfers
          UNION ALL SELECT debit, currency, 0, -amount, 0 FROM transfers)
    GROUP BY account, currency
    HAVING sum(balance) <> sum(moved) OR accounts = 0 OR accounts = entries
    ORDER BY account, currency"""


_WRONG_SIGN: Final = """
    SELECT * FROM accounts WHERE typeof(balance) = 'integer'
    AND balance <> 0 AND account NOT GLOB 'house:*' AND (account = 'issue') = (balance > 0)"""

_NOT_A_NUMBER: Final = "SELECT * FROM accounts WHERE typeof(balance) <> 'integer'"

_ODD: Final = """
    SELECT id, debit, credit, amount, cause FROM transfers
    WHERE debit = credit OR (debit = 'issue') <> (cause = 'credit')
       OR (credit = 'issue') <> (cause = 'debit')
       OR (game_id IS NULL) <> (cause IN ('credit', 'debit', 'hold', 'release'))
       OR (seq IS NULL) <> (game_id IS NULL)
       OR (cause = 'correction' AND (credit GLOB 'pool:*') = (debit GLOB 'pool:*'))
       OR (cause <> 'correction' AND (
           (credit GLOB 'house:*') <> (cause IN ('takeout', 'breakage', 'shortfall_back'))
           OR (debit GLOB 'house:*') <> (cause IN ('minus', 'shortfall'))
           OR (credit GLOB 'carry:*') <> (cause = 'carry_out')
           OR (debit GLOB 'carry:*') <> (cause = 'carry_in')))
       OR amount <= 0
    ORDER BY id"""

_CREDITS: Final = """
    SELECT at, currency, account, amount, sum(made) AS made
    FROM (SELECT at, currency, credit AS account, amount, 1 AS made FROM transfers
          WHERE cause = 'credit'
          UNION ALL
          SELECT at, body ->> '$.currency', 'player:' || (body ->> '$.user_id') || ':available',
                 body ->> '$.amount', -1 FROM operator_acts
          WHERE kind = 'credited'
          UNION ALL
          SELECT at, start.key, 'player:' || (body ->> '$.user_id') || ':available', start.value, -1
          FROM operator_acts, json_each(body, '$.balances') AS start WHERE kind = 'user_added')
    GROUP BY at, currency, account, amount HAVING sum(made) <> 0
    ORDER BY at, account"""


def audit(database: Database, on_progress: OnProgress = unobserved) -> list[str]:
    """Return all problems, as of one moment; a server may be writing.

    Report progress in facts, because replaying them is most of the work.
    """
    journals = partial(check_journals, on_progress=on_progress)
    checks = (
        *(check_file, check_schema, check_types),
        *(check_catalogue, check_own_limits, check_books, journals, check_operator),
        check_kept_replies,
    )
    with database.snapshot():
        return [line for check in checks for line in _until_unreadable(check, database)]


def summary(database: Database) -> str:
    """Return the number of users, games, facts and transfers, in one line."""
    counts = database.row("""
        SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM games) AS games,
               (SELECT count(*) FROM facts) AS facts, (SELECT count(*) FROM transfers) AS transfers
        """)
    return ", ".join(f"{count} {name}" for name, count in (counts or {}).items())


def check_file(database: Database) -> Iterator[str]:
    """Verify the file with SQLite: pages, indexes, constraints and references."""
    for row in database.rows("PRAGMA integrity_check"):
        if row["integrity_check"] != "ok":
            yield f"the file is damaged: {row['integrity_check']}"
    for row in database.rows("PRAGMA foreign_key_check"):
        yield f"row {row['rowid']} of {row['table']} refers to no row of {row['parent']}"


def check_books(database: Database) -> Iterator[str]:
    """Verify double entry: accounts against transfers, sums by currency, signs, and owners."""
    yield from _accounts_against_transfers(database)
    yield from _sums_and_signs(database)
    yield from _owners(database)
    yield from _credits(database)
    for row in database.rows(_ODD):
        yield "transfer {id} is invalid: {amount} from {debit} to {credit} as {cause}".format(**row)


def _accounts_against_transfers(database: Database) -> Iterator[str]:
    for row in database.rows(_DISAGREEING):
        about = f"{row['account']} has {_shown(row['balance'])} {row['currency']}"
        if not row["accounts"]:
            yield f"{row['account']} has transfers in {row['currency']} and no account"
        elif row["accounts"] == row["entries"]:
            yield f"{about} and no transfers"
        else:
            yield f"{about}, its transfers sum to {_shown(row['moved'])}"


def _sums_and_signs(database: Database) -> Iterator[str]:
    sums = "SELECT currency, sum(balance) AS excess FROM accounts GROUP BY currency"
    for row in database.rows(f"{sums} HAVING excess <> 0"):
        yield f"{row['currency']} sums to {_shown(row['excess'])} more than was credited"
    for row in database.rows(_WRONG_SIGN):
        held = f"{_shown(row['balance'])} {row['currency']}"
        yield f"{row['account']} has {held}: the balance has the wrong sign"
    for row in database.rows(_NOT_A_NUMBER):
        about = f"{row['account']} has {row['balance']!r} {row['currency']}"
        yield f"{about}, which is not a valid balance"


def _owners(database: Database) -> Iterator[str]:
    users = {str(row["id"]) for row in database.rows("SELECT id FROM users")}
    sources = {row["id"] for row in database.rows("SELECT id FROM sources")}
    for row in database.rows("SELECT DISTINCT account FROM accounts ORDER BY account"):
        match = _ACCOUNT.fullmatch(str(row["account"]))
        if match is None:
            yield f"{row['account']} is not a valid account name"
        elif match["user"] and match["user"] not in users:
            yield f"{row['account']} belongs to a user who does not exist"
        elif match["source"] and match["source"] not in sources:
            yield f"{row['account']} belongs to a source that does not exist"


def _credits(database: Database) -> Iterator[str]:
    """Verify credits and starting balances against the operators' acts."""
    for row in database.rows(_CREDITS):
        about = f"{_shown(row['amount'])} {row['currency']} to {row['account']} at {row['at']}"
        yield f"a credit of {about} has no {'act' if row['made'] > 0 else 'transfer'}"


def _shown(hundredths: int | float) -> str:
    # A manual edit of the file may have left fractions.
    return as_text(hundredths) if isinstance(hundredths, int) else f"{hundredths} hundredths of"


def _until_unreadable(
    check: Callable[[Database], Iterable[str]], database: Database
) -> Iterator[str]:
    try:
        yield from check(database)
    except StorageError as error:
        yield f"the file cannot be read to the end: {error}"

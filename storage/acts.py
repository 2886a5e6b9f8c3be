"""What operators did, in order: for a server that may be running, and for the books.

The command line appends an act in the transaction of the change that it tells of; the server reads
on from the last one it saw. Credits are applied to balances in memory, so a server has to read
`last_act` and the accounts in one `Database.snapshot`.
"""

from enum import StrEnum
from typing import Any

import orjson
from attrs import frozen

from storage.chain import digest
from storage.changes import OperatorActed
from storage.database import Database


class ActKind(StrEnum):
    """The kinds of acts, each with the keys of its body."""

    CREDITED = "credited"
    """user_id, currency, amount (hundredths)."""
    KEY_MADE = "key_made"
    """user_id."""
    DISABLED = "disabled"
    """user_id."""
    SOURCE_ADMIN_ADDED = "source_admin_added"
    """source_id, user_id."""
    USER_ADDED = "user_added"
    """user_id, name, can_host, balances (hundredths by currency): by an operator or a sign-up."""


@frozen
class Act:
    """One act; `at` in epoch ms."""

    id: int
    at: int
    kind: ActKind
    body: dict[str, Any]


def acted(kind: ActKind, at: int, **body: Any) -> OperatorActed:
    """The change that records an act at `at` (epoch ms), and tells a server of it."""
    text = orjson.dumps(body).decode()
    return OperatorActed(at, kind, text, digest(at, kind, text))


def acts_since(database: Database, last_id: int) -> list[Act]:
    """The acts after `last_id`, in the order in which they happened."""
    rows = database.rows("SELECT * FROM operator_acts WHERE id > ? ORDER BY id", (last_id,))
    return [
        Act(row["id"], row["at"], ActKind(row["kind"]), orjson.loads(row["body"])) for row in rows
    ]


def last_act(database: Database) -> int:
    """The id of the newest act, 0 if there is none."""
    row = database.row("SELECT max(id) AS id FROM operator_acts")
    return row["id"] or 0 if row else 0

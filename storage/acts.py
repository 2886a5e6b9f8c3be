"""What operators did, in order: `toteboard check` holds every credit against its act.

An act is written in the transaction of the change that it is about (`storage/store.py`).
"""

from enum import StrEnum

import orjson

from storage.changes import OperatorActed


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


def acted(kind: ActKind, at: int, **body: int | str) -> OperatorActed:
    """The change that records an act at `at` (epoch ms)."""
    return OperatorActed(at, kind, orjson.dumps(body).decode())

"""The record of what operators and moderators did, and players about themselves, in order.

`toteboard check` compares every credit, sanction, own limit and break with its act. An act is
written in the transaction of the change that it records (`storage/store.py`). Every act may also
have `by`, the name of the API key that asked for it, `reason` and `reference`.
"""

from enum import StrEnum
from typing import Any

import orjson

from storage.chain import digest
from storage.changes import OperatorActed


class ActKind(StrEnum):
    """The kinds of acts. The text below each names the keys of its body."""

    CREDITED = "credited"
    """user_id, currency, amount (hundredths)."""
    KEY_MADE = "key_made"
    """user_id. Also written when a player signs out of all devices."""
    DISABLED = "disabled"
    """user_id."""
    SOURCE_ADMIN_ADDED = "source_admin_added"
    """source_id, user_id."""
    USER_ADDED = "user_added"
    """user_id, name, can_host, balances (hundredths by currency). Also written by a sign-up."""
    DEBITED = "debited"
    """As `credited`. Also written when a hold is posted."""
    HELD = "held"
    """As `credited`: money was set aside."""
    RELEASED = "released"
    """As `credited`: money that was set aside is available again."""
    ENABLED = "enabled"
    """user_id."""
    HOST_SET = "host_set"
    """user_id, can_host."""
    PASSWORD_SET = "password_set"
    """user_id."""
    ERASED = "erased"
    """user_id. The name is also removed from the act that added the user."""
    MUTED = "muted"
    """user_id, venue_id (of a game or source), until; moderator_id for a user on the socket."""
    UNMUTED = "unmuted"
    """As `muted`; until is null."""
    BANNED = "banned"
    """As `muted`."""
    BAN_LIFTED = "ban_lifted"
    """As `unmuted`."""
    SLOW_MODE_SET = "slow_mode_set"
    """game_id, ms; moderator_id."""
    LIMITS_SET = "limits_set"
    """user_id, currency, limits (period, kind, amount, next_amount, next_at); by the player."""
    BREAK_TAKEN = "break_taken"
    """user_id, until; by the player."""
    BREAK_LIFTED = "break_lifted"
    """user_id."""
    API_KEY_ADDED = "api_key_added"
    """name, role, source_id."""
    API_KEY_ENDED = "api_key_ended"
    """name."""
    HOOK_REPLAYED = "hook_replayed"
    """name, from_ms (epoch ms)."""


def acted(kind: ActKind, at: int, **body: Any) -> OperatorActed:
    """Return the row of an act at `at` (epoch ms)."""
    text = orjson.dumps(body).decode()
    return OperatorActed(at, kind, text, digest(at, kind, text))

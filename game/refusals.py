"""Refusals: each has a code and a sentence that contains the values at issue.

The rules and the reading of parameters raise a `Refusal`. `protocol/errors.py` turns it into an
error reply. Any other exception is a bug in the server.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

LONGEST_QUOTE = 100
"""Code points of a request that a text quotes at most (contract, section 1, "Errors")."""


class Code(StrEnum):
    """The error codes (contract, section 1)."""

    MALFORMED_MESSAGE = "malformed_message"
    UNKNOWN_OP = "unknown_op"
    MISSING_PARAMETER = "missing_parameter"
    INVALID_PARAMETER = "invalid_parameter"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_GAME = "unknown_game"
    UNKNOWN_POOL = "unknown_pool"
    UNKNOWN_ACTION = "unknown_action"
    UNKNOWN_TARGET = "unknown_target"
    UNKNOWN_USER = "unknown_user"
    NOT_AUTHORIZED = "not_authorized"
    SOURCE_CLOSED = "source_closed"
    GAME_NOT_OPEN = "game_not_open"
    GAME_ALREADY_OPEN = "game_already_open"
    GAME_CLOSED = "game_closed"
    POOL_BLOCKED = "pool_blocked"
    POOL_RESOLVED = "pool_resolved"
    POOL_NOT_RESOLVED = "pool_not_resolved"
    POOL_NOT_DECIDED = "pool_not_decided"
    ALREADY_EXISTS = "already_exists"
    NOT_JOINED = "not_joined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    LIMIT_REACHED = "limit_reached"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    INTERNAL_ERROR = "internal_error"

    @property
    def retryable(self) -> bool:
        """Return whether the same request may succeed if it is sent again."""
        return self in (Code.RATE_LIMITED, Code.OVERLOADED, Code.INTERNAL_ERROR)


class Refusal(Exception):
    """A request is rejected by the rules. Nothing has changed.

    `sentence` contains a `{name}` for each of the `values`. Only the values may come from a
    request, and each is shortened (`quote`). `parameter` is the name of the parameter at fault.
    `details` are added to the error reply unchanged.
    """

    def __init__(
        self,
        code: Code,
        sentence: str,
        *,
        parameter: str | None = None,
        details: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> None:
        quoted = {name: quote(value) for name, value in values.items()}
        text = sentence.format_map(quoted) if quoted else sentence
        super().__init__(text)
        self.code = code
        self.text = text
        self.parameter = parameter
        self.details = details or {}


class AdminRefusal(Refusal):
    """Admin rights are refused. This reply has a response code of its own, and a `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(Code.NOT_AUTHORIZED, reason)


def quote(value: Any) -> str:
    """Return a value as text, shortened to its first `LONGEST_QUOTE` code points."""
    text = str(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def missing(parameter: str) -> Refusal:
    """Return the refusal for a required parameter that is not given."""
    sentence = "The required parameter '{name}' is missing."
    return Refusal(Code.MISSING_PARAMETER, sentence, name=parameter, parameter=parameter)


def invalid(parameter: str, wanted: str, **values: Any) -> Refusal:
    """Return the refusal for an invalid parameter; `wanted` ends "'x' must be ..."."""
    sentence = f"'{parameter}' must be {wanted}."
    return Refusal(Code.INVALID_PARAMETER, sentence, parameter=parameter, **values)


def unknown(thing: str, value: str) -> Refusal:
    """Return the refusal for a source, game, pool, action, target or user that does not exist."""
    return Refusal(
        Code(f"unknown_{thing}"), "No {thing} '{value}' exists.", thing=thing, value=value
    )


def limit_reached(limit: str, allowed: int) -> Refusal:
    """Return the refusal for exceeding a limit; `limit` names what is limited."""
    return Refusal(
        Code.LIMIT_REACHED,
        "At most {allowed} {limit} are allowed.",
        allowed=allowed,
        limit=limit,
        details={"limit": allowed},
    )


def too_late(what: str, window_ms: int) -> Refusal:
    """Return the refusal of what is possible for `window_ms` only; `what` begins the text."""
    return Refusal(
        Code.LIMIT_REACHED,
        "{what} for {minutes} minutes only.",
        what=what,
        minutes=window_ms // 60_000,
        details={"limit": window_ms},
    )


def rate_limited(limit: str, wait_s: float, **values: Any) -> Refusal:
    """Return the refusal for too many requests. `limit` begins the text; retry after `wait_s`."""
    wait_ms = max(1, math.ceil(wait_s * 1_000 - 0.001))  # Anything smaller is a rounding error.
    sentence = f"{limit}. Try again in {{wait_ms}} ms."
    details = {"retry_after_ms": wait_ms}
    return Refusal(Code.RATE_LIMITED, sentence, wait_ms=wait_ms, details=details, **values)


def game_already_closed(game_id: str) -> Refusal:
    """Return the refusal for a change of a closed game, or a join."""
    return Refusal(Code.GAME_CLOSED, "Game '{game_id}' is closed.", game_id=game_id)


def source_already_closed(source_id: str) -> Refusal:
    """Return the refusal for a change of a source that is closed or closing."""
    sentence = "Source '{source_id}' is closed or closing."
    return Refusal(Code.SOURCE_CLOSED, sentence, source_id=source_id)


def game_not_open(game_id: str) -> Refusal:
    """Return the refusal for a game in which betting is not active yet, or no longer."""
    sentence = "Betting is not active in game '{game_id}'."
    return Refusal(Code.GAME_NOT_OPEN, sentence, game_id=game_id)


def not_joined(game_id: str) -> Refusal:
    """Return the refusal for a connection that is not a subscriber of the game."""
    sentence = "This connection has not joined game '{game_id}'."
    return Refusal(Code.NOT_JOINED, sentence, game_id=game_id)


def something_happened() -> Refusal:
    """Return the refusal for a bet that waited for its delay while an event was registered."""
    sentence = "Something has happened in the game since you placed the bet."
    return Refusal(Code.POOL_BLOCKED, sentence)


def pool_already_resolved(pool_id: str) -> Refusal:
    """Return the refusal for a change of a resolved pool."""
    return Refusal(Code.POOL_RESOLVED, "Pool '{pool_id}' is already resolved.", pool_id=pool_id)


def pool_not_resolved(pool_id: str) -> Refusal:
    """Return the refusal of a question about the end of a pool that has not ended."""
    sentence = "Pool '{pool_id}' is not resolved yet."
    return Refusal(Code.POOL_NOT_RESOLVED, sentence, pool_id=pool_id)

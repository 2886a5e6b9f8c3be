"""The ways in which the server says no, each with its code and a sentence with the values at issue.

A `Refusal` is raised by rules and by the reading of parameters alike, and becomes an error reply in
one place, `protocol/errors.py`. Anything else that is raised is a bug of ours.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

LONGEST_QUOTE = 100
"""Code points of a request that a text repeats (contract, section 1, "Errors")."""


class Code(StrEnum):
    """The codes of the contract's errors (section 1)."""

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
        """Whether the same request may succeed when it is simply sent again."""
        return self in (Code.RATE_LIMITED, Code.OVERLOADED, Code.INTERNAL_ERROR)


class Refusal(Exception):
    """No, and why. After it nothing has changed.

    `sentence` is the server's own, with a `{name}` for each of the `values`. Only these may come
    from a request; each is cut (`quote`). `parameter` names the parameter at fault; `details` go
    into the error reply as they are.
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
    """The one no that the API document answers with a code of its own, 645, and a `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(Code.NOT_AUTHORIZED, reason)


def quote(value: Any) -> str:
    """What a text says of a value: no more than the first `LONGEST_QUOTE` code points."""
    text = str(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def missing(parameter: str) -> Refusal:
    """A parameter that the op needs was not given."""
    sentence = "'{name}' is missing."
    return Refusal(Code.MISSING_PARAMETER, sentence, name=parameter, parameter=parameter)


def invalid(parameter: str, wanted: str, **values: Any) -> Refusal:
    """A parameter is not what is wanted; `wanted` ends the sentence "'x' must be ..."."""
    sentence = f"'{parameter}' must be {wanted}."
    return Refusal(Code.INVALID_PARAMETER, sentence, parameter=parameter, **values)


def unknown(thing: str, value: str) -> Refusal:
    """No such source, game, pool, action, target or user."""
    return Refusal(
        Code(f"unknown_{thing}"), "There is no {thing} '{value}'.", thing=thing, value=value
    )


def limit_reached(limit: str, allowed: int) -> Refusal:
    """More than the server takes; `limit` is the limit's name where it has one."""
    return Refusal(
        Code.LIMIT_REACHED,
        "At most {allowed} {limit} are allowed.",
        allowed=allowed,
        limit=limit,
        details={"limit": allowed},
    )


def rate_limited(limit: str, wait_s: float, **values: Any) -> Refusal:
    """Too fast; `limit` begins the sentence, and in `wait_s` seconds it may be sent again."""
    wait_ms = max(1, math.ceil(wait_s * 1_000 - 0.001))  # less than that is the rounding of floats
    sentence = f"{limit}; try again in {{wait_ms}} ms."
    details = {"retry_after_ms": wait_ms}
    return Refusal(Code.RATE_LIMITED, sentence, wait_ms=wait_ms, details=details, **values)


def game_closed(game_id: str) -> Refusal:
    """A closed game takes no changes and no subscribers."""
    return Refusal(Code.GAME_CLOSED, "Game '{game_id}' is closed.", game_id=game_id)


def game_not_open(game_id: str) -> Refusal:
    """Betting is not active: not yet, or not any more."""
    sentence = "Betting is not active in game '{game_id}'."
    return Refusal(Code.GAME_NOT_OPEN, sentence, game_id=game_id)


def not_joined(game_id: str) -> Refusal:
    """The connection is no subscriber of the game."""
    sentence = "This connection has not joined game '{game_id}'."
    return Refusal(Code.NOT_JOINED, sentence, game_id=game_id)


def pool_resolved(pool_id: str) -> Refusal:
    """A pool that has been resolved takes no changes."""
    return Refusal(Code.POOL_RESOLVED, "Pool '{pool_id}' has been resolved.", pool_id=pool_id)

"""The refusals, a class for each code. Generated from docs/reference/asyncapi.json: `make docs`."""

from toteboard_client.errors import RefusedError

__all__ = [
    "AlreadyExistsError",
    "GameAlreadyOpenError",
    "GameClosedError",
    "GameNotOpenError",
    "IdempotencyConflictError",
    "InsufficientFundsError",
    "InternalErrorError",
    "InvalidParameterError",
    "LimitReachedError",
    "MalformedMessageError",
    "MissingParameterError",
    "NotAuthorizedError",
    "NotJoinedError",
    "OverloadedError",
    "PoolBlockedError",
    "PoolNotDecidedError",
    "PoolNotResolvedError",
    "PoolResolvedError",
    "RateLimitedError",
    "SourceClosedError",
    "UnknownActionError",
    "UnknownGameError",
    "UnknownOpError",
    "UnknownPoolError",
    "UnknownSourceError",
    "UnknownTargetError",
    "UnknownUserError",
]


class MalformedMessageError(RefusedError):
    """The code `malformed_message`."""

    CODE = "malformed_message"


class UnknownOpError(RefusedError):
    """The code `unknown_op`."""

    CODE = "unknown_op"


class MissingParameterError(RefusedError):
    """The code `missing_parameter`."""

    CODE = "missing_parameter"


class InvalidParameterError(RefusedError):
    """The code `invalid_parameter`."""

    CODE = "invalid_parameter"


class UnknownSourceError(RefusedError):
    """The code `unknown_source`."""

    CODE = "unknown_source"


class UnknownGameError(RefusedError):
    """The code `unknown_game`."""

    CODE = "unknown_game"


class UnknownPoolError(RefusedError):
    """The code `unknown_pool`."""

    CODE = "unknown_pool"


class UnknownActionError(RefusedError):
    """The code `unknown_action`."""

    CODE = "unknown_action"


class UnknownTargetError(RefusedError):
    """The code `unknown_target`."""

    CODE = "unknown_target"


class UnknownUserError(RefusedError):
    """The code `unknown_user`."""

    CODE = "unknown_user"


class NotAuthorizedError(RefusedError):
    """The code `not_authorized`."""

    CODE = "not_authorized"


class SourceClosedError(RefusedError):
    """The code `source_closed`."""

    CODE = "source_closed"


class GameNotOpenError(RefusedError):
    """The code `game_not_open`."""

    CODE = "game_not_open"


class GameAlreadyOpenError(RefusedError):
    """The code `game_already_open`."""

    CODE = "game_already_open"


class GameClosedError(RefusedError):
    """The code `game_closed`."""

    CODE = "game_closed"


class PoolBlockedError(RefusedError):
    """The code `pool_blocked`."""

    CODE = "pool_blocked"


class PoolResolvedError(RefusedError):
    """The code `pool_resolved`."""

    CODE = "pool_resolved"


class PoolNotResolvedError(RefusedError):
    """The code `pool_not_resolved`."""

    CODE = "pool_not_resolved"


class PoolNotDecidedError(RefusedError):
    """The code `pool_not_decided`."""

    CODE = "pool_not_decided"


class AlreadyExistsError(RefusedError):
    """The code `already_exists`."""

    CODE = "already_exists"


class NotJoinedError(RefusedError):
    """The code `not_joined`."""

    CODE = "not_joined"


class InsufficientFundsError(RefusedError):
    """The code `insufficient_funds`."""

    CODE = "insufficient_funds"


class IdempotencyConflictError(RefusedError):
    """The code `idempotency_conflict`."""

    CODE = "idempotency_conflict"


class LimitReachedError(RefusedError):
    """The code `limit_reached`."""

    CODE = "limit_reached"


class RateLimitedError(RefusedError):
    """The code `rate_limited`."""

    CODE = "rate_limited"


class OverloadedError(RefusedError):
    """The code `overloaded`."""

    CODE = "overloaded"


class InternalErrorError(RefusedError):
    """The code `internal_error`."""

    CODE = "internal_error"

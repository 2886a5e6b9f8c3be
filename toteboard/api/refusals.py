"""The refusals of the API: a code, a sentence, and the parameter at fault.

The named writes and reads refuse with errors of their own. `refusal_of` maps each to an answer, in
one table. The codes are those of the protocol where both have a case.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from game.money import amount, as_text
from game.refusals import Refusal, quote
from storage.accounts import TooMuchMoneyError
from storage.api_keys import KeyEndedError
from storage.api_replies import KeyReusedError
from storage.errors import StorageError
from storage.payments import (
    AboveHoldError,
    ExpiryPassedError,
    HoldResolvedError,
    InsufficientFundsError,
    ReferenceConflictError,
    UnknownHoldError,
)
from storage.user_writes import OpenMoneyError
from storage.users import (
    ErasedUserError,
    ExternalIdTakenError,
    NameTakenError,
    OperatorError,
    UnknownUserError,
)


class ApiCode(StrEnum):
    """The error codes of the API."""

    MALFORMED_MESSAGE = "malformed_message"
    MISSING_PARAMETER = "missing_parameter"
    INVALID_PARAMETER = "invalid_parameter"
    NOT_AUTHENTICATED = "not_authenticated"
    NOT_AUTHORIZED = "not_authorized"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_HOLD = "unknown_hold"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    ALREADY_EXISTS = "already_exists"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    HOLD_RESOLVED = "hold_resolved"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_REACHED = "limit_reached"
    OPEN_MONEY = "open_money"
    USER_ERASED = "user_erased"
    SOURCE_CLOSED = "source_closed"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    INTERNAL_ERROR = "internal_error"

    @property
    def status(self) -> int:
        """The HTTP status of answers with this code."""
        return _STATUS[self]


_STATUS: Final[Mapping[ApiCode, int]] = {
    **dict.fromkeys((ApiCode.MALFORMED_MESSAGE, ApiCode.MISSING_PARAMETER), 400),
    ApiCode.INVALID_PARAMETER: 400,
    ApiCode.NOT_AUTHENTICATED: 401,
    ApiCode.NOT_AUTHORIZED: 403,
    **dict.fromkeys((ApiCode.UNKNOWN_USER, ApiCode.UNKNOWN_SOURCE, ApiCode.UNKNOWN_HOLD), 404),
    ApiCode.NOT_FOUND: 404,
    ApiCode.METHOD_NOT_ALLOWED: 405,
    **dict.fromkeys((ApiCode.ALREADY_EXISTS, ApiCode.IDEMPOTENCY_CONFLICT), 409),
    ApiCode.HOLD_RESOLVED: 409,
    **dict.fromkeys((ApiCode.INSUFFICIENT_FUNDS, ApiCode.LIMIT_REACHED), 422),
    **dict.fromkeys((ApiCode.OPEN_MONEY, ApiCode.USER_ERASED, ApiCode.SOURCE_CLOSED), 422),
    ApiCode.RATE_LIMITED: 429,
    ApiCode.OVERLOADED: 503,
    ApiCode.INTERNAL_ERROR: 500,
}


_HEADERS: Final[Mapping[ApiCode, Mapping[str, str]]] = {
    ApiCode.NOT_AUTHENTICATED: {"WWW-Authenticate": "Bearer"},
    ApiCode.OVERLOADED: {"Retry-After": "2"},
}
"""The headers that answers with a code have. `wrong_method` adds another."""


class ApiRefusal(Exception):
    """A call is refused. Nothing has changed. `more` is added to the body of the answer.

    `headers` are those that the answer must have besides its body.
    """

    def __init__(
        self, code: ApiCode, text: str, *, parameter: str | None = None, **more: Any
    ) -> None:
        super().__init__(text)
        self.status = code.status
        self.headers = _HEADERS.get(code, {})
        self.body = {"code": str(code), "text": text, "parameter": parameter, **more}


def invalid_value(parameter: str, wanted: str) -> ApiRefusal:
    """Return the refusal of a value; `wanted` ends the sentence "'x' must be ..."."""
    text = f"'{parameter}' must be {wanted}."
    return ApiRefusal(ApiCode.INVALID_PARAMETER, text, parameter=parameter)


def unknown_thing(code: ApiCode, thing: str, value: str) -> ApiRefusal:
    """Return the refusal of a call about something that does not exist."""
    return ApiRefusal(code, f"No {thing} {quote(repr(value))} exists.")


def not_authenticated() -> ApiRefusal:
    """Return the refusal of a call without a key that works. It is the same for every reason."""
    text = "Send an API key that works, as 'Authorization: Bearer KEY'."
    return ApiRefusal(ApiCode.NOT_AUTHENTICATED, text)


def wrong_method(allowed: Iterable[str]) -> ApiRefusal:
    """Return the refusal of a call whose path exists, but not with its method."""
    methods = ", ".join(allowed)
    refusal = ApiRefusal(ApiCode.METHOD_NOT_ALLOWED, f"This path allows {methods}.")
    refusal.headers = {"Allow": methods}
    return refusal


def refusal_by_rule(refusal: Refusal) -> ApiRefusal:
    """Return the answer to a call that a rule of the protocol refuses."""
    code, more = ApiCode(str(refusal.code)), dict(refusal.details)
    return ApiRefusal(code, refusal.text, parameter=refusal.parameter, **more)


def refusal_of(error: OperatorError | StorageError) -> ApiRefusal:
    """Return the answer to a call whose write or read raised this error."""
    for kind, answer in _ANSWERS.items():
        if isinstance(error, kind):
            return answer(error)
    text = "The server could not save your request. Nothing has changed; try again."
    return ApiRefusal(ApiCode.OVERLOADED, text)


def _insufficient(error: InsufficientFundsError) -> ApiRefusal:
    free = amount(error.free)
    text = f"The amount is above the {free} {error.currency} that the user can spend."
    return ApiRefusal(ApiCode.INSUFFICIENT_FUNDS, text, parameter="amount", available_balance=free)


def _above_hold(error: AboveHoldError) -> ApiRefusal:
    held = amount(error.held)
    text = f"The amount is above the {held} {error.currency} of the hold."
    return ApiRefusal(ApiCode.LIMIT_REACHED, text, parameter="amount", limit=held)


def _too_much(error: TooMuchMoneyError) -> ApiRefusal:
    left = f"{as_text(error.left)} {error.currency}"
    text = f"Only {left} more can be credited, to all users of this server."
    return ApiRefusal(ApiCode.LIMIT_REACHED, text, parameter="amount", limit=amount(error.left))


def _always(code: ApiCode, text: str, parameter: str | None = None) -> Callable[[Any], ApiRefusal]:
    return lambda _error: ApiRefusal(code, text, parameter=parameter)


_ANSWERS: Final[Mapping[type[Exception], Callable[[Any], ApiRefusal]]] = {
    KeyEndedError: lambda _error: not_authenticated(),
    UnknownUserError: _always(ApiCode.UNKNOWN_USER, "No user has this id."),
    UnknownHoldError: _always(ApiCode.UNKNOWN_HOLD, "No hold has this id."),
    NameTakenError: _always(
        ApiCode.ALREADY_EXISTS,
        "This name is taken. Names that differ only in case count as the same.",
        "name",
    ),
    ExternalIdTakenError: _always(
        ApiCode.ALREADY_EXISTS, "Another user has this external id.", "external_id"
    ),
    ReferenceConflictError: _always(
        ApiCode.IDEMPOTENCY_CONFLICT,
        "This reference belongs to a payment with another user, currency or amount.",
        "reference",
    ),
    KeyReusedError: _always(
        ApiCode.IDEMPOTENCY_CONFLICT, "This Idempotency-Key was used for another request."
    ),
    HoldResolvedError: _always(
        ApiCode.HOLD_RESOLVED, "This hold was posted or released, or has expired."
    ),
    ExpiryPassedError: lambda _error: invalid_value("expires_at", "a time in the future"),
    ErasedUserError: _always(
        ApiCode.USER_ERASED, "This user is erased. Only debits and holds are possible."
    ),
    OpenMoneyError: _always(
        ApiCode.OPEN_MONEY,
        "This user has stakes in open pools, or open holds. Resolve them first.",
    ),
    InsufficientFundsError: _insufficient,
    AboveHoldError: _above_hold,
    TooMuchMoneyError: _too_much,
}

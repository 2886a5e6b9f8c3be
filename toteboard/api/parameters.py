"""The parameters of the calls, and how they are read from a body or a query.

Each field names a shape, as the parameters of the protocol do (`game/shapes.py`). Unknown fields
are ignored; null and blank strings count as not given.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from attrs import NOTHING, Attribute, field, fields, frozen

from game.money import hundredths
from game.refusals import Refusal
from game.shapes import (
    Currency,
    CurrencyCode,
    Flag,
    OneOf,
    Stake,
    Text,
    Whole,
    WrongShapeError,
    is_given,
)
from game.vocabulary import LARGEST_TIME, PAGE_SIZE
from protocol.codec import read_frame
from storage.payments import LONGEST_REASON, LONGEST_REFERENCE
from storage.users import is_name
from toteboard.api.refusals import ApiCode, ApiRefusal, invalid_value


@frozen
class OneLine(Text):
    """A text of one line."""

    def read(self, value: Any) -> str:
        """Return the text, trimmed. Raises `WrongShapeError`."""
        text = super().read(value)
        if not text.isprintable():
            raise WrongShapeError(self.wanted)
        return text


@frozen
class UserName:
    """A name that a user can have."""

    wanted = "1 to 50 of A-Z a-z 0-9 . _ -"

    def read(self, value: Any) -> str:
        """Return the name. Raises `WrongShapeError`."""
        if not isinstance(value, str) or not is_name(value.strip()):
            raise WrongShapeError(self.wanted)
        return value.strip()


@frozen
class StartingBalances:
    """Amounts by currency, 0 allowed."""

    wanted = "an object of amounts by currency"

    def read(self, value: Any) -> dict[str, int]:
        """Return hundredths by currency. Raises `WrongShapeError`."""
        if not isinstance(value, dict):
            raise WrongShapeError(self.wanted)
        try:
            return {Currency().read(name): hundredths(size) for name, size in value.items()}
        except (ValueError, TypeError):
            raise WrongShapeError(self.wanted) from None


TimeMs = Annotated[int, Whole(0, LARGEST_TIME, "a time in epoch milliseconds,")]
Reason = Annotated[str, OneLine(LONGEST_REASON)]
PageLength = Annotated[int, Whole(1, PAGE_SIZE)]
MOST_USERS: Final = 100
"""Users of a list, because the balances of each are read."""


@frozen(kw_only=True)
class Nothing:
    """No parameters."""


@frozen(kw_only=True)
class NewUserBody:
    """The body of POST /v1/users."""

    name: Annotated[str, UserName()]
    external_id: Annotated[str, OneLine(200)] | None = None
    can_host: Annotated[bool, Flag()] = False
    balances: Annotated[dict[str, int], StartingBalances()] = field(factory=dict)


@frozen(kw_only=True)
class UserQuery:
    """The query of GET /v1/users."""

    external_id: Annotated[str, OneLine(200)] | None = None
    name: Annotated[str, OneLine(50)] | None = None
    query: Annotated[str, OneLine(50)] | None = None
    limit: Annotated[int, Whole(1, MOST_USERS)] | None = None


@frozen(kw_only=True)
class ReasonBody:
    """The body of a call that only has a reason."""

    reason: Reason | None = None


@frozen(kw_only=True)
class LiftBody:
    """The body of a call that lifts a mute or a ban."""

    username: Annotated[str, OneLine(50)]
    reason: Reason | None = None


@frozen(kw_only=True)
class SanctionBody(LiftBody):
    """The body of a mute or a ban. Without `until` it has no end."""

    until: TimeMs | None = None


@frozen(kw_only=True)
class CreditBody:
    """The body of a credit."""

    currency: CurrencyCode = "DON"
    amount: Stake
    reference: Annotated[str, OneLine(LONGEST_REFERENCE)] | None = None
    reason: Reason | None = None


@frozen(kw_only=True)
class DebitBody(CreditBody):
    """The body of a debit or a hold."""

    hold: Annotated[bool, Flag()] = False
    expires_at: TimeMs | None = None


@frozen(kw_only=True)
class PostBody:
    """The body of POST /v1/holds/ID/post. Without `amount`, the whole hold is posted."""

    amount: Stake | None = None


@frozen(kw_only=True)
class StatementQuery:
    """The query of a statement."""

    currency: CurrencyCode = "DON"
    from_: TimeMs = field(default=0, metadata={"name": "from"})
    to: TimeMs = LARGEST_TIME
    before: Annotated[int, Whole(1)] | None = None
    limit: PageLength = PAGE_SIZE


@frozen(kw_only=True)
class BetsQuery:
    """The query of a user's bets. `before` is what the page before has returned."""

    before: Annotated[str, OneLine(64)] | None = None
    limit: PageLength = PAGE_SIZE


@frozen(kw_only=True)
class SpanQuery:
    """The query of a report."""

    from_: TimeMs = field(default=0, metadata={"name": "from"})
    to: TimeMs = LARGEST_TIME


@frozen(kw_only=True)
class PaymentsQuery:
    """The query of the list of payments. `status` is that of holds."""

    user_id: Annotated[int, Whole(1, LARGEST_TIME)] | None = None
    status: Annotated[str, OneOf(("open", "posted", "released", "expired"))] | None = None
    before: Annotated[int, Whole(1, LARGEST_TIME)] | None = None
    limit: PageLength = 100


@frozen(kw_only=True)
class SourcesQuery:
    """The query of the list of sources."""

    limit: PageLength = PAGE_SIZE


@frozen(kw_only=True)
class SanctionsQuery:
    """The query of a source's mutes and bans. `before` is what the page before has returned."""

    username: Annotated[str, OneLine(50)] | None = None
    before: Annotated[str, OneLine(64)] | None = None
    limit: PageLength = PAGE_SIZE


@frozen(kw_only=True)
class ExportQuery(SpanQuery):
    """The query of an export."""

    format: Annotated[str, OneOf(("csv", "jsonl"))] = "jsonl"


def name_of(attribute: "Attribute[Any]") -> str:
    """Return the name of a parameter on the wire."""
    return str(attribute.metadata.get("name", attribute.name))


def shape_of(kind: type, attribute: "Attribute[Any]") -> Any:
    """Return the shape of a parameter."""
    hint = get_type_hints(kind, include_extras=True)[attribute.name]
    if get_origin(hint) is not Annotated:
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    return get_args(hint)[1]


def read_parameters(kind: type, given: Mapping[str, Any]) -> Any:
    """Return the parameters of a call. Raise ApiRefusal for the first that is not valid."""
    values = {}
    for attribute in fields(kind):
        name = name_of(attribute)
        value = given.get(name)
        if is_given(value):
            try:
                values[attribute.name] = shape_of(kind, attribute).read(value)
            except WrongShapeError as error:
                raise invalid_value(name, str(error)) from None
        elif attribute.default is NOTHING:
            text = f"The required parameter '{name}' is missing."
            raise ApiRefusal(ApiCode.MISSING_PARAMETER, text, parameter=name)
    return kind(**values)


def once_each(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return parameters by name. Raise ApiRefusal for a name that is given twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise invalid_value(name, "given only once")
        found[name] = value
    return found


def read_body(body: bytes) -> dict[str, Any]:
    """Return the fields of a JSON body, decimals as they were written. Raise ApiRefusal."""
    if not body.strip():
        return {}
    try:
        text = body.decode()
        read_frame(text)
        found: dict[str, Any] = json.loads(
            text, parse_float=_exact, parse_int=_exact_whole, object_pairs_hook=once_each
        )
    except UnicodeDecodeError:
        raise ApiRefusal(ApiCode.MALFORMED_MESSAGE, "The body is not UTF-8.") from None
    except Refusal as refusal:
        text = refusal.text.replace("The message", "The body")
        raise ApiRefusal(ApiCode.MALFORMED_MESSAGE, text) from None
    return found


def _exact(digits: str) -> Decimal | float:
    """Return a number as it was written; as a float if its exponent is beyond a Decimal."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return float(digits)


def _exact_whole(digits: str) -> int | Decimal:
    # int() refuses very long numbers, and no parameter has more than 20 digits.
    return int(digits) if len(digits) <= 20 else Decimal(digits)

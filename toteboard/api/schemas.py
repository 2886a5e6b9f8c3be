"""The JSON Schemas of the answers, for the OpenAPI document. Tests check live answers with them."""

from collections.abc import Sequence
from typing import Final

from game.own_limits import LimitKind, Period
from protocol.schemas import Schema
from storage.moderation import Sanction

_TEXT: Final[Schema] = {"type": "string"}
_WHOLE: Final[Schema] = {"type": "integer"}
_MONEY: Final[Schema] = {"type": "number", "description": "an amount, at most two decimals"}
_FLAG: Final[Schema] = {"type": "boolean"}
_TIME: Final[Schema] = {"type": "integer", "description": "epoch milliseconds"}
CAUSES: Final = (
    *("credit", "debit", "bet", "payout", "refund", "loss", "correction", "hold", "release"),
)


def or_null(schema: Schema) -> Schema:
    """Return the schema of a value or null."""
    return schema | {"type": [schema["type"], "null"]}


def listed_as(items: Schema) -> Schema:
    """Return the schema of an array."""
    return {"type": "array", "items": items}


def answer_of(*, optional: Sequence[str] = (), **properties: Schema) -> Schema:
    """Return the schema of an object with exactly these fields."""
    return _object({name.removesuffix("_"): each for name, each in properties.items()}, optional)


def _object(named: dict[str, Schema], optional: Sequence[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": named,
        "required": [name for name in named if name not in optional],
        "additionalProperties": False,
    }


BALANCE_FIELDS: Final = answer_of(
    current_balance=_MONEY, available_balance=_MONEY, exposure=_MONEY, held=_MONEY
)
_USER_FIELDS: Final[dict[str, Schema]] = {
    "id": _WHOLE,
    "name": _TEXT,
    "external_id": or_null(_TEXT),
    "can_host": _FLAG,
    "disabled": _FLAG,
    "balances": {"type": "object", "additionalProperties": BALANCE_FIELDS},
}
USER: Final = _object(_USER_FIELDS)
_OF_PERIOD: Final = answer_of(spend=or_null(_MONEY), loss=or_null(_MONEY))
_PENDING: Final = answer_of(
    period={"type": "string", "enum": [str(each) for each in Period]},
    kind={"type": "string", "enum": [str(each) for each in LimitKind]},
    amount=or_null(_MONEY),
    at=_TIME,
)
_OWN_LIMITS: Final = answer_of(
    limits=_object({str(each): _OF_PERIOD for each in Period}), pending=listed_as(_PENDING)
)
RESTRAINED_USER: Final = _object(
    _USER_FIELDS
    | {
        "limits": {"type": "object", "additionalProperties": _OWN_LIMITS},
        "break": or_null(answer_of(until=or_null(_TIME))),
    }
)
"""A user with the own limits by currency, and the break that is running."""
NEW_USER: Final = _object(_USER_FIELDS | {"session_key": _TEXT})
USERS: Final = answer_of(users=listed_as(USER))
_PAYMENT: Final[dict[str, Schema]] = {
    "id": _WHOLE,
    "user_id": _WHOLE,
    "kind": {"type": "string", "enum": ["credit", "debit", "hold"]},
    "currency": _TEXT,
    "amount": _MONEY,
    "reference": or_null(_TEXT),
    "reason": or_null(_TEXT),
    "at": _TIME,
    "current_balance": _MONEY,
    "available_balance": _MONEY,
    "status": {"type": "string", "enum": ["open", "posted", "released", "expired"]},
    "expires_at": or_null(_TIME),
    "posted_amount": or_null(_MONEY),
}
_OF_HOLDS: Final = ("status", "expires_at", "posted_amount")
PAYMENT: Final = answer_of(**_PAYMENT, optional=_OF_HOLDS)
PAYMENTS: Final = answer_of(
    payments=listed_as(
        answer_of(**_PAYMENT, user_name=_TEXT, key=or_null(_TEXT), optional=_OF_HOLDS)
    ),
    before=or_null(_WHOLE),
)
SOURCES: Final = answer_of(
    sources=listed_as(answer_of(id=_TEXT, name=_TEXT, phase=_TEXT, opened_at=_TIME))
)
KEY: Final = answer_of(name=_TEXT, role=_TEXT, source_id=or_null(_TEXT))
STATEMENT: Final = answer_of(
    currency=_TEXT,
    opening_balance=_MONEY,
    closing_balance=_MONEY,
    entries=listed_as(
        answer_of(
            id=_WHOLE,
            at=_TIME,
            cause={"type": "string", "enum": list(CAUSES)},
            change=_MONEY,
            current_balance=_MONEY,
            available_balance=_MONEY,
            game_id=or_null(_TEXT),
            pool_id=or_null(_TEXT),
            seq=or_null(_WHOLE),
            reference=or_null(_TEXT),
            owed=or_null(_MONEY),
        )
    ),
    before=or_null(_WHOLE),
)
BETS: Final = answer_of(
    bets=listed_as(
        answer_of(
            bet_id=_TEXT,
            game_id=_TEXT,
            pool_id=_TEXT,
            target=_TEXT,
            currency=_TEXT,
            amount=_MONEY,
            placed_at=_TIME,
            status={"type": "string", "enum": ["open", "won", "lost", "void", "refunded"]},
            returned=or_null(_MONEY),
            resolved_at=or_null(_TIME),
        )
    ),
    before=or_null(_TEXT),
)
SANCTION: Final = answer_of(
    game_id=or_null(_TEXT),
    source_id=or_null(_TEXT),
    user_id=_WHOLE,
    username=_TEXT,
    until=or_null(_TIME),
    reason=or_null(_TEXT),
)
SANCTIONS: Final = answer_of(
    sanctions=listed_as(
        answer_of(
            kind={"type": "string", "enum": [str(each) for each in Sanction]},
            game_id=or_null(_TEXT),
            game_name=or_null(_TEXT),
            user_id=_WHOLE,
            username=_TEXT,
            until=or_null(_TIME),
            reason=or_null(_TEXT),
        )
    ),
    before=or_null(_TEXT),
)
NODES: Final = answer_of(
    cluster=or_null(_TEXT),
    epoch=or_null(_WHOLE),
    log=or_null(_WHOLE),
    nodes=listed_as(
        answer_of(
            address=or_null(_TEXT),
            role={"type": "string", "enum": ["leader", "edge", "single"]},
            version=_TEXT,
            applied=or_null(_WHOLE),
            skew_ms=or_null(_WHOLE),
            ready=_FLAG,
        )
    ),
)
"""A server that stands alone is one node, with the role `single`."""
REPORT: Final = answer_of(
    source_id=_TEXT,
    from_=_TIME,
    to=_TIME,
    days=listed_as(
        answer_of(
            day={"type": "string", "format": "date"},
            currency=_TEXT,
            pools_resolved=_WHOLE,
            pools_cancelled=_WHOLE,
            pools_corrected=_WHOLE,
            bets=_WHOLE,
            bettors=_WHOLE,
            staked=_MONEY,
            void=_MONEY,
            returned=_MONEY,
            paid=_MONEY,
            takeout=_MONEY,
            breakage=_MONEY,
            minus=_MONEY,
            lent=_MONEY,
            carried_in=_MONEY,
            carried_out=_MONEY,
            house_balance=_MONEY,
            check=answer_of(left=_MONEY, right=_MONEY, holds=_FLAG),
        )
    ),
)
REFUSED: Final[Schema] = {
    "type": "object",
    "properties": {"code": _TEXT, "text": _TEXT, "parameter": or_null(_TEXT)},
    "required": ["code", "text", "parameter"],
}

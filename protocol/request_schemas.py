"""A JSON Schema and an example of each request, derived from the op table.

The schemas describe the preferred form of a parameter. The contract has the other forms that the
server accepts, such as digits as strings and lists with commas (section 1, "Values").
"""

from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from attrs import NOTHING, Attribute, fields

from game import shapes
from game.commands import (
    Command,
    CorrectPool,
    CreateAndOpenGame,
    CreateGame,
    OpenPool,
    UpdateGame,
)
from game.limit_shapes import NO_LIMIT_WORD, LimitChanges
from game.own_limits import LimitKind, Period
from protocol.moderation_requests import MuteUser, UnmuteUser
from protocol.op import Op, wire_name
from protocol.player_requests import SetMyLimits
from protocol.schemas import ID, Schema

_NAMES: Final[Schema] = {"type": "array", "items": {"type": "string"}}
_AMOUNT: Final[Schema] = {
    "type": "number",
    "format": "amount",
    "exclusiveMinimum": 0,
    "maximum": 10**12,
}
_OWN_LIMIT: Final[Schema] = {"oneOf": [_AMOUNT, {"type": "string", "const": NO_LIMIT_WORD}]}
_BY_KIND: Final[Schema] = {
    "type": "object",
    "properties": {str(kind): _OWN_LIMIT for kind in LimitKind},
    "additionalProperties": False,
}
_BY_PERIOD: Final[Schema] = {
    "type": "object",
    "properties": {str(period): _BY_KIND for period in Period},
    "additionalProperties": False,
}
_WHOLE: Final[dict[type, Schema]] = {
    shapes.Flag: {"type": "boolean"},
    shapes.Amount: _AMOUNT,
    LimitChanges: _BY_PERIOD,
}
"""The schemas of shapes without values of their own."""

PARAMETER_EXAMPLES: Final[dict[str, Any]] = {
    **dict.fromkeys(("source_id", "game_id", "pool_id"), ID["examples"][0]),
    "source_name": "FIFA",
    "game_name": "Argentina - Brazil",
    "actions": ["Goal"],
    "targets": ["Argentina", "Brazil"],
    "username": "ann",
    "description": "Who scores the next goal?",
    **dict.fromkeys(("action", "action_id"), "goal"),
    **dict.fromkeys(("target", "target_id"), "brazil"),
    "amount": 2.5,
    "text": "What a goal!",
    "token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl",
    "ms": 5_000,
    "message_id": ID["examples"][0],
    "reason": "He does not play",
    "event_id": ID["examples"][0],
    "winning_target": "brazil",
    "corrects_seq": 12,
    "limits": {"day": {"spend": 20, "loss": 10}, "month": {"loss": NO_LIMIT_WORD}},
}
"""A value of each parameter that an example contains."""

OPTIONAL_IN_EXAMPLES: Final[dict[type[Command], tuple[str, ...]]] = {
    CreateAndOpenGame: ("actions", "targets"),
    CreateGame: ("actions", "targets"),
    UpdateGame: ("actions",),
    OpenPool: ("action",),
    MuteUser: ("game_id",),
    UnmuteUser: ("game_id",),
    CorrectPool: ("winning_target",),
    SetMyLimits: ("limits",),
}
"""Optional parameters that an example needs to make sense."""


def request_schema(op: Op) -> Schema:
    """Return the schema of an op's whole request, with its header."""
    parameters = _parameters(op)
    hints = get_type_hints(op.command, include_extras=True)
    header: dict[str, Schema] = {
        "request_id": {"type": ["integer", "string"], "maxLength": 64},
    }
    if op.changes:
        header["idempotency_key"] = {"type": "string", "maxLength": 64}
    properties: dict[str, Schema] = {
        "header": {"type": "object", "properties": header},
        "op": {"type": "integer", "const": op.code},
    }
    properties |= {wire_name(each.name): _schema(each, hints[each.name]) for each in parameters}
    return {
        "type": "object",
        "properties": properties,
        "required": [
            "op",
            *(wire_name(each.name) for each in parameters if each.default is NOTHING),
        ],
    }


def request_example(op: Op) -> dict[str, Any]:
    """Return a request that makes sense, with the required parameters and few others."""
    also = OPTIONAL_IN_EXAMPLES.get(op.command, ())
    given = [p.name for p in _parameters(op) if p.default is NOTHING or p.name in also]
    return {"header": {"request_id": 1}, "op": op.code} | {n: PARAMETER_EXAMPLES[n] for n in given}


def _parameters(op: Op) -> "tuple[Attribute[Any], ...]":
    parameters: tuple[Attribute[Any], ...] = fields(op.command)  # type: ignore[arg-type]
    return parameters


def _schema(parameter: "Attribute[Any]", hint: Any) -> Schema:
    shape = _shape(hint)
    schema = _of_shape(shape) | {"description": shape.wanted}
    if parameter.default not in (NOTHING, None, ()):
        schema["default"] = parameter.default
    return schema


def _shape(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        return get_args(hint)[1]
    (given,) = (each for each in get_args(hint) if each is not NoneType)
    return _shape(given)


def _of_shape(shape: shapes.Shape | LimitChanges) -> Schema:
    if type(shape) in _WHOLE:
        return _WHOLE[type(shape)]
    match shape:
        case shapes.Text():
            return {"type": "string", "minLength": shape.minimum, "maxLength": shape.maximum}
        case shapes.Whole():
            return {"type": "integer", "minimum": shape.minimum, "maximum": shape.maximum}
        case shapes.OneOf():
            return {"type": "string", "enum": list(shape.words)}
        case shapes.Currency():
            return {"type": "string", "pattern": "^[A-Z0-9]{1,16}$"}
        case shapes.Url():
            return {"type": "string", "format": "uri", "maxLength": shape.maximum}
        case shapes.PathRefs():
            return _NAMES | {"maxItems": shape.maximum}
        case shapes.ActionNames() | shapes.GameIds() | shapes.TargetPaths():
            return _NAMES
        case _:
            return {"type": "string"}

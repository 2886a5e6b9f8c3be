"""The codec: reads a text frame into a command, and writes a message as JSON.

    text --> read_frame --> Frame --> op, read_header --> read_command --> Op, Command
                 |                        |                    |
             malformed_message       unknown_op,       missing_parameter,
                                     invalid_parameter invalid_parameter

Each step refuses with the code below it, so that a message is checked in the order of the
contract (section 1, "Errors"). A frame keeps its fields even if a later step fails. The error
reply can then still carry the `request_id` and the op.

Fast path. Most messages are valid. `read_command` structures them with the hooks that cattrs has
generated for each command, and each parameter reads itself by its shape (`game/shapes.py`). Only
if that fails, `_why_not` reads the parameters again and collects all complaints. It refuses the
first one in the order of the op table.

Numbers. orjson parses a number beyond the range of a float as an error, and drops digits of a
long decimal. In the first case the standard library parses the message again. In the second, an
amount is read from the text, because an amount with a third decimal must be refused.

Time. A command that is only too late or too early is returned all the same: it may repeat a
request that was in time. The caller checks `wrong_at` after it has looked up the idempotency key.

Writing. `to_json` encodes a message. `ready`, `with_more` and `with_header` use text that was
encoded before.
"""

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import orjson
from attrs import define, fields
from cattrs import ClassValidationError, Converter

from game.commands import Command
from game.limit_shapes import LimitChanges
from game.refusals import Code, Refusal, invalid, missing
from game.shapes import Amount, WrongShapeError, is_given, whole_number
from protocol.op import Body, Op, wire_name
from protocol.ops import BY_CODE, OPS, meant

DEEPEST = 32
_SECOND_NAMES = {
    op.command: {f.name: f.metadata["also"] for f in fields(op.command) if "also" in f.metadata}  # type: ignore[arg-type]
    for op in OPS
}
_OTHER_NAMES = {
    op.command: {wire_name(f.name): f.name for f in fields(op.command) if f.name.endswith("_")}  # type: ignore[arg-type]
    for op in OPS
}
"""The fields whose parameters have another name, by that name."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONG_NUMBER = re.compile(r"[0-9.]{16}")
"""A number that a float may not hold exactly. 15 digits are always exact."""

_INEXACT = (float, dict)
"""What a parameter with amounts may be, if it holds a float."""

LONGEST_HEADER_STRING = 64


@define  # Not frozen: one is created for every message, and frozen takes twice the time.
class Header:
    """The keys of a request's header that the server reads."""

    request_id: int | str | None = None
    idempotency_key: str | None = None


@define(eq=False)
class Frame:
    """A text frame that is a JSON object. It may still be an invalid request."""

    fields: dict[str, Any]
    text: str = ""

    @property
    def request_id(self) -> int | str | None:
        """Return the `request_id` if it can be read, for replies and errors alike."""
        header = self.fields.get("header")
        found = header.get("request_id") if isinstance(header, dict) else None
        return found if is_given(found) and _is_request_id(found) else None

    @property
    def op_code(self) -> int | None:
        """Return the code of the op, known or not, if it is an integer."""
        return whole_number(self.fields.get("op"))

    @property
    def op(self) -> Op:
        """Return the row of the op table. Raises `Refusal`."""
        code = self.fields.get("op")
        if type(code) is not int:
            code = whole_number(code)
        op = BY_CODE.get(code) if code is not None else None
        if op is None:
            raise _unknown(code)
        return op


NO_HEADER = Header()


def read_frame(text: str | bytes) -> Frame:
    """Parse a text frame. Raises `Refusal` (`malformed_message`), also for every binary frame."""
    if isinstance(text, bytes):
        raise _malformed("a binary frame, not a text frame")
    value = _json(text)
    if not isinstance(value, dict):
        raise _malformed("not a JSON object")
    if text.count("{") + text.count("[") > DEEPEST and _is_too_deep(value):
        raise _malformed(f"nested deeper than {DEEPEST}")
    # A control character gets in either as itself or as an escape.
    if (not text.isprintable() or "\\" in text) and _has_control(value):
        raise _malformed("not valid: a string contains a control character")
    return Frame(value, text)


def read_header(frame: Frame) -> Header:
    """Read the header of a request. Raises `Refusal` (`invalid_parameter`)."""
    header = frame.fields.get("header")
    if header is None or not is_given(header):
        return NO_HEADER
    if not isinstance(header, dict):
        raise invalid("header", "an object")
    return Header(_request_id(header), _idempotency_key(header))


def read_command(op: Op, frame: Frame, now: int) -> tuple[Op, Command]:
    """Read the parameters of a frame. Return the op that is meant, and its command.

    Raises `Refusal` for the first invalid parameter in the order of the op table, at this moment
    (epoch ms). A command that is invalid only at this moment is returned: it may repeat a request
    that was in time. The caller must check `wrong_at` for a command that repeats nothing.
    """
    if (alone := _WITHOUT_PARAMETERS.get(op.command)) is not None:
        return op, alone
    given = {name: value for name, value in frame.fields.items() if is_given(value)}
    for name, other in _SECOND_NAMES[op.command].items():
        if name not in given and other in given:
            given[name] = given[other]
    for name, inner in _OTHER_NAMES[op.command].items():
        given.pop(inner, None)
        if name in given:
            given[inner] = given.pop(name)
    for name in _AMOUNTS[op.command]:
        if type(given.get(name)) in _INEXACT and _LONG_NUMBER.search(frame.text):
            written = json.loads(frame.text, parse_float=str, parse_int=str)
            given[name] = _as_written(given[name], written[name])
    try:
        command: Command = _READ[op.command](given, op.command)
    except (WrongShapeError, KeyError):
        raise _why_not(op, given, now) from None
    if command.wrong() is not None:
        raise _why_not(op, given, now)
    return meant(op, command)


def fingerprint(command: Command) -> str:
    """Return a digest of a command's parameters, to recognise a repeated request."""
    return sha256(
        orjson.dumps(_QUICK.unstructure(command), option=orjson.OPT_SORT_KEYS)
    ).hexdigest()


def from_json(text: bytes) -> Body:
    """Return a message that `to_json` has encoded."""
    body: Body = orjson.loads(text)
    return body


def to_json(message: dict[str, Any]) -> bytes:
    """Encode a message as JSON in UTF-8. Keys keep their order."""
    return orjson.dumps(message, option=orjson.OPT_NON_STR_KEYS)


def _json(text: str) -> Any:
    """Parse JSON. Raises `Refusal` (`malformed_message`)."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "infinity" not in str(error):
            raise _malformed(f"not JSON ({error})") from None
    except UnicodeEncodeError:
        raise _malformed("not JSON (a lone surrogate)") from None
    return _json_of_large_numbers(text)


def _json_of_large_numbers(text: str) -> Any:
    """Parse JSON with numbers beyond the range of a float. They become infinite."""
    try:
        value = json.loads(text, parse_int=_whole_or_float, parse_constant=_refuse_constant)
        orjson.dumps(value)  # Fails for a lone surrogate.
    except (ValueError, TypeError, RecursionError) as error:
        raise _malformed(f"not JSON ({type(error).__name__})") from None
    return value


def _whole_or_float(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else float(digits)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _as_written(value: Any, written: Any) -> Any:
    """Return a value in which the floats, which may have dropped digits, are exact.

    `written` has their texts. 0 and infinity are returned as they are. They are not amounts, and
    their exponent may be huge.
    """
    if isinstance(value, dict):
        return {name: _as_written(inner, written[name]) for name, inner in value.items()}
    if type(value) is not float or not value or not math.isfinite(value):
        return value
    return Decimal(written)


def ready(text: bytes) -> orjson.Fragment:
    """Wrap an encoded value, so that `to_json` inserts it unchanged."""
    return orjson.Fragment(text)


def with_more(text: bytes, more: dict[str, Any]) -> bytes:
    """Add at least one key to the end of an encoded object that is not empty."""
    return b"%b,%b" % (text[:-1], to_json(more)[1:])


def with_header(body: bytes, t: int, request_id: int | str | None) -> bytes:
    """Return the message of an encoded body that is not empty. `t` is in epoch milliseconds."""
    if request_id is None:
        return b'{"response_header":{"t":%d},%b' % (t, body[1:])
    request = orjson.dumps(request_id)
    return b'{"response_header":{"t":%d,"request_id":%b},%b' % (t, request, body[1:])


def _malformed(why: str) -> Refusal:
    return Refusal(Code.MALFORMED_MESSAGE, "The message is {why}.", why=why)


def _unknown(code: int | None) -> Refusal:
    if code is None:
        return Refusal(Code.UNKNOWN_OP, "'op' must be the code of an op.")
    return Refusal(Code.UNKNOWN_OP, "No op {op} exists.", op=code)


def _is_too_deep(value: Any) -> bool:
    """Return whether objects and arrays are nested deeper than `DEEPEST`."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    return any(isinstance(inner, dict | list) for inner in level)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _has_control(value: Any) -> bool:
    if isinstance(value, str):
        return _CONTROL.search(value) is not None
    if isinstance(value, dict):
        return any(map(_has_control, value)) or any(map(_has_control, value.values()))
    return isinstance(value, list) and any(map(_has_control, value))


def _request_id(header: dict[str, Any]) -> int | str | None:
    value = header.get("request_id")
    if type(value) is int or value is None:
        return value
    if is_given(value) and not _is_request_id(value):
        raise invalid("request_id", "an integer or a string of at most 64 characters")
    return value if is_given(value) else None


def _idempotency_key(header: dict[str, Any]) -> str | None:
    value = header.get("idempotency_key")
    if value is None or not is_given(value):
        return None
    if not _is_header_string(value):
        raise invalid("idempotency_key", "a string of at most 64 characters")
    return str(value).strip()


def _is_request_id(value: Any) -> bool:
    return _is_header_string(value) or (isinstance(value, int) and not isinstance(value, bool))


def _is_header_string(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) <= LONGEST_HEADER_STRING


def _why_not(op: Op, given: dict[str, Any], now: int) -> Refusal:
    """Read the parameters again and return the refusal of the first invalid one."""
    complaints = _complaints(op, given)
    sound = {name: value for name, value in given.items() if wire_name(name) not in complaints}
    if not _complaints(op, sound):
        command: Command = _QUICK.structure(sound, op.command)
        for refusal in (command.wrong(), command.wrong_at(now)):
            if refusal is not None and refusal.parameter is not None:
                complaints.setdefault(refusal.parameter, refusal)
    first = next(name for name in op.parameters if name in complaints)
    return _refusal(first, complaints[first])


def _complaints(op: Op, given: dict[str, Any]) -> dict[str, Exception]:
    """Return the error of each parameter that cannot be read."""
    try:
        _THOROUGH.structure(given, op.command)
    except ClassValidationError as complaints:
        return {
            wire_name(getattr(note, "name", "")): error
            for error in complaints.exceptions
            for note in getattr(error, "__notes__", [])
        }
    return {}


def _refusal(name: str, error: Exception) -> Refusal:
    match error:
        case Refusal():
            return error
        case WrongShapeError():
            return invalid(name, str(error))
        case _:
            return missing(name)


def _has_shape(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def _amounts(command: type[Command]) -> tuple[str, ...]:
    hints = get_type_hints(command, include_extras=True)
    return tuple(name for name, hint in hints.items() if _is_amount(hint))


def _is_amount(hint: Any) -> bool:
    if _has_shape(hint):
        return isinstance(get_args(hint)[1], Amount | LimitChanges)
    return any(map(_is_amount, get_args(hint)))  # An amount or None.


def _shape_of(annotated: Any) -> Callable[[Any, Any], Any]:
    shape = get_args(annotated)[1]
    return lambda value, _: shape.read(value)


def _converter(*, detailed_validation: bool) -> Converter:
    converter = Converter(detailed_validation=detailed_validation)
    converter.register_structure_hook_factory(_has_shape, _shape_of)
    return converter


_QUICK = _converter(detailed_validation=False)
_THOROUGH = _converter(detailed_validation=True)
_READ = {op.command: _QUICK.get_structure_hook(op.command) for op in OPS}
"""The generated hooks, kept here to avoid a look-up for every message."""
_AMOUNTS = {op.command: _amounts(op.command) for op in OPS}
_WITHOUT_PARAMETERS = {op.command: op.command() for op in OPS if not op.parameters}

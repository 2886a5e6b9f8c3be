"""From a text frame to a command, and from a message to its text.

cattrs reads parameters by the shapes that the commands name; what cannot be read is refused with
the contract's codes (section 1, "Errors"). Which op asks for what is `protocol/ops.py`.
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
from game.refusals import Code, Refusal, invalid, missing
from game.shapes import Amount, WrongShapeError, is_given, whole_number
from protocol.op import Op
from protocol.ops import BY_CODE, OPS, meant

DEEPEST = 32
_SECOND_NAMES = {
    op.command: {f.name: f.metadata["also"] for f in fields(op.command) if "also" in f.metadata}  # type: ignore[arg-type]
    for op in OPS
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONG_NUMBER = re.compile(r"[0-9.]{16}")
"""What a number looks like that a float cannot hold: 15 digits survive it."""

LONGEST_HEADER_STRING = 64


@define  # not frozen, as what is made for every message: that takes twice the time
class Header:
    """What a request's header says. Both keys are ours (*ext*)."""

    request_id: int | str | None = None
    idempotency_key: str | None = None


@define(eq=False)
class Frame:
    """A text frame that is a JSON object: not yet known to be a request that makes sense."""

    fields: dict[str, Any]
    text: str = ""

    @property
    def request_id(self) -> int | str | None:
        """The `request_id`, if one can be read, so that even an error reply carries it."""
        header = self.fields.get("header")
        found = header.get("request_id") if isinstance(header, dict) else None
        return found if is_given(found) and _is_request_id(found) else None

    @property
    def op_code(self) -> int | None:
        """The op that was sent, known or not, if it is a number."""
        return whole_number(self.fields.get("op"))

    @property
    def op(self) -> Op:
        """The row of the op table. Raises `Refusal`."""
        code = self.op_code
        if code is None:
            raise Refusal(Code.UNKNOWN_OP, "'op' must be an integer of the op table.")
        if code not in BY_CODE:
            raise Refusal(Code.UNKNOWN_OP, "There is no op {op}.", op=code)
        return BY_CODE[code]


NO_HEADER = Header()


def read_frame(text: str | bytes) -> Frame:
    """A text frame's JSON object. Raises `Refusal` (`malformed_message`), as for any binary one."""
    if isinstance(text, bytes):
        raise _malformed("a binary frame, not a text")
    value = _json(text)
    if not isinstance(value, dict):
        raise _malformed("not a JSON object")
    if text.count("{") + text.count("[") > DEEPEST and _is_too_deep(value):
        raise _malformed(f"nested deeper than {DEEPEST}")
    # Either is needed for a control character to get in: itself, or its escape.
    if (not text.isprintable() or "\\" in text) and _has_control(value):
        raise _malformed("not acceptable: a control character in a string")
    return Frame(value, text)


def read_header(frame: Frame) -> Header:
    """What the header says. Raises `Refusal` (`invalid_parameter`)."""
    header = frame.fields.get("header")
    if header is None or not is_given(header):
        return NO_HEADER
    if not isinstance(header, dict):
        raise invalid("header", "an object")
    return Header(_request_id(header), _idempotency_key(header))


def read_command(op: Op, frame: Frame, now: int) -> tuple[Op, Command]:
    """The op and the command that a frame stands for.

    Raises `Refusal` for the first parameter, in the order of the op table, that is not as wanted at
    this moment (epoch ms). A command whose only fault is its moment is read all the same: it may
    repeat one that was in time, so who knows of no such one asks `wrong_at`.
    """
    if (alone := _WITHOUT_PARAMETERS.get(op.command)) is not None:
        return op, alone
    given = {name: value for name, value in frame.fields.items() if is_given(value)}
    for name, other in _SECOND_NAMES[op.command].items():
        if name not in given and other in given:
            given[name] = given[other]
    for name in _AMOUNTS[op.command]:
        if type(given.get(name)) is float and _LONG_NUMBER.search(frame.text):
            given[name] = _as_written(name, given[name], frame.text)
    try:
        command: Command = _READ[op.command](given, op.command)
    except (WrongShapeError, KeyError):
        raise _why_not(op, given, now) from None
    if command.wrong() is not None:
        raise _why_not(op, given, now)
    return meant(op, command)


def fingerprint(command: Command) -> str:
    """A digest of a command's parameters as read, to tell a repeated request from another one."""
    return sha256(
        orjson.dumps(_QUICK.unstructure(command), option=orjson.OPT_SORT_KEYS)
    ).hexdigest()


def to_json(message: dict[str, Any]) -> bytes:
    """The text of a message, in UTF-8: JSON, keys in the order given."""
    return orjson.dumps(message, option=orjson.OPT_NON_STR_KEYS)


def _json(text: str) -> Any:
    """The value of a JSON text. Raises `Refusal` (`malformed_message`)."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "infinity" not in str(error):
            raise _malformed(f"not JSON ({error})") from None
    except UnicodeEncodeError:
        raise _malformed("not JSON (half a surrogate pair)") from None
    return _json_of_large_numbers(text)


def _json_of_large_numbers(text: str) -> Any:
    """The value of a text with numbers beyond a float, which become infinite: JSON all the same."""
    try:
        value = json.loads(text, parse_int=_whole_or_float, parse_constant=_refuse_constant)
        orjson.dumps(value)  # half a surrogate pair cannot be written
    except (ValueError, TypeError, RecursionError) as error:
        raise _malformed(f"not JSON ({type(error).__name__})") from None
    return value


def _whole_or_float(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else float(digits)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _as_written(name: str, value: float, text: str) -> float | Decimal:
    """A parameter that became a float, as the number that was sent: a float drops digits.

    One that became 0 or infinite is left so; it is no amount, and may have any exponent.
    """
    if not value or not math.isfinite(value):
        return value
    return Decimal(json.loads(text, parse_float=str, parse_int=str)[name])


def ready(text: bytes) -> orjson.Fragment:
    """A value whose text is known: `to_json` puts it in as it is."""
    return orjson.Fragment(text)


def with_more(text: bytes, more: dict[str, Any]) -> bytes:
    """The text of an object (not an empty one) with more keys (at least one) at its end."""
    return b"%b,%b" % (text[:-1], to_json(more)[1:])


def _malformed(why: str) -> Refusal:
    return Refusal(Code.MALFORMED_MESSAGE, "The message is {why}.", why=why)


def _is_too_deep(value: Any) -> bool:
    """Whether objects and arrays are nested beyond `DEEPEST`; looks no further than that."""
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
    """Read once more, collecting every complaint, and pick the first in the table's order."""
    complaints = _complaints(op, given)
    sound = {name: value for name, value in given.items() if name not in complaints}
    if not _complaints(op, sound):
        command: Command = _QUICK.structure(sound, op.command)
        for refusal in (command.wrong(), command.wrong_at(now)):
            if refusal is not None and refusal.parameter is not None:
                complaints.setdefault(refusal.parameter, refusal)
    first = next(name for name in op.parameters if name in complaints)
    return _refusal(first, complaints[first])


def _complaints(op: Op, given: dict[str, Any]) -> dict[str, Exception]:
    """What is wrong with each parameter that cannot be read."""
    try:
        _THOROUGH.structure(given, op.command)
    except ClassValidationError as complaints:
        return {
            getattr(note, "name", ""): error
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


def _amounts(request: type[Command]) -> tuple[str, ...]:
    hints = get_type_hints(request, include_extras=True)
    named = {name: hint for name, hint in hints.items() if _has_shape(hint)}
    return tuple(name for name, hint in named.items() if isinstance(get_args(hint)[1], Amount))


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
"""The generated hooks, kept: no look-up on the way of every message."""
_AMOUNTS = {op.command: _amounts(op.command) for op in OPS}
_WITHOUT_PARAMETERS = {op.command: op.command() for op in OPS if not op.parameters}

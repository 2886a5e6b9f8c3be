"""Generate meaningful requests, and damage them as JSON rather than as bytes."""

import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import orjson
from attrs import NOTHING, fields

from protocol.op import Op, wire_name
from protocol.ops import OPS
from tests.campaigns.fuzz.stage import PEOPLE
from tests.campaigns.fuzz.values import KEYS, ODD, sensible

Fields = dict[str, Any]

LONGEST = 4_096
"""The most bytes of an input. Messages above the size limit are tested with frames."""
CLOSING = (366, 375)
LIKELY = (*[op for op in OPS if op.code not in CLOSING] * 5, *OPS)
"""The ops for random requests. Ops that close something are rare: a closed world finds little."""
ALSO = ("target_id", "action_id", "type")
"""Second names of parameters (contract, section 7)."""
STRAY = ("\\u0000", "\\ud800", '"', "{", "]", "\\", "\u20ac", "\x00", "NaN", "1e999", ",", "\ufeff")


class Requests:
    """Generates messages for the world that has these ids."""

    longest = LONGEST

    def __init__(self, ids: dict[str, str]) -> None:
        self._ids = ids
        self._values = sensible(ids)
        self._anything = [value for values in self._values.values() for value in values]

    def sown(self, chance: Random) -> Iterator[bytes]:
        """Yield an input for each op from each user, and one for each op with every parameter."""
        for op in sorted(OPS, key=lambda op: op.code in CLOSING):
            for who in range(len(PEOPLE)):
                yield bytes([who]) + encoded(self.sound(op, chance, often=0.3))
            yield b"\0" + encoded(self.sound(op, chance, often=1))

    def odd_in_each_parameter(self) -> Iterator[bytes]:
        """Yield an input for each parameter of each op and each odd value, with all else valid."""
        chance = Random(1)
        for op in OPS:
            for name in op.parameters:
                for odd in ODD:
                    yield b"\0" + encoded(self.sound(op, chance, often=0) | {name: odd})

    def new(self, chance: Random) -> bytes:
        """Return a random meaningful input."""
        op = chance.choice(LIKELY)
        return bytes([_speaker(chance)]) + encoded(self.sound(op, chance, often=0.4))

    def sound(self, op: Op, chance: Random, *, often: float) -> Fields:
        """Return a request; each optional parameter is included with probability `often`."""
        made: Fields = {"header": _header(op, chance), "op": op.code}
        for parameter in fields(op.command):  # type: ignore[arg-type]
            if parameter.default is NOTHING or chance.random() < often:
                name = wire_name(parameter.name)
                made[name] = likely(self._values[name], chance)
        return made

    def damaged(self, data: bytes, chance: Random) -> bytes:
        """Return the input with a change that is specific to JSON and the contract."""
        try:
            message = orjson.loads(data[1:])
        except orjson.JSONDecodeError:
            return self.new(chance)
        if not isinstance(message, dict):
            return self.new(chance)
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            chance.choice(self._damages)(self, message, chance)
        who = _speaker(chance) if chance.random() < 0.2 else data[0]
        text = encoded(message)
        if chance.random() < 0.05:
            text = _with_stray(text, chance)
        return (bytes([who]) + text)[:LONGEST]

    def words(self) -> list[bytes]:
        """Return names of parameters, ids and op codes."""
        names = {name for op in OPS for name in op.parameters} | {
            *ALSO,
            "header",
            "request_id",
            "op",
        }
        codes = {str(op.code) for op in OPS}
        strings = {value for value in ODD if isinstance(value, str) and len(value) < 30}
        quoted = {orjson.dumps(each) for each in (*names, *self._ids.values(), *strings)}
        return sorted(quoted | {code.encode() for code in codes})

    # Each function changes one aspect of a message.

    def _give_what_makes_sense(self, message: Fields, chance: Random) -> None:
        name = chance.choice([*self._values])
        message[name] = likely(self._values[name], chance)

    def _give_something_odd(self, message: Fields, chance: Random) -> None:
        message[_one_of(message, chance)] = chance.choice(ODD)

    def _give_what_belongs_elsewhere(self, message: Fields, chance: Random) -> None:
        message[_one_of(message, chance)] = chance.choice(self._anything)

    def _leave_out(self, message: Fields, chance: Random) -> None:
        message.pop(_one_of(message, chance))

    def _ask_for_something_else(self, message: Fields, chance: Random) -> None:
        op = chance.choice(LIKELY)
        message |= self.sound(op, chance, often=0.2) | message | {"op": op.code}

    def _change_inside(self, message: Fields, chance: Random) -> None:
        name = _one_of(message, chance)
        message[name] = _changed(message[name], chance)

    def _change_the_header(self, message: Fields, chance: Random) -> None:
        header = message.get("header")
        if isinstance(header, dict):
            name = chance.choice(("request_id", "idempotency_key", "t", "session_key"))
            # Make a copy: the value may be one of the shared odd values, which must not change.
            message["header"] = {**header, name: chance.choice((*KEYS, chance.choice(ODD)))}

    _damages: Sequence[Callable[["Requests", Fields, Random], None]] = (
        _give_what_makes_sense,
        _give_what_makes_sense,
        _give_something_odd,
        _give_what_belongs_elsewhere,
        _leave_out,
        _ask_for_something_else,
        _change_inside,
        _change_the_header,
    )


def likely(values: Sequence[Any], chance: Random) -> Any:
    """Return one of the values. The first, which lead to more states, are more likely."""
    return values[int(len(values) * chance.random() ** 2)]


def _speaker(chance: Random) -> int:
    return PEOPLE.index(likely(PEOPLE, chance))


def encoded(message: Fields) -> bytes:
    """Encode as JSON or nearly so, with numbers of any size, NaN and half surrogates."""
    return json.dumps(message, ensure_ascii=False).encode(errors="surrogatepass")


def _header(op: Op, chance: Random) -> Fields:
    header: Fields = {"t": 1_800_000_000_000}
    if chance.random() < 0.7:
        header["request_id"] = chance.choice((chance.randrange(10**6), "r"))
    if op.changes and chance.random() < 0.2:
        header["idempotency_key"] = chance.choice(KEYS)
    return header


def _one_of(message: Fields, chance: Random) -> str:
    """Return one of the keys, or "op" if there is none."""
    message.setdefault("op", 1)
    return chance.choice([*message])


def _changed(value: Any, chance: Random) -> Any:
    """Return a variation of the value."""
    match value:
        case bool() | None:
            return chance.choice(("true", 0, []))
        case int() | float():
            return chance.choice((value + 1, value - 1, -value, value / 2, str(value), [value]))
        case str():
            at = chance.randint(0, len(value))
            odd = chance.choice((" ", ":", ",", "\x07", "\u0130", "\U0001f3c6", "", "-", "\ufeff"))
            return chance.choice(
                (value[:at] + odd + value[at:], value.upper(), [value], {value: 1})
            )
        case list():
            return chance.choice(([*value, 1], value * 3, [value], value[1:], {"0": value}))
        case _:
            return chance.choice(([value], {**value, "more": value}, [*value]))


def _with_stray(text: bytes, chance: Random) -> bytes:
    """Return the JSON with something in it that is invalid."""
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(STRAY).encode(errors="surrogatepass") + text[at:]

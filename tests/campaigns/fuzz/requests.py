"""Requests that make sense, and what becomes of one when it is damaged as JSON and not as bytes."""

import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import orjson
from attrs import NOTHING, fields

from protocol.op import Op
from protocol.ops import OPS
from tests.campaigns.fuzz.stage import PEOPLE
from tests.campaigns.fuzz.values import KEYS, ODD, sensible

Fields = dict[str, Any]

LONGEST = 4_096
"""Bytes of an input. What is too large is a matter of frames."""
CLOSING = (366, 375)
LIKELY = (*[op for op in OPS if op.code not in CLOSING] * 5, *OPS)
"""What is asked for by chance: a world in which everything is closed teaches little."""
ALSO = ("target_id", "action_id", "type")
"""Second names of parameters (contract, section 7)."""
STRAY = ("\\u0000", "\\ud800", '"', "{", "]", "\\", "\u20ac", "\x00", "NaN", "1e999", ",", "\ufeff")


class Requests:
    """Makes messages for the world that has these ids, as `chance` has it."""

    longest = LONGEST

    def __init__(self, ids: dict[str, str]) -> None:
        self._ids = ids
        self._values = sensible(ids)
        self._anything = [value for values in self._values.values() for value in values]

    def sown(self, chance: Random) -> Iterator[bytes]:
        """An input for each op from each of the people, and each op with nothing left out."""
        for op in sorted(OPS, key=lambda op: op.code in CLOSING):
            for who in range(len(PEOPLE)):
                yield bytes([who]) + encoded(self.sound(op, chance, often=0.3))
            yield b"\0" + encoded(self.sound(op, chance, often=1))

    def odd_in_each_parameter(self) -> Iterator[bytes]:
        """An input for each parameter of each op and each odd value, everything else being good."""
        chance = Random(1)
        for op in OPS:
            for name in op.parameters:
                for odd in ODD:
                    yield b"\0" + encoded(self.sound(op, chance, often=0) | {name: odd})

    def new(self, chance: Random) -> bytes:
        """An input that makes sense."""
        op = chance.choice(LIKELY)
        return bytes([_speaker(chance)]) + encoded(self.sound(op, chance, often=0.4))

    def sound(self, op: Op, chance: Random, *, often: float) -> Fields:
        """A request with all that is required, and each other parameter as `often` as that."""
        made: Fields = {"header": _header(op, chance), "op": op.code}
        for parameter in fields(op.command):  # type: ignore[arg-type]
            if parameter.default is NOTHING or chance.random() < often:
                made[parameter.name] = likely(self._values[parameter.name], chance)
        return made

    def damaged(self, data: bytes, chance: Random) -> bytes:
        """The input with something in it changed that JSON and the contract know of."""
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
        """Names of parameters, ids, codes of ops."""
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

    # Each changes a message in one way.

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
            # A new one: it may be one of the odd values, which are to stay as they are.
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
    """One of the values, the first the likeliest: those that lead on."""
    return values[int(len(values) * chance.random() ** 2)]


def _speaker(chance: Random) -> int:
    return PEOPLE.index(likely(PEOPLE, chance))


def encoded(message: Fields) -> bytes:
    """The message as JSON, or nearly: numbers of any size, NaN and half surrogates too."""
    return json.dumps(message, ensure_ascii=False).encode(errors="surrogatepass")


def _header(op: Op, chance: Random) -> Fields:
    header: Fields = {"t": 1_800_000_000_000}
    if chance.random() < 0.7:
        header["request_id"] = chance.choice((chance.randrange(10**6), "r"))
    if op.changes and chance.random() < 0.2:
        header["idempotency_key"] = chance.choice(KEYS)
    return header


def _one_of(message: Fields, chance: Random) -> str:
    """One of its keys; "op" if it has none."""
    message.setdefault("op", 1)
    return chance.choice([*message])


def _changed(value: Any, chance: Random) -> Any:
    """Something like the value."""
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
    """The JSON with something in it that is none."""
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(STRAY).encode(errors="surrogatepass") + text[at:]

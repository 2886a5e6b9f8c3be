"""Typed replies and publications: a dataclass for each `res`, read from the JSON of the wire.

The classes are generated (`messages.py`). A newer server may send more
fields, which stay in `raw`, and other messages, which become an `UnknownMessage`.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints

from toteboard_client.errors import Message
from toteboard_client.money import Money

Read = Callable[[Any], Any]


class Part:
    """An object inside a message."""

    @classmethod
    def from_wire(cls, value: Mapping[str, Any]) -> Self:
        """Return the object that the JSON describes. Raises `KeyError` if a field is missing."""
        return cls(**_read_fields(cls, value))


@dataclass(frozen=True, kw_only=True)
class Received:
    """A reply or a publication. `raw` is the whole message, as on the wire."""

    RES: ClassVar[int] = 0
    raw: Message = field(repr=False, compare=False)

    by_res: ClassVar[dict[int, type["Received"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.RES:
            Received.by_res[cls.RES] = cls

    @property
    def res(self) -> int:
        """Return the code of the message."""
        return int(self.raw["res"])

    @property
    def sent_at(self) -> int:
        """Return the time at which the server wrote the message, in epoch milliseconds."""
        return int(self.raw["response_header"]["t"])

    @property
    def is_repeated(self) -> bool:
        """Return whether this is the first reply to an idempotency key, sent again."""
        return bool(self.raw["response_header"].get("repeated", False))


@dataclass(frozen=True, kw_only=True)
class UnknownMessage(Received):
    """A message that is newer than this version of the client. It is in `raw`."""


def typed(message: Message) -> Received:
    """Return a message as an object of the class of its `res`."""
    kind = Received.by_res.get(message["res"])
    if kind is None:
        return UnknownMessage(raw=message)
    return kind(raw=message, **_read_fields(kind, message))


def _read_fields(kind: type, value: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, is_required, read in _plan(kind):
        if is_required or name in value:
            given = value[name]
            found[name] = given if read is None or given is None else read(given)
    return found


@cache
def _plan(kind: type) -> list[tuple[str, bool, Read | None]]:
    """Return how to read each field: its name, whether it must be there, and what converts it."""
    hints = get_type_hints(kind)
    own = (each for each in fields(kind) if each.name != "raw")
    return [(each.name, each.default is MISSING, _reader(hints[each.name])) for each in own]


def _reader(hint: Any) -> Read | None:
    """Return what converts a JSON value that is not null, or None if it stays as it is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (given,) = (each for each in arguments if each is not types.NoneType)
        return _reader(given)
    if origin is dict:
        return _reader_of_dict(*arguments)
    if origin is list:
        return _reader_of_list(*arguments)
    if hint is Money:
        return Money.from_wire
    if hint is float:
        return float
    return hint.from_wire if isinstance(hint, type) and issubclass(hint, Part) else None


def _reader_of_dict(key: Any, value: Any) -> Read | None:
    read = _reader(value)
    if read is None and key is str:
        return None
    read_value: Read = read or _as_it_is
    return lambda given: {key(name): read_value(each) for name, each in given.items()}


def _reader_of_list(item: Any) -> Read | None:
    read = _reader(item)
    return None if read is None else lambda given: [read(each) for each in given]


def _as_it_is(value: Any) -> Any:
    return value

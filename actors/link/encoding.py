"""The encoding of link messages: a length, a short head in JSON, and raw bytes.

    +---------+---------+---------------------------+------------------+
    | length  | head    | head: [kind, field, ...]  | the bytes field  |
    | 4 bytes | 4 bytes | as JSON                   | if there is one  |
    +---------+---------+---------------------------+------------------+
               \\________________ `length` bytes ______________________/

Numbers are big-endian. Frames and log lines, which are most of the traffic, are copied and never
parsed. Bytes that are not exactly a message of `actors/link/messages.py` raise `BadLinkError`. The
link is then given up, because the bytes behind them cannot be trusted.

Lengths. A reply to a client, or everything that a commit publishes in a game, is one message, and
so is a list of receivers in a head. Both grow with the game. So the only bound is `MOST_MESSAGE`,
which no server reaches: it keeps a broken peer from filling the memory.
"""

from collections.abc import Callable, Iterator
from struct import Struct
from types import GenericAlias
from typing import Any, get_type_hints

import attrs
import orjson

from actors.link.messages import LINK_MESSAGES, LinkMessage

MOST_MESSAGE = 1_024 * 1_024 * 1_024
"""Bytes of one message, and of its head."""

_PREFIX = Struct("!II")
_LENGTH_BYTES = 4
_HEAD_BYTES = 4


class BadLinkError(Exception):
    """Bytes are no message of this version, or a message is too long."""


def pack(message: LinkMessage) -> bytes:
    """Return a message as bytes. Raise `BadLinkError` if it is too long."""
    read, has_bytes = _WRITERS[message.kind]
    values = read(message)
    payload = values.pop() if has_bytes else b""
    head = orjson.dumps([message.kind, *values])
    length = _HEAD_BYTES + len(head) + len(payload)
    if length > MOST_MESSAGE:
        raise BadLinkError(f"a {type(message).__name__} of {length} bytes is too long")
    return _PREFIX.pack(length, len(head)) + head + payload


class Decoder:
    """Takes messages out of a stream of bytes, however it is cut."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes | bytearray) -> Iterator[LinkMessage]:
        """Yield the messages that are complete with `data`. Raise `BadLinkError`."""
        self._received += data
        start = 0
        try:
            while (end := self._end(start)) is not None:
                yield unpack(self._cut(start + _LENGTH_BYTES, end))
                start = end
        finally:
            del self._received[:start]

    def _cut(self, start: int, end: int) -> bytes:
        with memoryview(self._received) as received:  # a slice of the bytearray is a second copy
            return bytes(received[start:end])

    def _end(self, start: int) -> int | None:
        """Return where the message that begins at `start` ends, None if it is not complete."""
        left = len(self._received) - start
        if left < _LENGTH_BYTES:
            return None
        length = int.from_bytes(self._received[start : start + _LENGTH_BYTES])
        if not _HEAD_BYTES <= length <= MOST_MESSAGE:
            raise BadLinkError(f"a message of {length} bytes")
        end = start + _LENGTH_BYTES + length
        return end if len(self._received) >= end else None


def unpack(body: bytes) -> LinkMessage:
    """Return the message whose bytes behind the length are `body`. Raise `BadLinkError`."""
    head_end = _HEAD_BYTES + int.from_bytes(body[:_HEAD_BYTES])
    if head_end > len(body):
        raise BadLinkError("a head that is longer than its message")
    try:
        head = orjson.loads(body[_HEAD_BYTES:head_end])
    except orjson.JSONDecodeError:
        raise BadLinkError("a head that is not JSON") from None
    if not isinstance(head, list) or not head or type(head[0]) is not int:
        raise BadLinkError("a head without a kind")
    kind, *values = head
    if kind not in _READERS:
        raise BadLinkError(f"a message of the unknown kind {kind}")
    return _READERS[kind](values, body[head_end:])


_CHECKS: dict[Any, Callable[[Any], bool]] = {
    int: lambda value: type(value) is int,
    bool: lambda value: type(value) is bool,
    str: lambda value: type(value) is str,
    tuple[int, ...]: lambda value: type(value) is list and all(type(each) is int for each in value),
}


def _writer(cls: type[LinkMessage]) -> tuple[Callable[[LinkMessage], list[Any]], bool]:
    """Return what reads the fields of a message, and whether the last one is bytes."""
    names = [field.name for field in attrs.fields(cls)]  # type: ignore[arg-type]
    types = _types(cls)
    return (lambda message: [getattr(message, name) for name in names]), bytes in types


def _reader(cls: type[LinkMessage]) -> Callable[[list[Any], bytes], LinkMessage]:
    """Return what makes a message from its head and its bytes. That raises `BadLinkError`."""
    types = _types(cls)
    has_bytes = bytes in types
    in_head = [each for each in types if each is not bytes]
    checks = [_CHECKS[each] for each in in_head]
    make: Callable[..., LinkMessage] = cls
    lists = [i for i, each in enumerate(in_head) if isinstance(each, GenericAlias)]

    def read(values: list[Any], payload: bytes) -> LinkMessage:
        is_right = len(values) == len(checks) and (has_bytes or not payload)
        if not is_right or not all(check(v) for check, v in zip(checks, values, strict=True)):
            raise BadLinkError(f"a {cls.__name__} with other fields")
        for place in lists:
            values[place] = tuple(values[place])
        return make(*values, payload) if has_bytes else make(*values)

    return read


def _types(cls: type[LinkMessage]) -> list[Any]:
    hints = get_type_hints(cls)
    return [hints[field.name] for field in attrs.fields(cls)]  # type: ignore[arg-type]


_WRITERS = {kind: _writer(cls) for kind, cls in LINK_MESSAGES.items()}
_READERS = {kind: _reader(cls) for kind, cls in LINK_MESSAGES.items()}

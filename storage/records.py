"""The records of a cluster's log: what one holds, how it is encoded, and how it is verified.

A record is one commit of the leader. Records are numbered from 1 without gaps (`idx`). Each names
the leader's term (`epoch`), the version of the schema that its rows need (`level`), and the time of
the leader's clock (`at`, epoch ms). There are three kinds:

- rows: the changes of one batch, in the order in which `Database.put` writes them;
- epoch: the first record of a new leader;
- mark: nothing, or the id of a check (`storage/cluster/checks.py`). The engine's clean
  acknowledgement of a mark confirms the record before it.

Chain. `chain` is the SHA-256 of the previous record's chain, of epoch, level and at as 8 bytes each
(big-endian), of the kind in UTF-8 and of the body as stored. Before the first record it is 32 zero
bytes. So a node that has applied a record knows whether another one follows it, and two logs with
the same chain at one idx are equal up to there. The body of an epoch names the node, so that the
chains of two nodes that take the same epoch differ.

Body. JSON, compressed with zlib: `[[kind, [row, ...]], ...]`, a row being the fields of a `Change`
in order and `bytes` written in hex. A mark's body is empty, or the id of a check. The fields of the
changes are frozen by a test. A reader accepts a body only if it has no more than `MOST_JSON_BYTES`
and every value has its field's type, because the log may be damaged and this code writes to the
file without a look at the rules.
"""

import zlib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import Any, Final, get_args

import orjson
from attrs import fields, frozen

from storage import (
    changes,
    correction_changes,
    hook_changes,
    limit_changes,
    moderation_changes,
    operator_changes,
)
from storage.changes import Change, by_kind, values_of
from storage.errors import StorageError

CHAIN_BYTES: Final = 32
MOST_JSON_BYTES: Final = 256 << 20
"""The size of a body at most, before it is compressed. A batch of 20,000 rows has about 4 MB."""
FASTEST: Final = 1
"""zlib's level: higher ones take the writer's time, and gain a tenth on rows full of digests."""

CHANGE_KINDS: Final[dict[str, type[Change]]] = {
    name: each
    for module in (
        *(changes, correction_changes, hook_changes, operator_changes, moderation_changes),
        *(limit_changes,),
    )
    for name, each in vars(module).items()
    if isinstance(each, type) and issubclass(each, Change) and each is not Change
}
"""The kinds of changes, by the names that they have in bodies."""


class RecordKind(StrEnum):
    """What a record is."""

    ROWS = "rows"
    EPOCH = "epoch"
    MARK = "mark"


class RecordRefusedError(StorageError):
    """A record cannot be used: it is damaged, too large, or not the next one."""

    def __init__(self, idx: int, problem: str) -> None:
        super().__init__(f"record {idx} of the cluster's log {problem}")
        self.idx = idx


class NewerLevelError(RecordRefusedError):
    """A record needs a newer version of the schema than this release has."""

    def __init__(self, idx: int, level: int, known: int) -> None:
        super().__init__(
            idx, f"needs version {level} of the schema, and this release has version {known}"
        )


@frozen
class LogPlace:
    """A place in the log: the last record up to it, named by its idx, epoch and chain."""

    idx: int
    epoch: int
    chain: bytes


LOG_START: Final = LogPlace(0, 0, bytes(CHAIN_BYTES))
"""The place before the first record."""


@frozen
class LogRecord:
    """One record of the log, as it is stored. `kind` may be one that this release does not know."""

    idx: int
    epoch: int
    level: int
    at: int
    kind: str
    chain: bytes
    body: bytes

    @property
    def place(self) -> LogPlace:
        """The place behind this record."""
        return LogPlace(self.idx, self.epoch, self.chain)

    def follows(self, place: LogPlace) -> bool:
        """Return whether this is an undamaged record that may come right behind a place."""
        is_new = self.kind == RecordKind.EPOCH
        in_turn = self.epoch > place.epoch if is_new else self.epoch == place.epoch
        wanted = _chained(place.chain, self.epoch, self.level, self.at, self.kind, self.body)
        return self.idx == place.idx + 1 and in_turn and self.chain == wanted


def rows_record(after: LogPlace, level: int, at: int, written: Iterable[Change]) -> LogRecord:
    """Return the record of a batch of changes. Raise RecordRefusedError if it is too large."""
    groups = [[kind.__name__, [*map(values_of(kind), rows)]] for kind, rows in by_kind(written)]
    text = orjson.dumps(groups, default=bytes.hex)
    if len(text) > MOST_JSON_BYTES:
        raise RecordRefusedError(after.idx + 1, f"would have {len(text)} bytes")
    return _record(after, after.epoch, level, at, RecordKind.ROWS, _compressed(text))


def epoch_record(after: LogPlace, epoch: int, level: int, at: int, node: str) -> LogRecord:
    """Return the record with which a node begins an epoch."""
    body = _compressed(orjson.dumps({"node": node}))
    return _record(after, epoch, level, at, RecordKind.EPOCH, body)


def mark_record(after: LogPlace, level: int, at: int, check_id: str = "") -> LogRecord:
    """Return a record that changes nothing; with `check_id`, the files are compared behind it."""
    return _record(after, after.epoch, level, at, RecordKind.MARK, check_id.encode())


def check_of(record: LogRecord) -> str:
    """Return the id of the check for which the files are compared behind a record; "" for none."""
    return record.body.decode(errors="replace") if record.kind == RecordKind.MARK else ""


def changes_of(record: LogRecord, level: int) -> Sequence[Change]:
    """Return the changes in a record, for a file whose schema has the version `level`.

    Raise NewerLevelError, and RecordRefusedError if the record is damaged.
    """
    if record.level > level:
        raise NewerLevelError(record.idx, record.level, level)
    if record.kind in (RecordKind.EPOCH, RecordKind.MARK):
        return []
    if record.kind != RecordKind.ROWS:
        raise RecordRefusedError(record.idx, f"is of the unknown kind {record.kind[:50]!r}")
    try:
        groups = orjson.loads(_decompressed(record.body))
        return [change for group in groups for change in _changes(*group)]
    except (ValueError, TypeError, zlib.error) as error:
        raise RecordRefusedError(record.idx, f"is damaged: {str(error)[:200]}") from error


def _record(
    after: LogPlace, epoch: int, level: int, at: int, kind: RecordKind, body: bytes
) -> LogRecord:
    chain = _chained(after.chain, epoch, level, at, kind, body)
    return LogRecord(after.idx + 1, epoch, level, at, kind.value, chain, body)


def _chained(previous: bytes, epoch: int, level: int, at: int, kind: str, body: bytes) -> bytes:
    numbers = b"".join(number.to_bytes(8, "big", signed=True) for number in (epoch, level, at))
    return sha256(b"".join((previous, numbers, kind.encode(), body))).digest()


def _compressed(text: bytes) -> bytes:
    return zlib.compress(text, FASTEST)


def _decompressed(body: bytes) -> bytes:
    """Return the text of a body. Raise ValueError if it is cut, longer than allowed, or padded."""
    inflating = zlib.decompressobj()
    text = inflating.decompress(body, MOST_JSON_BYTES + 1)
    if len(text) > MOST_JSON_BYTES:
        raise ValueError(f"it has more than {MOST_JSON_BYTES} bytes")
    if not inflating.eof or inflating.unused_data:
        raise ValueError("it is cut, or has bytes behind its end")
    return text


def _changes(name: str, rows: list[list[Any]]) -> Iterable[Change]:
    """Yield the changes of one group of a body. Raise ValueError and TypeError."""
    kind = CHANGE_KINDS.get(name)
    if kind is None:
        raise ValueError(f"unknown change {str(name)[:50]!r}")
    types = _types_of(kind)  # type: ignore[arg-type]  # a class is hashable
    for row in rows:
        if type(row) is not list or len(row) != len(types):
            raise ValueError(f"{name} with other than {len(types)} values")
        yield kind(*map(_value, row, types))


def _value(value: Any, types: tuple[type, ...]) -> Any:
    """Return a field's value. Raise ValueError and TypeError if it does not have its type."""
    if type(value) in types:
        return value
    if bytes in types:
        return bytes.fromhex(value)
    raise TypeError(f"{str(value)[:50]!r} is not {types[0].__name__}")


@cache
def _types_of(kind: Any) -> list[tuple[type, ...]]:
    """Return the types that each field of a kind may have."""
    return [
        tuple(get_args(field.type)) if isinstance(field.type, UnionType) else (field.type,)
        for field in fields(kind)
    ]

"""A record of the log: what it holds comes back, and nothing else is taken for one."""

import json
import zlib
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from types import UnionType
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import records
from storage.changes import (
    Change,
    FactWritten,
    NonceSpent,
    PointsMoved,
    UserAdded,
    by_kind,
)
from storage.records import (
    CHANGE_KINDS,
    LOG_START,
    LogPlace,
    LogRecord,
    NewerLevelError,
    RecordRefusedError,
    changes_of,
    epoch_record,
    mark_record,
    rows_record,
)

LEVEL = 7
PLACE = LogPlace(41, 3, bytes(range(32)))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**63), 2**63 - 1),
    str: TEXT,
    bool: st.booleans(),
    bytes: st.binary(max_size=40),
    type(None): st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    parts = kind.__args__ if isinstance(kind, UnionType) else (kind,)
    return st.one_of(*(VALUES[part] for part in parts))


def changes_of_kind(kind: Any) -> st.SearchStrategy[Change]:
    return st.builds(kind, *(values(each.type) for each in attrs.fields(kind)))


CHANGES = st.lists(st.one_of(*map(changes_of_kind, CHANGE_KINDS.values())), max_size=12)
SOME = [UserAdded(1, "ann", "ann", False, 1), PointsMoved("DON", 1, -5)]


def in_order(changes: Sequence[Change]) -> list[Change]:
    return [change for _, rows in by_kind(changes) for change in rows]


def with_body(body: bytes, kind: str = "rows", level: int = LEVEL) -> LogRecord:
    return LogRecord(42, 3, level, 1, kind, bytes(32), body)


def packed(groups: Any) -> LogRecord:
    return with_body(zlib.compress(json.dumps(groups).encode()))


@given(CHANGES)
def test_the_changes_of_a_batch_come_back_in_the_order_of_the_file(changes: list[Change]) -> None:
    record = rows_record(PLACE, LEVEL, 5, changes)
    found = changes_of(record, LEVEL)
    assert [*found] == in_order(changes)
    assert in_order(found) == [*found], "written again, they keep their order"
    assert [*map(type, found)] == [*map(type, in_order(changes))]


def test_the_chain_can_be_made_without_toteboard() -> None:
    body = zlib.compress(b'[["NonceSpent",[[7,"n"]]]]', 1)
    numbers = (3).to_bytes(8, "big") + (7).to_bytes(8, "big") + (5).to_bytes(8, "big")
    chain = sha256(PLACE.chain + numbers + b"rows" + body).digest()
    wanted = LogRecord(42, 3, LEVEL, 5, "rows", chain, body)
    assert rows_record(PLACE, LEVEL, 5, [NonceSpent(7, "n")]) == wanted


def test_bytes_are_written_in_hex() -> None:
    fact = FactWritten("g", 1, 2, "k", "{}", None, b"\x00\xff")
    record = rows_record(PLACE, LEVEL, 5, [fact])
    assert json.loads(zlib.decompress(record.body)) == [
        ["FactWritten", [["g", 1, 2, "k", "{}", None, "00ff"]]]
    ]
    assert changes_of(record, LEVEL) == [fact]


def test_a_log_begins_with_an_epoch_that_names_its_node() -> None:
    first = epoch_record(LOG_START, 1, LEVEL, 5, "one")
    assert first.follows(LOG_START)
    assert first.chain != epoch_record(LOG_START, 1, LEVEL, 5, "other").chain
    assert changes_of(first, LEVEL) == []


def test_each_record_follows_the_one_before_it_and_no_other() -> None:
    first = epoch_record(LOG_START, 1, LEVEL, 5, "one")
    rows = rows_record(first.place, LEVEL, 6, SOME)
    mark = mark_record(rows.place, LEVEL, 7)
    second = epoch_record(mark.place, 2, LEVEL, 8, "other")
    log = [first, rows, mark, second]
    places = [LOG_START, *(record.place for record in log)]
    for record in log:
        assert [place for place in places if record.follows(place)] == [places[record.idx - 1]]


def test_an_epoch_is_newer_than_the_last_and_no_other_record_changes_it() -> None:
    assert not epoch_record(PLACE, 3, LEVEL, 5, "one").follows(PLACE)
    rows = rows_record(attrs.evolve(PLACE, epoch=4), LEVEL, 5, SOME)
    assert not rows.follows(PLACE)


@pytest.mark.parametrize(
    "damage",
    [
        {"idx": 43},
        {"level": 8},
        {"at": 6},
        {"at": -1},
        {"kind": "mark"},
        {"body": b""},
        {"chain": bytes(32)},
        {"epoch": 2},
    ],
    ids=str,
)
def test_a_damaged_record_follows_nothing(damage: dict[str, Any]) -> None:
    record = rows_record(PLACE, LEVEL, 5, SOME)
    assert record.follows(PLACE)
    assert not attrs.evolve(record, **damage).follows(PLACE)


def test_a_newer_level_is_refused_and_an_older_one_is_not() -> None:
    record = rows_record(PLACE, LEVEL, 5, SOME)
    assert changes_of(record, LEVEL + 1) == SOME
    with pytest.raises(NewerLevelError, match=r"record 42 .* version 7 .* has version 6"):
        changes_of(record, LEVEL - 1)
    with pytest.raises(NewerLevelError):
        changes_of(attrs.evolve(record, kind="unheard of"), LEVEL - 1)


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (with_body(b"", "unheard of"), "unknown kind"),
        (packed([["NeverHeard", [[1]]]]), "unknown change 'NeverHeard'"),
        (packed([["Change", [[]]]]), "unknown change"),
        (packed([[["UserDisabled"], [[1]]]]), "damaged"),
        (packed([["UserDisabled", [[1, 2]]]]), "other than 1 values"),
        (packed([["UserDisabled", [[]]]]), "other than 1 values"),
        (packed([["UserDisabled", [["1"]]]]), "'1' is not int"),
        (packed([["UserDisabled", [[True]]]]), "'True' is not int"),
        (packed([["UserDisabled", [[1.5]]]]), "'1.5' is not int"),
        (packed([["UserDisabled", [[None]]]]), "'None' is not int"),
        (packed([["UserDisabled", [1]]]), "damaged"),
        (packed([["SecretNoted", ["s"]]]), "other than 1 values"),
        (packed([["UserDisabled", {"a": 1}]]), "damaged"),
        (packed([["OperatorActed", [[1, "k", "{}", "xyz"]]]]), "damaged"),
        (packed([["OperatorActed", [[1, "k", "{}", [1]]]]]), "damaged"),
        (packed({"a": 1}), "damaged"),
        (packed([1]), "damaged"),
        (packed([["UserDisabled"]]), "damaged"),
        (packed([["UserDisabled", [], []]]), "damaged"),
        (packed(None), "damaged"),
        (with_body(zlib.compress(b"[" * 100_000)), "damaged"),
        (with_body(zlib.compress(b'[["UserDis')), "damaged"),
        (with_body(b""), "it is cut"),
        (with_body(b"not zlib"), "damaged"),
        (with_body(zlib.compress(b"[]")[:-1]), "it is cut"),
        (with_body(zlib.compress(b"[]") + b"x"), "behind its end"),
    ],
)
def test_a_body_that_is_none_is_refused(record: LogRecord, problem: str) -> None:
    with pytest.raises(RecordRefusedError, match=problem):
        changes_of(record, LEVEL)


def test_a_body_is_never_inflated_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_JSON_BYTES", 1_000)
    bomb = with_body(zlib.compress(b" " * 100_000_000 + b"[]"))
    assert len(bomb.body) < 100_000
    with pytest.raises(RecordRefusedError, match="more than 1000 bytes"):
        changes_of(bomb, LEVEL)
    many = [PointsMoved("DON", each, 1) for each in range(100)]
    with pytest.raises(RecordRefusedError, match="would have"):
        rows_record(PLACE, LEVEL, 5, many)


@given(CHANGES, st.integers(0), st.integers(0, 255))
@example([], 0, 0)
def test_a_changed_byte_of_a_body_does_no_more_than_refuse_it(
    changes: list[Change], place: int, byte: int
) -> None:
    body = bytearray(zlib.decompress(rows_record(PLACE, LEVEL, 5, changes).body))
    body[place % len(body)] = byte
    try:
        found = changes_of(with_body(zlib.compress(body)), LEVEL)
    except RecordRefusedError:
        return
    for change in found:
        kind: Any = type(change)
        for each in attrs.fields(kind):
            assert isinstance(getattr(change, each.name), each.type)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_body_do_no_more_than_be_refused(body: bytes) -> None:
    for each in (body, zlib.compress(body)):
        with suppress(RecordRefusedError):
            changes_of(with_body(each), LEVEL)


def test_every_kind_of_change_has_a_name_in_a_body() -> None:
    assert len(CHANGE_KINDS) > 20
    assert all(name == kind.__name__ for name, kind in CHANGE_KINDS.items())

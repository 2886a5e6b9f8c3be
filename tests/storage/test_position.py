"""A file is the records up to its place, which is written with each of them."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from storage.changes import AccountMoved, Change, NonceSpent, OperatorActed, UserAdded
from storage.database import Database
from storage.digest import file_digest
from storage.errors import RowRefusedError, StorageError
from storage.migrations import latest_version
from storage.opening import open_database
from storage.position import (
    FilePosition,
    StandsAloneError,
    apply_records,
    join_cluster,
    leave_cluster,
    move_position,
    position_of,
)
from storage.records import (
    LOG_START,
    LogRecord,
    NewerLevelError,
    RecordRefusedError,
    epoch_record,
    mark_record,
    rows_record,
)
from tests.support.version_1 import fill

CLUSTER = "3c2d7a54-0f0e-4f43-9d53-2b1a5d0d7c11"
LEVEL = latest_version()
BATCHES: Sequence[Sequence[Change]] = [
    [UserAdded(1, "ann", "ann", True, 5), NonceSpent(1, "n")],
    [OperatorActed(6, "credited", "{}", b"x"), AccountMoved("player:1:available", "DON", 700)],
    [AccountMoved("player:1:available", "DON", -200), NonceSpent(1, "m")],
]


def log() -> list[LogRecord]:
    made = [epoch_record(LOG_START, 1, LEVEL, 5, "one")]
    for at, batch in enumerate(BATCHES, 6):
        made.append(rows_record(made[-1].place, LEVEL, at, batch))
    return [*made, mark_record(made[-1].place, LEVEL, 9)]


@pytest.fixture
def node(database: Database) -> Database:
    """A file of a cluster, before its first record."""
    join_cluster(database, FilePosition(CLUSTER, LOG_START))
    return database


def test_a_file_that_stands_alone_has_no_place(database: Database) -> None:
    assert position_of(database) is None
    with pytest.raises(StandsAloneError, match=r"record 1 .* stands alone"):
        apply_records(database, log())


def test_a_file_joins_one_cluster_and_can_leave_it(node: Database) -> None:
    apply_records(node, log())
    with pytest.raises(StorageError, match="has a cluster"):
        join_cluster(node, FilePosition("another", LOG_START))
    assert position_of(node) == FilePosition(CLUSTER, log()[-1].place)
    leave_cluster(node)
    assert position_of(node) is None
    assert node.row("SELECT name FROM users") == {"name": "ann"}


def test_the_position_is_one_row_as_operators_read_it(path: Path, node: Database) -> None:
    apply_records(node, log())
    with closing(sqlite3.connect(path)) as reader:
        rows = reader.execute("SELECT cluster, idx, epoch, chain FROM position").fetchall()
    assert rows == [(CLUSTER, 5, 1, log()[-1].chain)]


def test_records_applied_one_by_one_or_together_make_the_same_file(
    node: Database, tmp_path: Path
) -> None:
    for record in log():
        apply_records(node, [record])
    with closing(open_database(tmp_path / "other.db")) as other:
        join_cluster(other, FilePosition(CLUSTER, LOG_START))
        apply_records(other, log())
        assert file_digest(other) == file_digest(node)


def test_a_leader_s_file_is_that_of_a_node_that_applies_its_log(
    node: Database, tmp_path: Path
) -> None:
    apply_records(node, log())
    with closing(open_database(tmp_path / "leader.db")) as leader:
        join_cluster(leader, FilePosition(CLUSTER, LOG_START))
        for record, batch in zip(log(), [[], *BATCHES, []], strict=True):
            with leader.transaction():
                leader.put(batch)
                move_position(leader, record.place)
        assert file_digest(leader) == file_digest(node)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda made: made[1:],  # one is missing before them
        lambda made: [made[0], made[2]],  # one is missing between them
        lambda made: [made[0], made[0]],
        lambda made: [*made[:2], attrs.evolve(made[2], at=1)],
        lambda made: [*made[:2], attrs.evolve(made[2], body=made[1].body)],
        lambda made: [*made[:2], attrs.evolve(made[3], idx=3)],
        lambda made: [*made[:2], attrs.evolve(made[2], body=b"")],
        lambda made: [*made[:2], attrs.evolve(made[2], kind="unheard of")],
    ],
)
def test_a_record_that_does_not_follow_changes_nothing(
    node: Database, wrong: Callable[[list[LogRecord]], list[LogRecord]]
) -> None:
    before = file_digest(node)
    with pytest.raises(RecordRefusedError):
        apply_records(node, wrong(log()))
    assert file_digest(node) == before


def test_a_row_that_the_file_refuses_leaves_the_place_as_it_was(node: Database) -> None:
    apply_records(node, log())
    before = file_digest(node)
    bad = rows_record(log()[-1].place, LEVEL, 9, [*BATCHES[1][:1], NonceSpent(404, "n")])
    with pytest.raises(RowRefusedError):
        apply_records(node, [bad])
    assert file_digest(node) == before


def test_a_record_of_a_newer_schema_is_refused(node: Database) -> None:
    newer = epoch_record(LOG_START, 1, LEVEL + 1, 5, "one")
    with pytest.raises(NewerLevelError):
        apply_records(node, [newer])
    assert position_of(node) == FilePosition(CLUSTER, LOG_START)


def test_a_file_from_before_the_clusters_stands_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        fill(old)
    with closing(open_database(path)) as upgraded:
        assert position_of(upgraded) is None

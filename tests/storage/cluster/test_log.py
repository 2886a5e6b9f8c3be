"""The log in PostgreSQL: one record for each idx, none of an old epoch after a newer one."""

import attrs
import pytest

from storage.cluster import log
from storage.cluster.connection import EngineConnection, EngineUnclearError, KeyTakenError
from storage.cluster.log import (
    LogPartitions,
    append_record,
    last_place,
    places_from,
    read_records,
)
from storage.records import LOG_START, LogRecord, epoch_record, mark_record
from tests.support.cluster_sessions import (
    LEVEL,
    Appenders,
    batch,
    extend,
    make_cluster,
    session,
    soon,
)


def first(engine: EngineConnection) -> LogRecord:
    """The first record of a log, appended."""
    LogPartitions().make_room(engine, soon(), 1)
    record = epoch_record(LOG_START, 1, LEVEL, 5, "a")
    assert append_record(engine, soon(), record, LOG_START)
    return record


def test_records_come_back_as_they_were_appended(url: str) -> None:
    make_cluster(url)
    with session(url) as engine:
        assert last_place(engine, soon()) == (LOG_START, 0)
        epoch = first(engine)
        rows = batch(epoch.place, '{"a":"é"}')
        assert append_record(engine, soon(), rows, epoch.place)
        mark = mark_record(rows.place, LEVEL, 2**62)
        assert append_record(engine, soon(), mark, rows.place)
        assert read_records(engine, soon(), 0) == [epoch, rows, mark]
        assert read_records(engine, soon(), 2) == [mark]
        assert read_records(engine, soon(), 3) == []
        assert places_from(engine, soon(), 2) == [rows.place, mark.place]
        assert last_place(engine, soon()) == (mark.place, 2**62)


def test_an_old_epoch_appends_nothing_after_a_newer_one(url: str) -> None:
    make_cluster(url)
    with session(url) as old, session(url) as new:
        begun = first(old)
        newer = epoch_record(begun.place, 2, LEVEL, 6, "b")
        assert append_record(new, soon(), newer, begun.place)
        with pytest.raises(KeyTakenError):
            append_record(old, soon(), batch(begun.place), begun.place)
        late = attrs.evolve(batch(begun.place), idx=3)
        behind_a_record_that_was_never_there = attrs.evolve(begun.place, idx=2)
        assert not append_record(old, soon(), late, behind_a_record_that_was_never_there)
        assert read_records(new, soon(), 0) == [begun, newer]


def test_a_log_has_no_holes_and_no_second_beginning(url: str) -> None:
    make_cluster(url)
    with session(url) as engine:
        begun = first(engine)
        hole = attrs.evolve(begun.place, idx=7)
        assert not append_record(engine, soon(), batch(hole), hole)
        again = attrs.evolve(epoch_record(LOG_START, 2, LEVEL, 5, "b"), idx=9)
        assert not append_record(engine, soon(), again, LOG_START)


def test_a_page_has_few_records_and_few_bytes_and_one_at_least(
    appenders: Appenders, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_cluster(url)
    extend(appenders.leading(url), 5)
    with session(url) as engine:
        monkeypatch.setattr(log, "PAGE_RECORDS", 3)
        assert [record.idx for record in read_records(engine, soon(), 1)] == [2, 3, 4]
        monkeypatch.setattr(log, "PAGE_BYTES", 1)
        assert [record.idx for record in read_records(engine, soon(), 1)] == [2]


def test_room_is_made_half_a_partition_ahead(url: str) -> None:
    make_cluster(url)
    with session(url) as engine:
        partitions = LogPartitions(size=4)
        assert numbers(engine, partitions, 1) == [0]
        assert numbers(engine, partitions, 2) == [0]
        assert numbers(engine, partitions, 3) == [0, 1]
        assert numbers(engine, LogPartitions(size=4), 3) == [0, 1], "another node finds it"
        assert numbers(engine, LogPartitions(size=4), 12) == [0, 1, 2, 3]


def numbers(engine: EngineConnection, partitions: LogPartitions, idx: int) -> list[int]:
    partitions.make_room(engine, soon(), idx)
    return [number for (number,) in engine.run(soon(), log._PARTITIONS)[1]]


def test_a_record_without_room_is_not_lost_in_silence(url: str) -> None:
    make_cluster(url)
    with session(url) as engine, pytest.raises(EngineUnclearError, match="no partition"):
        append_record(engine, soon(), epoch_record(LOG_START, 1, LEVEL, 5, "a"), LOG_START)


def test_old_partitions_that_all_have_applied_are_dropped_and_no_other(
    appenders: Appenders, url: str
) -> None:
    make_cluster(url)
    partitions = LogPartitions(size=4)
    with session(url) as engine:
        appender = appenders.leading(url, partitions=partitions)
        extend(appender, 12)
        assert partitions.trim(engine, soon(), below=4, before=2**60) == 0
        assert partitions.trim(engine, soon(), below=13, before=3) == 0, "all are younger"
        assert partitions.trim(engine, soon(), below=8, before=2**60) == 1
        assert read_records(engine, soon(), 0)[0].idx == 5
        assert partitions.trim(engine, soon(), below=13, before=11) == 1
        assert read_records(engine, soon(), 0)[0].idx == 9
        extend(appender, 3)

"""What a look shows: where the file stands, and which records no promotion can lose."""

import pytest

from storage.cluster.log import append_record
from storage.cluster.look import LogLook, PlaceInLog, look_at_log
from storage.cluster.nodes import NodeReport, report_node
from storage.records import LOG_START, LogPlace, epoch_record, mark_record
from tests.support.cluster_sessions import (
    LEVEL,
    Appenders,
    batch,
    extend,
    log_of,
    make_cluster,
    session,
    soon,
)


def look(url: str, place: LogPlace = LOG_START) -> LogLook:
    with session(url) as engine:
        return look_at_log(engine, soon(), place)


@pytest.fixture
def cluster(url: str) -> str:
    """The URL of a new cluster."""
    make_cluster(url)
    return url


def test_an_empty_log_fits_a_file_at_its_start_and_no_other(cluster: str) -> None:
    seen = look(cluster)
    assert (seen.place, seen.end, seen.records) == (PlaceInLog.THERE, LOG_START, [])
    assert seen.is_whole
    assert look(cluster, LogPlace(1, 1, bytes(32))).place is PlaceInLog.GONE


def test_a_record_is_confirmed_by_the_rows_behind_it(cluster: str, appenders: Appenders) -> None:
    leader = appenders.leading(cluster)
    assert look(cluster).applicable(0) == []
    extend(leader, 2)
    seen = look(cluster)
    assert seen.end == leader.confirmed
    assert [record.idx for record in seen.applicable(0)] == [1, 2]


def test_neither_a_mark_nor_an_epoch_confirms_what_is_before_it(
    cluster: str, appenders: Appenders
) -> None:
    leader = appenders.leading(cluster)
    extend(leader, 1)
    end = leader.confirmed
    with session(cluster) as engine:
        mark = mark_record(end, LEVEL, 5)
        assert append_record(engine, soon(), mark, end)
        assert append_record(engine, soon(), epoch_record(mark.place, 2, LEVEL, 5, "b"), mark.place)
    assert [record.idx for record in look(cluster).applicable(0)] == [1]
    assert look(cluster).end.epoch == 2


def test_a_record_is_confirmed_by_a_node_that_has_applied_it(
    cluster: str, appenders: Appenders
) -> None:
    leader = appenders.leading(cluster)
    extend(leader, 2)
    with session(cluster) as engine:
        report_node(engine, soon(), NodeReport("a", "a:1", "1", LEVEL, 3))
    assert look(cluster).applicable(0) == log_of(cluster)


def test_a_look_begins_behind_the_file_s_place(cluster: str, appenders: Appenders) -> None:
    leader = appenders.leading(cluster)
    place = leader.confirmed
    extend(leader, 3)
    seen = look(cluster, place)
    assert [record.idx for record in seen.records] == [2, 3, 4]
    assert [record.idx for record in seen.applicable(0)] == [2, 3]
    assert (seen.place, seen.is_whole) == (PlaceInLog.THERE, True)


def test_a_log_that_does_not_have_the_file_s_place_is_noticed(
    cluster: str, appenders: Appenders
) -> None:
    leader = appenders.leading(cluster)
    extend(leader, 2)
    other = batch(LogPlace(2, 1, bytes(32))).place
    assert look(cluster, other).place is PlaceInLog.OTHER
    beyond = LogPlace(9, 1, bytes(32))
    assert look(cluster, beyond).place is PlaceInLog.GONE
    assert look(cluster, beyond).records == []


def test_a_log_that_was_trimmed_behind_the_file_s_place_is_noticed(
    cluster: str, appenders: Appenders
) -> None:
    leader = appenders.leading(cluster)
    first = leader.confirmed
    extend(leader, 3)
    with session(cluster) as engine:
        engine.run(soon(), "DELETE FROM toteboard_log WHERE idx <= 2")
    assert look(cluster, first).place is PlaceInLog.TRIMMED
    assert look(cluster).place is PlaceInLog.TRIMMED

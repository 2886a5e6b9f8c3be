"""A log that is begun again goes on where the file is, for this file and no other."""

import pytest

from storage.cluster.lease import LEASE_S, campaign, halt_lease, read_lease
from storage.cluster.look import PlaceInLog, look_at_log
from storage.cluster.reseeding import reseed_log
from storage.errors import DatabaseUnusableError
from storage.position import FilePosition
from storage.records import LOG_START, LogPlace
from tests.support.cluster_sessions import (
    Appenders,
    extend,
    log_of,
    make_cluster,
    session,
    soon,
)


def found(url: str, place: LogPlace) -> PlaceInLog:
    with session(url) as engine:
        return look_at_log(engine, soon(), place).place


def a_log_and_a_place_in_it(url: str, appenders: Appenders) -> tuple[str, LogPlace, LogPlace]:
    """Make a cluster with a log. Return its id, the place of a file that is behind, and the end."""
    cluster = make_cluster(url)
    leader = appenders.leading(url)
    extend(leader, 2)
    behind = leader.confirmed
    extend(leader, 3)
    return cluster, behind, leader.confirmed


def test_the_log_goes_on_behind_the_file_that_is_kept(url: str, appenders: Appenders) -> None:
    cluster = make_cluster(url)
    leader = appenders.leading(url)
    extend(leader, 4)
    kept = leader.confirmed
    extend(leader, 1)
    later = leader.confirmed
    with session(url) as engine:
        engine.run(soon(), "DELETE FROM toteboard_log WHERE idx > 2")
        engine.run(soon(), "UPDATE toteboard_lease SET holder = 'a'")
        halt_lease(engine, soon())
    assert reseed_log(url, FilePosition(cluster, kept), 5, soon()) == kept.idx
    assert found(url, kept) is PlaceInLog.THERE
    assert found(url, later) is PlaceInLog.GONE
    assert found(url, log_of(url)[0].place) is PlaceInLog.THERE
    assert found(url, LOG_START) is PlaceInLog.TRIMMED
    extend(appenders.leading(url, 7, kept, "b"), 2)
    assert [record.idx for record in log_of(url)] == [5, 6, 7, 8]
    with session(url) as engine:
        lease = read_lease(engine, soon())
        assert (lease.is_halted, lease.left_s <= 0) == (False, True)


def test_a_log_is_not_begun_again_while_a_node_leads(url: str) -> None:
    cluster = make_cluster(url)
    with session(url) as engine:
        seen = read_lease(engine, soon())
        taken = campaign(engine, soon(), seen, 0, "a", "a:1")
        assert taken is not None
        assert taken.left_s <= LEASE_S
    with pytest.raises(DatabaseUnusableError, match="a:1 leads"):
        reseed_log(url, FilePosition(cluster, LOG_START), 5, soon())


def test_a_log_that_has_lost_nothing_of_the_file_keeps_what_it_has(
    url: str, appenders: Appenders
) -> None:
    cluster, behind, end = a_log_and_a_place_in_it(url, appenders)
    whole = log_of(url)
    for place in (behind, end):
        with pytest.raises(DatabaseUnusableError, match="lost nothing of this file"):
            reseed_log(url, FilePosition(cluster, place), 5, soon())
    assert log_of(url) == whole


def test_a_node_that_found_the_log_gone_back_is_overruled_by_a_file_whose_place_it_has(
    url: str, appenders: Appenders
) -> None:
    cluster, behind, end = a_log_and_a_place_in_it(url, appenders)
    whole = log_of(url)
    with session(url) as engine:
        engine.run(soon(), "UPDATE toteboard_lease SET holder = 'a'")
        halt_lease(engine, soon())
    assert reseed_log(url, FilePosition(cluster, behind), 5, soon()) == end.idx
    assert log_of(url) == whole
    with session(url) as engine:
        assert not read_lease(engine, soon()).is_halted


def test_a_log_that_begins_behind_the_file_is_not_begun_again(
    url: str, appenders: Appenders
) -> None:
    cluster, behind, _ = a_log_and_a_place_in_it(url, appenders)
    with session(url) as engine:
        engine.run(soon(), "DELETE FROM toteboard_log WHERE idx <= %s", behind.idx)
    with pytest.raises(DatabaseUnusableError, match="begins behind"):
        reseed_log(url, FilePosition(cluster, behind), 5, soon())

"""The lease: one holder at a time, by the engine's clock and compare-and-set."""

import psycopg
import pytest

from storage.cluster.lease import (
    LEASE_S,
    Lease,
    campaign,
    hand_over,
    read_lease,
    release_lease,
    renew_lease,
)
from tests.support.cluster_sessions import make_cluster, session, soon


@pytest.fixture
def url(url: str) -> str:
    """A new database with a cluster."""
    make_cluster(url)
    return url


def taken(url: str, holder: str = "a", least: int = 0) -> Lease:
    with session(url) as engine:
        seen = read_lease(engine, soon())
        lease = campaign(engine, soon(), seen, least, holder, f"{holder}:1")
        assert lease is not None
        return lease


def end(url: str) -> None:
    """Let the lease be over, as time would."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE toteboard_lease SET until = clock_timestamp()")


def test_a_lease_that_was_never_held_can_be_taken(url: str) -> None:
    lease = taken(url)
    assert (lease.epoch, lease.holder, lease.address) == (1, "a", "a:1")
    assert 0 < lease.left_s <= LEASE_S
    with session(url) as engine:
        later = read_lease(engine, soon())
        assert (later.epoch, later.holder) == (1, "a")
        assert lease.engine_ms <= later.engine_ms
        assert later.left_s <= lease.left_s


def test_a_lease_that_runs_cannot_be_taken(url: str) -> None:
    taken(url)
    with session(url) as engine:
        seen = read_lease(engine, soon())
        assert campaign(engine, soon(), seen, 0, "b", "b:1") is None
        assert read_lease(engine, soon()).holder == "a"


def test_of_two_candidates_one_wins(url: str) -> None:
    taken(url)
    end(url)
    with session(url) as engine:
        seen = read_lease(engine, soon())
        won = campaign(engine, soon(), seen, 0, "b", "b:1")
        assert won is not None
        assert won.epoch == 2
        end(url)
        assert campaign(engine, soon(), seen, 0, "c", "c:1") is None, "it changed since it was seen"


def test_an_epoch_is_newer_than_the_log_s(url: str) -> None:
    assert taken(url, least=41).epoch == 42


def test_the_holder_renews_and_nobody_else(url: str) -> None:
    taken(url)
    end(url)
    with session(url) as engine:
        assert renew_lease(engine, soon(), 1, "b") is None
        assert renew_lease(engine, soon(), 0, "a") is None
        renewed = renew_lease(engine, soon(), 1, "a")
        assert renewed is not None
        assert renewed.left_s > LEASE_S - 1


def test_a_holder_that_was_replaced_cannot_renew(url: str) -> None:
    taken(url)
    end(url)
    taken(url, "b")
    with session(url) as engine:
        assert renew_lease(engine, soon(), 1, "a") is None
        assert release_lease(engine, soon(), 1, "a") is None


def test_a_released_lease_can_be_taken_at_once(url: str) -> None:
    taken(url)
    with session(url) as engine:
        released = release_lease(engine, soon(), 1, "a")
        assert released is not None
        assert released.left_s <= 0
    assert taken(url, "b").epoch == 2


def test_a_lease_is_handed_over_with_the_next_epoch(url: str) -> None:
    mine = taken(url)
    with session(url) as engine:
        given = hand_over(engine, soon(), mine, "b", "b:1")
        assert given is not None
        assert (given.epoch, given.holder, given.address) == (2, "b", "b:1")
        assert given.left_s > 0
        assert renew_lease(engine, soon(), 1, "a") is None
        assert hand_over(engine, soon(), mine, "c", "c:1") is None

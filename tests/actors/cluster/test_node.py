"""One node leads at a time, every node has what it confirmed, and a lost log is noticed."""

import threading
from pathlib import Path
from typing import Any

import pytest
import trio

from actors.cluster import follower, lease_keeper
from actors.cluster.leadership import Leader
from actors.cluster.margin import MARGIN_S
from actors.cluster.node import Node, Term
from storage.cluster import checks
from storage.cluster.appender import Appender
from storage.cluster.leading import LeadingDatabase
from storage.cluster.lease import Lease, hand_over, read_lease
from storage.digest import file_digest
from storage.errors import LeadershipLostError, StorageError
from storage.records import LogPlace
from tests.actors.cluster.nodes import TestNode, cluster_in, until
from tests.support.cluster_sessions import session, soon
from tests.support.engine import Engine
from tests.support.proxy import LossyProxy


async def caught_up(node: TestNode, leader: TestNode) -> None:
    await until(lambda: node.node.place == leader.node.place)


async def known(node: TestNode, address: str) -> Leader:
    leader = node.node.leadership.leader
    while leader is None or leader.address != address:
        leader = await node.node.leadership.other_than(leader)
    return leader


def digest(node: TestNode) -> bytes:
    return file_digest(node.node._database)


async def test_one_node_leads_and_the_other_has_what_it_writes(tmp_path: Path, url: str) -> None:
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one, two = cluster.node(), cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        nursery.start_soon(two.run)
        for name in "abc":
            await one.write(name)
        assert await known(two, "n1:1") == Leader(1, "n1:1", False)
        await caught_up(two, one)
        assert digest(one) == digest(two)
        assert two.terms == []
        assert (one.node.trouble(), two.node.trouble()) == (None, None)


async def test_a_leader_that_stops_is_followed_by_another_at_once(tmp_path: Path, url: str) -> None:
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one, two = cluster.node(), cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        await one.write("a")
        nursery.start_soon(two.run)
        await known(two, "n1:1")
        one.stop.set()
        await two.leads.wait()
        await two.write("b")
        assert two.terms[0].epoch == 2
        assert two.terms[0].since >= one.terms[0].since


async def test_the_lease_is_handed_over_to_the_node_that_is_named(tmp_path: Path, url: str) -> None:
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        nodes = [cluster.node() for _ in range(3)]
        nursery.start_soon(nodes[0].run)
        await nodes[0].leads.wait()
        for node in nodes[1:]:
            nursery.start_soon(node.run)
            await known(node, "n1:1")
        await nodes[0].write("a")
        nodes[0].node.hand_over(nodes[2].report)
        await nodes[2].leads.wait()
        await nodes[2].write("b")
        await known(nodes[0], "n3:1")
        await caught_up(nodes[0], nodes[2])
        assert digest(nodes[0]) == digest(nodes[2])
        assert nodes[1].terms == []


async def test_a_term_that_cannot_begin_leaves_no_session_open(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    catch_up, close = follower.Follower.catch_up, Appender.close
    failures, closed = [StorageError("the disk is full")], list[Appender]()

    async def catching_up(self: follower.Follower, place: LogPlace) -> bool:
        if failures:
            raise failures.pop()
        return await catch_up(self, place)

    def closing(self: Appender) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(follower.Follower, "catch_up", catching_up)
    monkeypatch.setattr(Appender, "close", closing)
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        node = cluster.node()
        nursery.start_soon(node.run)
        await node.leads.wait()
        assert len(closed) == 1


async def test_a_node_that_is_cancelled_as_its_term_begins_leaves_no_session_open(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, closed, close = Node._begin, list[Appender](), Appender.close

    def closing(self: Appender) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(Appender, "close", closing)
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        life = trio.CancelScope()

        async def beginning(self: Node, *about: Any) -> Term | None:
            term = await begin(self, *about)
            life.cancel()
            return term

        monkeypatch.setattr(Node, "_begin", beginning)
        with life:
            await cluster.node().run()
        assert life.cancelled_caught
        assert len(closed) == 1
        nursery.cancel_scope.cancel()


async def test_a_leader_without_the_engine_steps_down_before_another_leads(
    tmp_path: Path, url: str, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with LossyProxy.before(engine.primary.port) as proxy:
        async with cluster_in(tmp_path, url) as (cluster, nursery):
            one = cluster.node(url.replace(f":{engine.primary.port}/", f":{proxy.port}/"))
            two = cluster.node()
            nursery.start_soon(one.run)
            await one.leads.wait()
            await one.write("a")
            nursery.start_soon(two.run)
            await known(two, "n1:1")
            proxy.refuse()
            with pytest.raises(LeadershipLostError):
                await one.write("b")
            await two.leads.wait()
            assert one.node.term is None
            await two.write("c")
            proxy.accept()
            await known(one, "n2:1")
            await caught_up(one, two)
            assert digest(one) == digest(two)
            assert len(one.terms) == len(two.terms) == 1


async def test_a_deposed_leader_stores_nothing_and_follows(tmp_path: Path, url: str) -> None:
    """Another has its lease without a pause: as if it had been paused for longer than that."""
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one, two = cluster.node(), cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        await one.write("a")
        with session(url) as engine:
            mine = Lease(one.terms[0].epoch, one.report.id, one.report.address, 0.0, 0)
            assert hand_over(engine, soon(), mine, two.report.id, two.report.address)
        nursery.start_soon(two.run)
        await two.leads.wait()
        with pytest.raises(LeadershipLostError):
            await one.write("b")
        await known(one, "n2:1")
        await two.write("c")
        await caught_up(one, two)
        assert digest(one) == digest(two)


def hang(seconds: float) -> None:
    """Block the event loop."""
    threading.Event().wait(seconds)


async def test_a_leader_whose_event_loop_is_late_keeps_its_lease(tmp_path: Path, url: str) -> None:
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one = cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        hang(MARGIN_S + 0.5)
        assert not one.terms[0].margin.is_over()
        await one.write("a")
        assert len(one.terms) == 1


async def test_a_leader_whose_event_loop_hangs_loses_its_lease(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_keeper, "LOOP_S", 0.5)
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one = cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        hang(2 * MARGIN_S)
        assert one.terms[0].margin.is_over()
        await until(lambda: one.node.term is None)


async def test_a_node_whose_clock_is_wrong_does_not_lead(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "MOST_SKEW_MS", -1)
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one = cluster.node()
        nursery.start_soon(one.run)
        await one.follows.wait()
        await trio.sleep(2 * follower.SETTLED_S)
        assert one.terms == []


async def test_a_log_that_lost_a_confirmed_record_is_led_by_nobody(
    tmp_path: Path, url: str
) -> None:
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one, two = cluster.node(), cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        for name in "ab":
            await one.write(name)
        with session(url) as engine:
            engine.run(soon(), "DELETE FROM toteboard_log WHERE idx = 3")
        with pytest.raises(LeadershipLostError, match="has lost"):
            await one.write("c")
        nursery.start_soon(two.run)
        await one.follows.wait()
        with session(url) as engine:
            await until(lambda: read_lease(engine, soon()).is_halted)
        await until(lambda: two.node.trouble() == follower.WENT_BACK)
        assert (one.node.trouble(), two.terms) == (follower.WENT_BACK, [])


async def test_a_check_that_the_engine_refuses_is_tried_again_and_ends_no_leader(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, refused = LeadingDatabase.mark, list[str]()

    def full(database: LeadingDatabase, check_id: str) -> None:
        if not refused:
            refused.append(check_id)
            raise StorageError("the engine is read-only")
        mark(database, check_id)

    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one = cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        monkeypatch.setattr(LeadingDatabase, "mark", full)
        before = one.node.place
        with session(url) as engine:
            checks.request_check(engine, soon(), "check 1")
        await until(lambda: one.node.place != before)
        assert refused == ["check 1"]
        assert one.node.term is one.terms[0]

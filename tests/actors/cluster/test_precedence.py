"""While nodes of an older release are present, those of a newer one leave the lease to them."""

from pathlib import Path

import pytest
import trio
from structlog.testing import capture_logs

from actors.cluster import precedence
from actors.cluster.commands import HandOverError
from storage.cluster.nodes import PRESENT_S, NodeReport, list_nodes, report_node
from storage.migrations import latest_version
from tests.actors.cluster.nodes import TestNode, cluster_in, until
from tests.support.cluster_sessions import session, soon

OLD = NodeReport("old", "old:1", "0.9", latest_version(), 0)


def report(url: str, node: NodeReport) -> None:
    with session(url) as engine:
        report_node(engine, soon(), node)


def age_s(url: str, node: NodeReport) -> float:
    """Return how old the last report of a node is, in seconds."""
    with session(url) as engine:
        return next(age for each, age in list_nodes(engine, soon()) if each.id == node.id)


async def ready(url: str, *nodes: TestNode) -> None:
    """Wait until the cluster knows that nodes are ready."""
    wanted = {node.report.id for node in nodes}
    with session(url) as engine:
        await until(
            lambda: wanted <= {node.id for node, _ in list_nodes(engine, soon()) if node.ready}
        )


async def test_a_newer_node_leads_once_no_older_one_is_present(tmp_path: Path, url: str) -> None:
    with capture_logs() as lines:
        async with cluster_in(tmp_path, url) as (cluster, nursery):
            report(url, OLD)
            newer = cluster.node(releases_later=1)
            nursery.start_soon(newer.run)
            await newer.leads.wait()
            assert age_s(url, OLD) >= PRESENT_S
    assert [line["older"] for line in lines if line["event"] == "campaign_postponed"] == [["old:1"]]
    assert "older_nodes_passed_over" not in [line["event"] for line in lines]


async def test_an_older_node_that_is_present_and_does_not_lead_is_passed_over(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precedence, "PATIENCE_S", 1.0)

    async def stay() -> None:
        while True:
            report(url, OLD)
            await trio.sleep(PRESENT_S / 10)

    with capture_logs() as lines:
        async with cluster_in(tmp_path, url) as (cluster, nursery):
            report(url, OLD)
            nursery.start_soon(stay)
            newer = cluster.node(releases_later=1)
            nursery.start_soon(newer.run)
            await newer.leads.wait()
            assert age_s(url, OLD) < PRESENT_S
    assert [line["event"] for line in lines if "older" in line] == [
        "campaign_postponed",
        "older_nodes_passed_over",
    ]


async def test_an_older_node_leads_before_a_newer_one(tmp_path: Path, url: str) -> None:
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one, newer, other = cluster.node(), cluster.node(releases_later=1), cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        for node in (newer, other):
            nursery.start_soon(node.run)
        await ready(url, newer, other)
        one.stop.set()
        await other.leads.wait()
        assert newer.terms == []


async def test_the_last_leader_of_a_release_gives_the_lease_to_a_newer_node(
    tmp_path: Path, url: str
) -> None:
    with capture_logs() as lines:
        async with cluster_in(tmp_path, url) as (cluster, nursery):
            one, newer = cluster.node(), cluster.node(releases_later=1)
            nursery.start_soon(one.run)
            await one.leads.wait()
            nursery.start_soon(newer.run)
            await ready(url, newer)
            one.stop.set()
            await newer.leads.wait()
            assert newer.terms[0].epoch == one.terms[0].epoch + 1
    assert "campaign_postponed" not in [line["event"] for line in lines]


async def test_a_hand_over_to_a_newer_node_is_refused_while_an_older_one_is_present(
    tmp_path: Path, url: str
) -> None:
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one, newer = cluster.node(), cluster.node(releases_later=1)
        nursery.start_soon(one.run)
        await one.leads.wait()
        nursery.start_soon(newer.run)
        await ready(url, one, newer)
        for address in ("n2:1", None):
            with pytest.raises(HandOverError, match="n1:1 has an older release"):
                await newer.node.commands.hand_over(address)
        seen = await newer.node.commands.status()
        yields = {node["address"]: node["yields_to"] for node in seen["nodes"]}
        assert yields == {"n1:1": [], "n2:1": ["n1:1"]}
        assert newer.terms == []


async def test_of_several_nodes_the_oldest_release_is_handed_over_to(
    tmp_path: Path, url: str
) -> None:
    async with cluster_in(tmp_path, url) as (cluster, nursery):
        one, newer, other = cluster.node(), cluster.node(releases_later=1), cluster.node()
        nursery.start_soon(one.run)
        await one.leads.wait()
        for node in (newer, other):
            nursery.start_soon(node.run)
        await ready(url, newer, other)
        moved = await one.node.commands.hand_over()
        assert moved["leader"] == other.report.address

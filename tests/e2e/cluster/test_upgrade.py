"""A cluster is upgraded node by node over a level of the schema: those that follow first."""

import signal
from pathlib import Path

import orjson
import pytest

from storage.migrations import latest_version
from tests.e2e.bettors import open_games
from tests.e2e.cluster.asking import asked, seq_of
from tests.support.cluster_processes import address, cluster_of, leads, may_lead, role
from tests.support.process import Process, toteboard
from tests.support.releases import later_release


@pytest.fixture
def next_release(tmp_path: Path) -> tuple[str, ...]:
    """The program of a release whose schema has one level more."""
    return later_release(tmp_path / "schema")


async def upgrade(node: Process, program: tuple[str, ...]) -> None:
    """Stop a node, and start it with another release."""
    assert await node.stop() == 0
    node.program = program
    await node.start()


async def yields(node: Process, other: Process) -> set[str]:
    """Return to which nodes, as `node` sees it, another node leaves the lease."""
    seen = await toteboard(node.folder, "cluster", "status")
    assert seen.returncode == 0, seen.stderr
    (found,) = (
        each["yields_to"]
        for each in orjson.loads(seen.stdout)["nodes"]
        if each["address"] == address(other)
    )
    return set(found)


async def test_nodes_that_follow_are_upgraded_first(
    tmp_path: Path, url: str, next_release: tuple[str, ...]
) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        await two.logged("leader_linked")
        async with one.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            await upgrade(two, next_release)
            await two.logged("leader_linked")
            assert (await asked(host, game_id, 1))["res"] == 343
            async with two.connect("ann") as other:
                assert (await asked(other, game_id, 2))["res"] == 343
                told = await seq_of(other, game_id)
                await may_lead(one, two)
                await upgrade(one, next_release)
                await leads(two)
                assert (await asked(other, game_id, 3))["res"] == 343
        assert "campaign_postponed" not in two.events()
        await one.logged("leader_linked")
        async with one.connect("ann") as host:
            assert await seq_of(host, game_id) == told + 1
            assert (await host.call(372, game_id=game_id))["hashtag"] == "#n3"
        assert await one.stop() == 0
        assert await two.stop() == 0


async def test_in_the_wrong_order_no_node_ends_and_the_old_release_leads(
    tmp_path: Path, url: str, next_release: tuple[str, ...]
) -> None:
    """The leader is upgraded first. It may not lead again before the last node is upgraded."""
    async with cluster_of(3, tmp_path, url, "ann") as (one, two, three):
        for node in (two, three):
            await node.logged("leader_linked")
        await may_lead(two, three)
        await upgrade(one, next_release)
        await one.logged("leader_linked")
        async with one.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            assert (await asked(host, game_id, 1))["res"] == 343
        await may_lead(two, one)
        assert await yields(two, one) == {address(two), address(three)}
        refused = await toteboard(two.folder, "cluster", "hand-over", address(one))
        assert (refused.returncode, refused.stdout) == (1, b"")
        assert b"has an older release" in refused.stderr

        leader, follower = (two, three) if role(two) == "leader" else (three, two)
        await upgrade(follower, next_release)
        await follower.logged("leader_linked")
        await may_lead(leader, follower)
        assert await yields(leader, follower) == {address(leader)}
        await upgrade(leader, next_release)
        await leader.logged("leader_linked")
        assert await yields(leader, follower) == set()
        async with leader.connect("ann") as host:
            assert (await asked(host, game_id, 2))["res"] == 343


async def test_a_node_of_the_old_release_ends_with_one_line_when_a_new_one_leads(
    tmp_path: Path, url: str, next_release: tuple[str, ...]
) -> None:
    """The old leader is paused for so long that it is taken to be away."""
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        await two.logged("leader_linked")
        await upgrade(two, next_release)
        await may_lead(one, two)
        one.process.send_signal(signal.SIGSTOP)
        await leads(two)
        one.process.send_signal(signal.SIGCONT)
        assert await one.ended() == 2
        (line,) = one.stderr.decode().splitlines()
        assert f"needs version {latest_version() + 1} of the schema" in line
        ended = await toteboard(one.folder, "serve", "--port", "0", *one.options)
        assert ended.returncode == 2
        assert len(ended.stderr.splitlines()) == 1
        async with two.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            assert (await asked(host, game_id, 1))["res"] == 343


async def test_before_a_new_release_leads_a_node_goes_back_with_its_old_file(
    tmp_path: Path, url: str, next_release: tuple[str, ...]
) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        await two.logged("leader_linked")
        await upgrade(two, next_release)
        await two.logged("leader_linked")
        async with one.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            assert (await asked(host, game_id, 1))["res"] == 343
        assert await two.stop() == 0
        saved = f"{two.database.name}.v{latest_version()}"
        restored = await toteboard(two.folder, "restore", saved)
        assert restored.returncode == 0, restored.stderr
        two.program = one.program
        await two.start()
        await may_lead(one, two)
        assert await yields(one, two) == set()
        async with two.connect("ann") as host:
            assert (await host.call(372, game_id=game_id))["hashtag"] == "#n1"

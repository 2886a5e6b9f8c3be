"""Another node takes over: who is in a game, as its members are told."""

from pathlib import Path

import pytest
import trio

from actors.node_edges import ABSENT_S
from tests.support.cluster import Nodes
from tests.support.cluster_match import TAKEOVER_S, Match, play_match
from tests.support.people import named
from toteboard_client import ConnectionRejectedError


async def test_nobody_comes_back_and_only_the_dead_nodes_users_leave_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        await match.nodes.kill_leader()
        await trio.sleep(TAKEOVER_S)
        await match.nodes.lead(2)
        before = await match.hear(within_ms=300)
        await trio.sleep(ABSENT_S)
        after = await match.hear()
        for name in ("ann", "bob", "cid"):
            assert named(before[name], 470) == named(before[name], 480) == []
            assert [m["user_name"] for m in named(after[name], 480)] == ["dan"]

    await play_match(tmp_path, play)


async def test_a_user_who_comes_back_elsewhere_in_time_has_never_left(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        await match.nodes.kill_leader()
        await match.nodes.lead(2)
        dan = await match.nodes.connect("dan", 3)
        await dan.call(363, game_id=match.game_id)
        await trio.sleep(2 * ABSENT_S)
        told = await match.hear()
        assert named(told["bob"], 470) == named(told["bob"], 480) == []

    await play_match(tmp_path, play)


async def test_the_users_of_a_dead_edge_leave_once_and_free_their_places_when_its_lease_is_over(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with Nodes(tmp_path, connections_per_user=1) as nodes:
        match = Match(nodes)
        await match.begin()
        nodes.nodes[3].life.cancel()
        await trio.sleep(ABSENT_S - 0.5)
        assert named((await match.hear(within_ms=10))["bob"], 480) == []
        with pytest.raises(ConnectionRejectedError, match="429"):
            await nodes.connect("cid", 2)
        await trio.sleep(1)
        (left,) = named((await match.hear())["bob"], 480)
        assert left["user_name"] == "cid"
        assert (await (await nodes.connect("cid", 2)).call(1))["res"] == 1


async def test_who_joins_and_leaves_while_a_link_is_lost_is_known_at_its_node_as_well(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        match.nodes.add_user("eve")
        await trio.sleep(2 * ABSENT_S)
        node = match.nodes.nodes[3]
        node.cut_off()
        eve = await match.nodes.connect("eve", 2)
        await eve.call(363, game_id=match.game_id)
        await match.dan.call(364, game_id=match.game_id)
        node.is_cut_off = False
        await trio.sleep(ABSENT_S / 2)
        told = await match.hear()
        for name in ("bob", "cid"):
            assert [m["user_name"] for m in named(told[name], 470)] == ["eve"]
            assert [m["user_name"] for m in named(told[name], 480)] == ["dan"]

    await play_match(tmp_path, play)

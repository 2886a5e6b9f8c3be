"""Links of nodes that are lost and found again: nobody at the node is left without service."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import trio
from attrs import evolve

from actors.games.local_side import LocalDecidingSide
from actors.link.caller import ClientConnection
from actors.link.carrier import NODE_LINK
from tests.support.cluster import Nodes
from tests.support.cluster_match import Match, play_match
from tests.support.streams import AnyioStream
from toteboard_client import Client
from toteboard_client.websocket import WebSocket

SMALL = 500_000
"""The bytes that may wait on a link, in place of 64 MiB."""
WATCHERS = 40
POOLS = 10
BETS = 200


async def test_a_link_that_is_lost_twice_leaves_the_clients_of_the_last_one(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The game is slow to take them back: it does so for the lost link after the next one is up."""
    rejoin = LocalDecidingSide.rejoin

    async def slow(
        self: LocalDecidingSide,
        game_id: str,
        members: Sequence[tuple[ClientConnection, int]],
        present: Mapping[int, str],
    ) -> None:
        await trio.sleep(2)
        await rejoin(self, game_id, members, present)

    async def play(match: Match) -> None:
        monkeypatch.setattr(LocalDecidingSide, "rejoin", slow)
        for _ in range(2):
            for link in match.nodes.nodes[3].links:
                link.give_up("cut")
            await trio.sleep(0.5)
        await trio.sleep(10)
        with trio.fail_after(60):
            assert (await match.bet(match.cid))["res"] == 356

    await play_match(tmp_path, play)


async def test_a_link_that_is_lost_for_a_moment_is_noticed_by_no_guest(
    tmp_path: Path, autojump_clock: object
) -> None:
    """Their old places are still taken, and there are few."""
    async with Nodes(tmp_path, guest_connections=3) as nodes:
        match = Match(nodes)
        await match.begin()
        guests = [await _guest(nodes) for _ in range(2)]
        for link in nodes.nodes[3].links:
            link.give_up("cut")
        await trio.sleep(1)
        for guest in guests:
            assert (await guest.call(372, game_id=match.game_id))["res"] == 342


async def _guest(nodes: Nodes) -> Client:
    socket = WebSocket(AnyioStream(await nodes.nodes[3].open()))
    await socket.handshake("toteboard.test", "/?guest=1")
    nodes.nursery.start_soon(socket.pump)
    return Client(socket)


async def test_what_many_members_have_missed_does_not_overrun_the_new_link(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.link.carrier.BEHIND", SMALL // 64)
    monkeypatch.setattr("actors.link.carrier.MOST_WAITING", SMALL)
    monkeypatch.setattr("tests.support.cluster.NODE_LINK", evolve(NODE_LINK, most_ever=SMALL))
    async with Nodes(tmp_path, connections_per_user=2_000) as nodes:
        match = Match(nodes)
        await match.begin()
        node = nodes.nodes[3]
        for _ in range(WATCHERS):
            client = await nodes.connect("bob", 3)
            await client.call(363, game_id=match.game_id)
        pools = [
            (await match.ann.call(385, game_id=match.game_id, description=f"{n}?", action="goal"))
            for n in range(POOLS)
        ]
        await trio.sleep(1)
        links = len(node.links)
        node.cut_off()
        for number in range(BETS):
            pool_id = pools[number % POOLS]["pool_id"]
            bet = await match.dan.call(392, pool_id=pool_id, target="a", amount=1)
            assert bet["res"] == 356
        node.is_cut_off = False
        await trio.sleep(10)
        assert len(node.links) == links + 1
        assert (await match.bet(match.cid))["res"] == 356

"""What a client asked that was told that its connection is over: no leader does it after that."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio

from actors.games.local_side import LocalDecidingSide
from storage.errors import StorageError
from tests.support.cluster import Nodes
from tests.support.cluster_match import TAKEOVER_S, Match, play_match
from toteboard.node_front import NodeFront
from toteboard_client import Client, ConnectionClosedError

LONG_S = 5.0
"""Longer than anything that could still be done takes."""


def unreadable(*_: object) -> None:
    """Fail as a read of the database does."""
    raise StorageError("unreadable")


async def is_told(client: Client, code: int) -> None:
    """Wait until the client's connection is closed with this code. No bet was placed before."""
    with pytest.raises(ConnectionClosedError) as closed:
        await _never_placed(client)
    assert closed.value.reason.code == code


async def _never_placed(client: Client) -> None:
    while True:
        assert (await client.receive())["res"] != 356


async def bet(match: Match, client: Client) -> None:
    """Send a bet, and wait for nothing."""
    await client.send(392, pool_id=match.pool_id, target="a", amount=5)


@pytest.mark.parametrize("waits_s", [0.0, 0.05])
async def test_what_was_asked_of_a_deposed_node(
    tmp_path: Path, autojump_clock: object, waits_s: float
) -> None:
    """A bet that had an answer too late for the lease, and one that was read without a leader."""

    async def play(match: Match) -> None:
        match.nodes.may_send = lambda: False
        await bet(match, match.dan)
        await trio.sleep(waits_s)
        bets = match.bets()
        await match.nodes.end_term(is_deposed=True)
        await bet(match, match.dan)
        await trio.sleep(0.05)
        await match.nodes.lead(2)
        await is_told(match.dan, 1012)
        await trio.sleep(LONG_S)
        assert match.bets() == bets
        assert (await match.bet(match.bob))["res"] == 356

    await play_match(tmp_path, play)


@pytest.mark.parametrize("is_passed_on", [False, True])
async def test_what_was_asked_of_a_node_that_stops(
    tmp_path: Path, autojump_clock: object, is_passed_on: bool
) -> None:
    """A bet that waits for a link, and one that a leader had that was lost."""

    async def play(match: Match) -> None:
        node = match.nodes.nodes[3]
        if is_passed_on:
            assert match.nodes.edges is not None
            match.nodes.may_send = lambda: False
            match.nodes.edges.stop_reading()
            await bet(match, match.cid)
            await trio.sleep(0.05)
        await match.nodes.kill_leader()
        await bet(match, match.cid)
        await trio.sleep(0.2)
        stop = trio.Event()
        stop.set()
        front = cast(Any, SimpleNamespace(edge=node.edge))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(NodeFront.close_at, front, stop)
            await is_told(match.cid, 1001)
            await trio.sleep(1)
            await match.nodes.lead(2)
        await trio.sleep(LONG_S)
        assert match.bets() == 0

    await play_match(tmp_path, play)


@pytest.mark.parametrize("case", ["too much was missed", "balances unreadable"])
async def test_what_was_asked_by_a_client_that_the_leader_does_not_take_back(
    tmp_path: Path, autojump_clock: object, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Nodes(tmp_path, resume_limit=3) as nodes:
        match = Match(nodes)
        await match.begin()
        node = nodes.nodes[3]
        node.cut_off()
        await trio.sleep(0.1)
        for _ in range(5 if case == "too much was missed" else 1):
            assert (await match.bet(match.dan))["res"] == 356
        if case == "balances unreadable":
            monkeypatch.setattr(LocalDecidingSide, "resume_balances", unreadable)
        bets = match.bets()
        await bet(match, match.cid)
        await trio.sleep(0.1)
        node.is_cut_off = False
        await is_told(match.cid, 1012)
        await trio.sleep(LONG_S)
        assert match.bets() == bets


@pytest.mark.parametrize("code", [1008, 1012])
async def test_what_was_asked_by_a_client_whose_close_takes_long(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Its second message is refused in turn. Until then, its close frame is not read."""
    async with Nodes(tmp_path) as nodes:
        match = Match(nodes)
        await match.begin()
        node = nodes.nodes[3]
        if code == 1012:
            node.cut_off()
            await trio.sleep(0.1)
        else:
            assert nodes.edges is not None
            nodes.edges.stop_reading()
        await bet(match, match.cid)
        await match.cid.send(99999)
        with monkeypatch.context() as patch:
            patch.setattr(LocalDecidingSide, "readmit", unreadable)
            node.is_cut_off = False
            await trio.sleep(0.5)
        if code == 1008:
            (connection,) = node.edge.edge.admission.open
            connection.close(1008, "over the rate limit")
        await is_told(match.cid, code)
        await nodes.kill_leader()
        await trio.sleep(TAKEOVER_S)
        await nodes.lead(2)
        await trio.sleep(LONG_S)
        assert match.bets() == 0

"""The clients of a node that follows: served as by the leader, and kept when the leader changes."""

from pathlib import Path

import httpx
import pytest
import trio

from tests.e2e.bettors import open_games
from tests.support.cluster_processes import cluster_of, leads, may_lead
from tests.support.process import PATIENCE_S, Process, toteboard
from toteboard_client import ConnectionClosedError, ConnectionRejectedError

TOO_MANY = 429
FORM = {"username": "zoe", "password": "a long enough password"}


def url_of(node: Process, path: str) -> str:
    """Return the address of a path of a node's public port."""
    return f"http://127.0.0.1:{node.port}{path}"


def key_of(answer: httpx.Response) -> tuple[int, str]:
    """Return the id and the key of a sign-in."""
    return answer.json()["id"], answer.json()["user_session_key"]


async def let_in(node: Process, name: str) -> None:
    """Connect a user until the node accepts it: a place becomes free a little after its client."""
    with trio.fail_after(PATIENCE_S):
        while True:
            try:
                await node.dial(name)
            except ConnectionRejectedError as refused:
                if refused.status_code != TOO_MANY:
                    raise
            else:
                return


async def test_a_client_of_a_living_node_keeps_its_socket_when_the_leader_is_killed(
    tmp_path: Path, url: str
) -> None:
    async with cluster_of(3, tmp_path, url, "ann") as (one, two, three):
        for node in (two, three):
            await node.logged("leader_linked")
        host = await two.dial("ann")
        (game_id,) = await open_games(host, 1)
        watcher = await three.dial("ann")
        assert (await watcher.call(363, game_id=game_id))["res"] == 333
        await one.kill()
        asked = await host.call(373, game_id=game_id, hashtag="#after")
        assert asked["res"] == 343, asked
        with trio.fail_after(10):
            while (await watcher.receive()).get("hashtag") != "#after":
                pass


async def test_at_a_hand_over_every_socket_stays_open(tmp_path: Path, url: str) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        await two.logged("leader_linked")
        hosts = [await node.dial("ann") for node in (one, two)]
        (game_id,) = await open_games(hosts[0], 1)
        await may_lead(one, two)
        moved = await toteboard(two.folder, "cluster", "hand-over")
        assert moved.returncode == 0, moved.stderr
        await leads(two)
        for number, host in enumerate(hosts):
            asked = await host.call(373, game_id=game_id, hashtag=f"#n{number}")
            assert asked["res"] == 343, asked


async def test_what_is_done_at_one_node_holds_at_the_others_at_once(
    tmp_path: Path, url: str
) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        await two.logged("leader_linked")
        async with httpx.AsyncClient(timeout=30) as http:
            new = await http.post(url_of(two, "/r/signup/"), json=FORM)
            assert new.status_code == 200, new.text
            for node in (one, two):
                known = await http.post(url_of(node, "/r/login/"), json=FORM)
                assert known.json() == new.json()
            one.keys["zoe"] = key_of(new)
            lost = await one.dial("zoe")
            again = await http.post(url_of(two, "/r/signout/"), json=FORM)
        with trio.fail_after(5), pytest.raises(ConnectionClosedError, match="1008"):
            await lost.receive()
        one.keys["zoe"] = key_of(again)
        client = await one.dial("zoe")
        done = await toteboard(two.folder, "user", "disable", "zoe")
        assert done.returncode == 0, done.stderr
        with trio.fail_after(5), pytest.raises(ConnectionClosedError, match="1008"):
            await client.receive()


async def test_the_connections_of_a_user_are_counted_over_all_nodes(
    tmp_path: Path, url: str
) -> None:
    limit = ("--connections-per-user", "3")
    async with cluster_of(3, tmp_path, url, "ann", options=limit) as nodes:
        one, two, three = nodes
        for node in (two, three):
            await node.logged("leader_linked")
        for node in (two, three):
            await node.dial("ann")
        async with one.connect("ann"):
            for node in nodes:
                with pytest.raises(ConnectionRejectedError, match="429"):
                    await node.dial("ann")
        await let_in(three, "ann")
        await two.kill()
        await let_in(three, "ann")
        with pytest.raises(ConnectionRejectedError, match="429"):
            await one.dial("ann")

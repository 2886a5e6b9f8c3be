"""A player's own limits and breaks hold at every node, and after a takeover."""

from pathlib import Path

from tests.e2e.bettors import open_games
from tests.support.cluster_processes import cluster_of, leads
from tests.support.process import Process, toteboard
from toteboard_client import Client, Message

DAY = {"day": {"spend": 10}}


async def pool_of(host: Client, game_id: str) -> str:
    pool = await host.call(385, game_id=game_id, description="who?", action="goal")
    return str(pool["pool_id"])


async def pay(node: Process, name: str) -> None:
    paid = await toteboard(node.folder, "user", "credit", name, "100.00")
    assert paid.returncode == 0, paid.stderr


async def bet(client: Client, pool_id: str, amount: float) -> Message:
    return await client.call(392, pool_id=pool_id, target="brazil", amount=amount)


async def test_a_limit_set_at_one_node_holds_at_another_and_after_a_takeover(
    tmp_path: Path, url: str
) -> None:
    async with cluster_of(3, tmp_path, url, "ann", "bob") as (one, two, three):
        for node in (two, three):
            await node.logged("leader_linked")
        await pay(three, "bob")
        host = await two.dial("ann")
        (game_id,) = await open_games(host, 1)
        pool_id = await pool_of(host, game_id)
        async with two.connect("bob") as here, three.connect("bob") as there:
            assert (await here.call(8300, limits=DAY))["limits"]["day"]["spend"] == 10
            assert (await bet(there, pool_id, 8))["res"] == 356
            refused = await bet(there, pool_id, 2.01)
            assert (refused["code"], refused["limit"]) == ("limit_reached", 10)
            await one.kill()
            refused = await bet(here, pool_id, 2.01)
            assert (refused["code"], refused["limit"]) == ("limit_reached", 10)
            assert (await there.call(8300))["limits"]["day"]["spend"] == 10
            assert (await bet(there, pool_id, 2))["res"] == 356


async def test_a_break_taken_at_one_node_holds_at_another_and_after_a_takeover(
    tmp_path: Path, url: str
) -> None:
    async with cluster_of(2, tmp_path, url, "ann", "bob") as (one, two):
        await two.logged("leader_linked")
        await pay(two, "bob")
        async with one.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            pool_id = await pool_of(host, game_id)
        async with one.connect("bob") as here, two.connect("bob") as there:
            taken = await here.call(8310)
            assert taken["res"] == 8310, taken
            assert (await bet(there, pool_id, 1))["code"] == "limit_reached"
            assert await one.stop() == 0
            await leads(two)
            assert (await bet(there, pool_id, 1))["code"] == "limit_reached"

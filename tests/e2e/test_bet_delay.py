"""Bets in play wait for their delay on real sockets, and a kill leaves nothing of them."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from storage.store import Credit
from tests.support.process import Process
from toteboard.operator.operating import operating
from toteboard_client import Client, Message

SHORT_MS, LONG_MS = 300, 20_000


def add_bettor(server: Process, name: str) -> None:
    """Add a user who has 1,000 DON."""
    server.add_user(name)
    with operating(server.database) as operator:
        operator(Credit(name, "DON", 100_000))


async def open_pool(host: Client, **parameters: Any) -> tuple[str, str]:
    """Open a game in play and a pool in it. Return their ids."""
    source = await host.call(365, source_name="league")
    names = {"game_name": "A - B", "actions": "Goal", "targets": "Argentina,Brazil,Brazil:7"}
    game = await host.call(370, source_id=source["source_id"], **names)
    await host.call(616, game_id=game["game_id"])
    wanted = {"description": "who scores?", "action": "goal"} | parameters
    pool = await host.call(385, game_id=game["game_id"], **wanted)
    assert pool["res"] == 350, pool
    return game["game_id"], pool["pool_id"]


async def placed(client: Client, pool_id: str, amount: int, **more: Any) -> Message:
    return await client.call(392, pool_id=pool_id, target="brazil", amount=amount, **more)


async def reply_to_a_bet(client: Client) -> Message:
    while (message := await client.receive())["res"] not in (356, 666):
        pass
    return message


async def test_a_bet_waits_and_is_accepted_or_refused_and_the_winners_are_paid(
    tmp_path: Path,
) -> None:
    async with Process(tmp_path) as server, AsyncExitStack() as stack:
        server.add_user("hanna", can_host=True)
        for name in ("ann", "cleo"):
            add_bettor(server, name)
        host, ann, cleo = [
            await stack.enter_async_context(server.connect(name))
            for name in ("hanna", "ann", "cleo")
        ]
        game_id, pool_id = await open_pool(host, bet_delay=SHORT_MS)
        asked_at = (await ann.call(1))["response_header"]["t"]
        bet = await placed(ann, pool_id, 40)
        assert bet["res"] == 356, bet
        shown = await host.call(393, pool_id=pool_id)
        [kept] = shown["distribution"]["brazil"]["bets"].values()
        assert kept["placed_at"] >= asked_at + SHORT_MS
        wanted = {"game_id": game_id, "description": "and then?", "action": "goal"}
        later = await host.call(385, bet_delay=LONG_MS, **wanted)
        await cleo.send(392, pool_id=later["pool_id"], target="brazil", amount=200)
        assert (await cleo.call(810))["available_balance"] == 1000  # it overtakes the bet
        await host.call(397, pool_id=later["pool_id"])
        assert (await reply_to_a_bet(cleo))["code"] == "pool_blocked"
        await host.call(398, pool_id=later["pool_id"])
        await cleo.send(392, pool_id=later["pool_id"], target="brazil", amount=200)
        await cleo.call(810)
        event = {"game_id": game_id, "action_id": "goal", "target_id": "brazil:7"}
        assert (await host.call(395, **event))["res"] == 366
        assert (await reply_to_a_bet(cleo))["code"] == "pool_resolved"
        assert (await ann.call(800))["current_balance"] == 1000
        assert (await cleo.call(810))["available_balance"] == 1000


async def test_a_kill_leaves_nothing_of_a_waiting_bet_and_its_key_places_it_again(
    tmp_path: Path,
) -> None:
    async with Process(tmp_path) as server:
        server.add_user("hanna", can_host=True)
        add_bettor(server, "ann")
        async with server.connect("hanna") as host, server.connect("ann") as ann:
            _, pool_id = await open_pool(host, bet_delay=LONG_MS)
            bet = {"pool_id": pool_id, "target": "brazil", "amount": 40}
            await ann.send(392, header={"idempotency_key": "k"}, **bet)
            await ann.call(810)
            await server.kill()
        await server.start()
        async with server.connect("hanna") as host, server.connect("ann") as ann:
            assert (await host.call(393, pool_id=pool_id))["bets_total"] == 0
            await ann.send(392, header={"idempotency_key": "k"}, **bet)
            assert (await ann.call(810))["available_balance"] == 1000
            assert await server.stop() == 0
            assert (await reply_to_a_bet(ann))["code"] == "overloaded"

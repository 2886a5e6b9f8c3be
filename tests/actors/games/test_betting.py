"""Pools and bets through the actors (contract, sections 7 and 8), under simulated time."""

from pathlib import Path

import pytest
import trio

from tests.support.disks import FullDisk
from tests.support.people import bet, codes, heard, named, open_game, open_pool, players
from tests.support.world import NOW, World


async def test_at_most_one_361_a_pool_and_interval_the_first_at_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bob, reader = await players(world, "bob", "cid")
        await reader.call(363, game_id=game_id)
        start = world.now()
        await bet(bob, pool_id, "brazil", 1)
        await trio.sleep(0.005)
        for _ in range(24):
            await bet(bob, pool_id, "brazil", 1)
            await trio.sleep(0.01)
        told = named(await heard(reader, within_ms=500), 361)
        times = [message["response_header"]["t"] - start for message in told]
        assert times == [0, 100, 200, 300]
        assert [len(message["new_bets"]) for message in told] == [1, 10, 10, 4]
        assert told[-1]["amount_total"] == 25
        assert told[-1]["participants"] == 1


async def test_more_than_a_hundred_new_bets_are_counted_not_named(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bob, reader = await players(world, "bob", "cid")
        await reader.call(363, game_id=game_id)
        for _ in range(131):
            await bob.send(392, pool_id=pool_id, target="brazil", amount=0.01)
        told = named(await heard(reader, within_ms=500), 361)
        counted = sum(len(m["new_bets"]) + m.get("new_bets_omitted", 0) for m in told)
        assert counted == 131
        assert max(len(m["new_bets"]) for m in told) <= 100


async def test_a_pending_361_goes_out_before_any_other_message_about_its_pool(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bob, reader = await players(world, "bob", "cid")
        await reader.call(363, game_id=game_id)
        await bet(bob, pool_id, "brazil", 1)
        await bet(bob, pool_id, "brazil", 2)
        await host.call(397, pool_id=pool_id)
        assert codes(await heard(reader, within_ms=20)) == [470, 361, 361, 368]


async def test_a_bet_that_waits_for_its_361_holds_the_watermark_back(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id, other = await open_pool(host, game_id), await open_pool(host, game_id)
        bob, reader = await players(world, "bob", "cid")
        await reader.call(363, game_id=game_id)
        await bet(bob, pool_id, "brazil", 1)  # fact 5, published immediately
        await bet(bob, pool_id, "brazil", 2)  # fact 6, waits
        await host.call(397, pool_id=other)  # fact 7, published immediately
        details = await reader.call(372, game_id=game_id)
        assert details["seq"] == 5
        told = named(await heard(reader, within_ms=300), 361, 368)
        assert [(m["res"], m["prev_seq"], m["seq"]) for m in told] == [
            (361, 4, 5),
            (368, 5, 5),
            (361, 5, 7),
        ]


@pytest.mark.parametrize("restarted", [False, True])
async def test_since_never_omits_a_bet(
    tmp_path: Path, autojump_clock: object, restarted: bool
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bob,) = await players(world, "bob")
        for amount in (1, 2, 4):
            await bet(bob, pool_id, "brazil", amount)
        await host.call(395, game_id=game_id, action_id="goal", target_id="brazil:7")
        if restarted:
            await world.restart()
            (bob,) = [await world.connect("bob")]
        joined = await bob.call(363, game_id=game_id, since=4)
        assert joined["seq"] == 4, "fact 4 was the first bet"
        told = named(await heard(bob), 361, 366, 362)
        assert [(m["res"], m["prev_seq"], m["seq"]) for m in told] == [
            (361, 4, 6),
            (366, 6, 7),
            (362, 7, 8),
        ]
        assert [b["amount"] for b in told[0]["new_bets"]] == [2, 4]
        assert told[0]["amount_total"] == 7, "with the standing distribution"


async def test_the_reply_comes_before_the_361_and_the_balance_is_pushed(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bob, bob_too = (await players(world, "bob"))[0], await world.connect("bob")
        await bob.call(363, game_id=game_id)
        await heard(bob)
        await bob.send(392, pool_id=pool_id, target="Brazil", amount="10.50")
        told = await heard(bob)
        assert codes(told) == [356, 361, 815]
        (pushed,) = await heard(bob_too)
        assert {k: v for k, v in pushed.items() if k != "response_header"} == {
            "res": 815,
            "currency": "DON",
            "current_balance": 1000,
            "available_balance": 989.5,
            "cause": "bet",
            "pool_id": pool_id,
            "game_id": game_id,
        }
        assert (await bob.call(800))["current_balance"] == 1000
        assert (await bob.call(810))["available_balance"] == 989.5
        assert (await bob.call(840))["exposure"] == 10.5
        assert (await bob.call(840, currency="EUR"))["exposure"] == 0


async def test_what_is_staked_in_one_game_cannot_be_staked_in_another(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        other_host, other_game = await open_game(world, host="amy")
        pools = [await open_pool(host, game_id), await open_pool(other_host, other_game)]
        bob, too = (await players(world, "bob"))[0], await world.connect("bob")
        for client, pool_id in ((bob, pools[0]), (too, pools[1])):
            await client.send(392, pool_id=pool_id, target="brazil", amount=600)
        replies = named(await heard(bob) + await heard(too), 356, 666)
        assert sorted(reply["res"] for reply in replies) == [356, 666]
        (refused,) = named(replies, 666)
        assert (refused["code"], refused["available_balance"]) == ("insufficient_funds", 400)


async def test_a_bet_that_could_not_be_stored_gives_its_stake_back(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bob,) = await players(world, "bob")
        disk.is_full = True
        assert (await bet(bob, pool_id, "brazil", 1000))["code"] == "overloaded"
        disk.is_full = False
        assert (await bet(bob, pool_id, "brazil", 1000))["res"] == 356


async def test_bets_told_of_in_a_commit_that_failed_are_told_again(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bob, reader = await players(world, "bob", "cid")
        await reader.call(363, game_id=game_id)
        await bet(bob, pool_id, "brazil", 1)
        await bet(bob, pool_id, "brazil", 2)  # stored, waits for its 361
        disk.is_full = True
        await host.call(397, pool_id=pool_id)  # would have published it
        disk.is_full = False
        told = named(await heard(reader, within_ms=5_000), 361, 368)
        assert [[b["amount"] for b in m["new_bets"]] for m in told] == [[1], [2]]
        assert told[-1]["seq"] == 5


async def test_closing_with_a_manual_pool_waits_for_it(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        await open_pool(host, game_id)
        manual = await open_pool(host, game_id, type=3)
        (bob,) = await players(world, "bob")
        await bet(bob, manual, "yes", 5)
        await host.call(363, game_id=game_id)
        await heard(host, within_ms=300)
        await host.send(375, game_id=game_id)
        told = await heard(host)
        assert codes(told) == [362, 368, 342, 3411]
        assert told[-1]["pools"] == [manual]
        assert told[2]["status"] == "game_in_progress_betting_closed"
        await host.send(375, game_id=game_id)
        assert codes(await heard(host)) == [3411], "nothing that was done is done again"
        assert (await bet(bob, manual, "yes", 5))["code"] == "game_not_open"
        refused = await host.call(3702, game_id=game_id)
        assert refused["code"] == "game_already_open"
        await host.send(395, game_id=game_id, action_id=f"pool-{manual}", target_id="yes")
        assert codes(await heard(host)) == [366, 362]
        again = await host.call(395, game_id=game_id, action_id=f"pool-{manual}", target_id="no")
        assert again["code"] == "pool_resolved"
        await host.send(375, game_id=game_id)
        assert codes(await heard(host)) == [341]


async def test_a_close_by_close_at_completes_by_itself_with_the_last_manual_pool(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world, close_at=NOW + 60_000)
        manual = await open_pool(host, game_id, type=3)
        await host.call(363, game_id=game_id)
        await heard(host, within_ms=61_000)
        await host.send(395, game_id=game_id, action_id=f"pool-{manual}", target_id="no")
        assert codes(await heard(host)) == [366, 362, 341]


async def test_closing_a_source_waits_for_games_with_manual_pools(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        quiet = (await host.call(370, source_id=source_id, game_name="quiet"))["game_id"]
        manual = await open_pool(host, game_id, type=3)
        await host.call(363, game_id=game_id)
        await host.call(363, game_id=quiet)
        await heard(host)
        await host.send(366, source_id=source_id)
        told = await heard(host, within_ms=500)
        assert codes(told)[-1] == 3361, "what sums up comes last"
        assert told[-1]["games"] == [game_id]
        assert sorted(codes(told)) == [341, 342, 368, 3361]
        refused = await host.call(370, source_id=source_id, game_name="late")
        assert refused["code"] == "source_closed"
        await host.call(395, game_id=game_id, action_id=f"pool-{manual}", target_id="no")
        assert (await host.call(366, source_id=source_id))["res"] == 336
        assert (await host.call(366, source_id=source_id))["code"] == "source_closed"


async def test_chat_reaches_every_other_subscriber_of_the_games_named(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        _, game_id = await open_game(world)
        bob, cid, dan = await players(world, "bob", "cid", "dan")
        assert (await bob.call(900, text="hi"))["code"] == "missing_parameter"
        await bob.call(363, game_id=game_id)
        await cid.call(363, game_id=game_id)
        for client in (bob, cid):
            await heard(client)
        sent = await bob.call(900, text=" hello ")
        assert (sent["text"], sent["sender"], sent["channels"]) == ("hello", "bob", [game_id])
        (received,) = await heard(cid)
        assert (received["res"], received["channel"]) == (901, game_id)
        assert received["received_at"] == sent["received_at"]
        assert await heard(bob) == []
        assert await heard(dan) == []
        refused = await dan.call(900, text="x", targets=[game_id])
        assert refused["code"] == "not_joined"
        refused = await bob.call(900, text="x", targets=[game_id, "nowhere"])
        assert refused["code"] == "unknown_game"
        assert await heard(cid) == [], "all or none"


KEYED: dict[int, dict[str, object]] = {
    385: {"game_id": "GAME", "description": "d", "action": "goal"},
    392: {"pool_id": "POOL", "target": "brazil", "amount": 5},
    395: {"game_id": "GAME", "action_id": "goal", "target_id": "brazil:7"},
    396: {"pool_id": "POOL"},
    3961: {"game_id": "GAME", "action_id": "goal", "target_id": "brazil"},
    397: {"pool_id": "POOL"},
    398: {"pool_id": "POOL"},
    399: {"pool_id": "POOL", "reason": "rain"},
    3975: {"game_id": "GAME", "action": "goal"},
    3985: {"game_id": "GAME", "action": "goal"},
}


@pytest.mark.parametrize("op", KEYED)
async def test_every_changing_op_on_pools_is_done_once_under_its_key(
    tmp_path: Path, autojump_clock: object, op: int
) -> None:
    async with World(tmp_path, admins_may_bet=True) as world:
        host, game_id = await open_game(world)
        names = {"GAME": game_id, "POOL": await open_pool(host, game_id)}
        parameters = {k: names.get(str(v), v) for k, v in KEYED[op].items()}
        first = await host.call(op, key="once", **parameters)
        assert first["res"] != 666, first
        await heard(host, within_ms=300)
        facts = world.operator.rows("SELECT * FROM facts")
        again = await host.call(op, key="once", **parameters)
        await world.restart()
        host = await world.connect("ann")
        and_again = await host.call(op, key="once", **parameters)
        for repeated in (again, and_again):
            assert repeated["response_header"]["repeated"] is True
            assert {**repeated, "response_header": 0} == {**first, "response_header": 0}
            assert not {"seq", "prev_seq"} & repeated.keys()
        assert world.operator.rows("SELECT * FROM facts") == facts

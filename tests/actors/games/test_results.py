"""Results that are held, taken back and corrected on a whole server, in simulated time."""

from pathlib import Path

import pytest
import trio

from storage.audit import audit
from storage.reports import source_report
from storage.statements import Span, statement
from storage.store import AddSourceAdmin
from tests.actors.games.policy_world import (
    accounts,
    another_game,
    balances,
    goal,
    world_in,
)
from tests.support.disks import HeldDisk
from tests.support.people import bet, codes, heard, named, open_game, open_pool, players
from tests.support.world import World
from toteboard_client import Client, Message

HELD_MS = 60_000


async def correct(
    client: Client, pool_id: str, corrects_seq: int, target: str | None = None
) -> Message:
    """Correct a pool to a target, or to cancelled."""
    result = {"cancel": True} if target is None else {"winning_target": target}
    return await client.call(
        3992, pool_id=pool_id, reason="video", corrects_seq=corrects_seq, **result
    )


async def paid_pool(world: World, host: Client, game_id: str) -> tuple[str, int, list[Client]]:
    """Let Brazil's backers lose 60 to Argentina's. Return the pool, its result and the players."""
    await host.call(363, game_id=game_id)
    bob, cat = await players(world, "bob", "cat")
    pool_id = await open_pool(host, game_id)
    await bet(bob, pool_id, "argentina", 40)
    await bet(cat, pool_id, "brazil", 60)
    await goal(host, game_id, "argentina:1")
    [told] = named(await heard(host), 362)
    return pool_id, told["result_seq"], [bob, cat]


# Held results.


async def test_a_held_result_is_told_in_order_and_paid_at_its_time(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cat = await players(world, "bob", "cat")
        pool_id = await open_pool(host, game_id, confirm_for=HELD_MS)
        await bet(bob, pool_id, "argentina", 40)
        await bet(cat, pool_id, "brazil", 60)
        await cat.call(363, game_id=game_id)
        await trio.sleep(1)
        await heard(cat)
        event = await goal(host, game_id, "argentina:1")
        told = await heard(cat)
        assert codes(told) == [366, 368, 3622]
        assert told[2]["winning_target"] == "argentina"
        [shown] = (await cat.call(387, game_id=game_id))["pools_list"].values()
        assert shown["confirm_for"] == HELD_MS
        assert shown["is_blocked"]
        decided = {key: told[2][key] for key in ("winning_targets", "event_id", "confirm_at")}
        assert shown["decided"] == decided
        assert decided["event_id"] == event["event_id"]
        assert await balances(bob, cat) == [1_000, 1_000]
        await trio.sleep(HELD_MS / 1_000)
        assert codes(await heard(cat)) == [362, 815]
        assert world.now() >= decided["confirm_at"]
        assert await balances(bob, cat) == [1_060, 940]
        [mine] = (await cat.call(390, game_id=game_id))["pools_list"].values()
        assert "decided" not in mine
        assert audit(world.operator) == []


async def test_a_held_result_survives_a_restart_and_is_paid_while_the_server_was_down(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        [bob] = await players(world, "bob")
        pool_id = await open_pool(host, game_id, confirm_for=HELD_MS)
        await bet(bob, pool_id, "argentina", 40)
        await goal(host, game_id, "argentina:1")
        decided_at = world.now()
        await world.restart(down_ms=HELD_MS * 2)
        [row] = world.operator.rows("SELECT resolved_at FROM pools")
        assert row["resolved_at"] == decided_at + HELD_MS
        assert audit(world.operator) == []


async def test_confirming_replies_before_the_result(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id, confirm_for=HELD_MS)
        await host.call(363, game_id=game_id)
        await goal(host, game_id, "argentina:1")
        await heard(host)
        reply = await host.call(3952, pool_id=pool_id)
        assert (reply["res"], reply["game_id"], reply["pool_id"]) == (3952, game_id, pool_id)
        assert codes(await heard(host)) == [362]


async def test_taking_back_an_event_opens_held_pools_and_cancels_paid_ones(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cat = await players(world, "bob", "cat")
        held = await open_pool(host, game_id, confirm_for=HELD_MS)
        paid = await open_pool(host, game_id)
        for pool_id in (held, paid):
            await bet(bob, pool_id, "argentina", 40)
            await bet(cat, pool_id, "brazil", 60)
        await cat.call(363, game_id=game_id)
        event = await goal(host, game_id, "argentina:1")
        await trio.sleep(1)
        await heard(cat)
        assert await balances(bob, cat) == [1_060, 940]
        take_back = {"game_id": game_id, "event_id": event["event_id"], "reason": "offside"}
        reply = await host.call(3951, **take_back)
        assert reply["current_count"] == {"argentina": 0, "argentina:1": 0}
        told = await heard(cat)
        assert codes(told) == [3661, 369, 3621, 815]
        assert told[1]["pool_id"] == held
        assert told[2]["winning_target"] is None
        assert told[3]["cause"] == "correction"
        assert await balances(bob, cat) == [1_000, 1_000]
        await bet(bob, held, "brazil", 1)
        details = await cat.call(372, game_id=game_id)
        assert "taken_back_at" in details["past_events"][event["event_id"]]
        assert details["game_state"]["goal"] == {"argentina": 0, "argentina:1": 0}
        assert audit(world.operator) == []


# Corrections.


async def test_a_correction_moves_money_points_and_what_lists_show(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id, result, [bob, cat] = await paid_pool(world, host, game_id)
        [shown] = (await cat.call(390, game_id=game_id))["pools_list"].values()
        assert (shown["result_seq"], shown["corrected_at"]) == (result, None)
        await heard(bob)
        assert (await cat.call(3911, pool_id=pool_id))["event_id"]
        told = await correct(host, pool_id, result, "brazil")
        assert told["res"] == 3621
        assert (await cat.call(3911, pool_id=pool_id))["event_id"] is None
        assert (told["previous_winning_target"], told["winning_target"]) == ("argentina", "brazil")
        assert (told["corrects_seq"], told["reason"]) == (result, "video")
        assert told["resolved_at"] <= told["corrected_at"] == world.now()
        [update] = await heard(bob)
        assert (update["res"], update["cause"], update["pool_id"]) == (815, "correction", pool_id)
        assert await balances(bob, cat) == [960, 1_040]
        [shown] = (await cat.call(390, game_id=game_id))["pools_list"].values()
        assert (shown["winning_target"], shown["total_winnings"]) == ("brazil", 100)
        assert (shown["result_seq"], shown["corrected_at"]) == (
            told["result_seq"],
            told["corrected_at"],
        )
        for ranking in (await cat.call(450), await cat.call(451, game_id=game_id)):
            points = {row["username"]: row["points"] for row in ranking["leaderboard"]}
            assert points == {"cat": 40, "bob": -40}
        assert audit(world.operator) == []


async def test_of_two_hosts_who_correct_the_same_result_one_is_refused(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id, result, _ = await paid_pool(world, host, game_id)
        world.add_user("max")
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        await world.operate(AddSourceAdmin(source_id, "max"))
        other = await world.connect("max")
        outcomes = []

        async def ask(client: Client, target: str | None) -> None:
            outcomes.append(await correct(client, pool_id, result, target))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, host, "brazil")
            nursery.start_soon(ask, other, None)
        done, refused = sorted(outcomes, key=lambda each: each["res"], reverse=True)
        assert (done["res"], refused["code"]) == (3621, "pool_resolved")
        assert str(done["result_seq"]) in refused["text"]
        assert audit(world.operator) == []


async def test_a_correction_takes_nothing_that_an_uncommitted_bet_has_reserved(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id, result, [bob, cat] = await paid_pool(world, host, game_id)
        other = await another_game(host, game_id)
        elsewhere = await open_pool(host, other)
        await bet(bob, elsewhere, "brazil", 1_000)
        disk = HeldDisk(world.server.services.writer, monkeypatch)
        replies = []

        async def stake_the_rest() -> None:
            replies.append(await bet(bob, elsewhere, "brazil", 50))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(stake_the_rest)
            await trio.sleep(0.1)
            nursery.start_soon(correct, host, pool_id, result, "brazil")
            await trio.sleep(0.1)
            disk.spin()
        assert replies[0]["res"] == 356
        assert (await bob.call(810))["available_balance"] == 0
        assert await balances(bob, cat) == [1_050, 1_040]
        assert accounts(world) == {"house": -90}
        assert audit(world.operator) == []


async def test_a_correction_whose_commit_fails_has_changed_nothing(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id, result, [bob, cat] = await paid_pool(world, host, game_id)
        disk = HeldDisk(world.server.services.writer, monkeypatch)
        disk.fails = {1}
        disk.spin()
        assert (await correct(host, pool_id, result, "brazil"))["code"] == "overloaded"
        assert await balances(bob, cat) == [1_060, 940]
        assert (await bob.call(810))["available_balance"] == 1_060
        assert (await correct(host, pool_id, result, "brazil"))["res"] == 3621
        assert await balances(bob, cat) == [960, 1_040]


async def test_a_closed_game_tells_its_caller_the_players_and_who_comes_back(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id, result, [bob, cat] = await paid_pool(world, host, game_id)
        since = (await cat.call(363, game_id=game_id))["seq"]
        assert (await host.call(375, game_id=game_id))["res"] == 341
        for client in (host, bob, cat):
            await heard(client)
        await world.restart()
        host, bob, cat = [await world.connect(name) for name in ("ann", "bob", "cat")]
        told = await correct(host, pool_id, result, "brazil")
        assert told["res"] == 3621
        assert await heard(host) == []
        assert codes(await heard(bob)) == [815]
        assert (await cat.call(363, game_id=game_id, since=since))["res"] == 333
        again = await heard(cat)
        assert codes(again) == [815, 341, 3621] or codes(again) == [341, 3621]
        assert again[-1]["result_seq"] == told["result_seq"]
        assert audit(world.operator) == []


async def test_a_correction_is_sent_again_to_who_comes_back(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id, result, _ = await paid_pool(world, host, game_id)
        told = await correct(host, pool_id, result, "brazil")
        back = await world.connect("cat")
        assert (await back.call(363, game_id=game_id, since=result))["seq"] == result
        [again] = named(await heard(back), 3621)
        drop = {"response_header", "seq", "prev_seq"}
        assert {k: v for k, v in again.items() if k not in drop} == {
            k: v for k, v in told.items() if k not in drop
        }


async def test_what_is_owed_is_in_the_statement_and_in_the_report(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id, result, [bob, cat] = await paid_pool(world, host, game_id)
        other = await open_pool(host, game_id, description="next?")
        await bet(bob, other, "brazil", 1_060)
        first = await correct(host, pool_id, result, "brazil")
        assert await balances(bob, cat) == [1_060, 1_040]
        entry = statement(world.operator, world.keys["bob"][0], "DON", Span())["entries"][0]
        assert (entry["cause"], entry["change"], entry["owed"]) == ("correction", 0, 100)
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        end = world.now() + 1
        [day] = source_report(world.operator, source_id, 0, end)["days"]
        assert (day["pools_corrected"], day["lent"], day["house_balance"]) == (1, 100, -100)
        assert day["check"]["holds"]
        # With nothing to take back, the next correction settles the debt by itself.
        await correct(host, pool_id, first["result_seq"], "argentina")
        entry = statement(world.operator, world.keys["bob"][0], "DON", Span())["entries"][0]
        assert (entry["change"], entry["owed"]) == (0, 0)
        assert accounts(world) == {}
        [day] = source_report(world.operator, source_id, 0, world.now() + 1)["days"]
        assert (day["pools_corrected"], day["lent"], day["house_balance"]) == (2, 0, 0)
        assert audit(world.operator) == []


async def test_what_a_later_pool_has_taken_of_the_carry_the_house_makes_up(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        await host.call(363, game_id=game_id)
        bob, cat = await players(world, "bob", "cat")
        first = await open_pool(host, game_id, policy="carry")
        await bet(bob, first, "argentina", 30)
        await goal(host, game_id, "brazil:7")
        [told] = named(await heard(host), 362)
        assert accounts(world) == {"carry": 30}
        second = await open_pool(host, game_id, policy="carry")
        await correct(host, first, told["result_seq"], "argentina")
        assert await balances(bob, cat) == [1_000, 1_000]
        assert accounts(world) == {"pool": 30, "house": -30}
        await bet(cat, second, "brazil", 10)
        await goal(host, game_id, "brazil:7")
        assert await balances(bob, cat) == [1_000, 1_030]
        assert audit(world.operator) == []

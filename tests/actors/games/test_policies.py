"""Policies and carries on a whole server, in simulated time."""

from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import evolve

from game.money import LARGEST
from game.policy import SHIPPED
from storage.audit import audit
from storage.database import Database
from storage.errors import StorageError
from tests.actors.games.policy_world import (
    POLICIES,
    accounts,
    another_game,
    balances,
    goal,
    world_in,
)
from tests.support.people import bet, codes, heard, named, open_game, open_pool, players
from tests.support.world import World
from toteboard_client import Client


async def test_a_takeout_and_the_breakage_go_to_the_house(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cat = await players(world, "bob", "cat")
        pool_id = await open_pool(host, game_id, policy="us")
        await bet(bob, pool_id, "argentina", 30)
        await bet(cat, pool_id, "brazil", 70)
        await host.call(363, game_id=game_id)
        await goal(host, game_id, "brazil:7")
        [told] = named(await heard(host), 362)
        # 82 for 70: 1.1714, broken to 1.10; 77.00 paid, 5.00 left.
        kept = {"takeout": 18, "breakage": 5, "minus": 0, "carried_out": 0}
        assert kept.items() <= told.items()
        assert (told["prices"], told["winning_targets"]) == ({"brazil": 1.1}, ["brazil"])
        assert await balances(bob, cat) == [970, 1_007]
        assert accounts(world) == {"house": 23}
        assert audit(world.operator) == []


async def test_the_house_may_be_below_zero(tmp_path: Path, autojump_clock: object) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cat = await players(world, "bob", "cat")
        pool_id = await open_pool(host, game_id, policy="cheap")
        await bet(bob, pool_id, "argentina", 100)
        await goal(host, game_id, "argentina:1")
        assert await balances(bob, cat) == [1_005, 1_000]
        assert accounts(world) == {"house": -5}
        assert audit(world.operator) == []


async def test_the_board_shows_the_price_that_is_paid(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        pool_id = await open_pool(host, game_id, policy="us")
        await bet(bob, pool_id, "argentina", 30)
        await bet(bob, pool_id, "brazil", 70)
        shown = (await bob.call(393, pool_id=pool_id))["distribution"]
        odds = {target: each["to_win_if_backed"] for target, each in shown.items()}
        assert odds == {"argentina": 2.7, "brazil": 1.1, "none": 1.0}


async def test_op_2_and_the_pool_show_the_policy(tmp_path: Path, autojump_clock: object) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        reply = await host.call(2)
        assert list(reply["policies"]) == list(POLICIES)
        assert reply["limits"]["pool_policy"] == "plain"
        await host.call(363, game_id=game_id)
        await open_pool(host, game_id, policy="us", min_stake=2, max_stake_per_user="10.5")
        [told] = named(await heard(host), 352)
        assert told["policy"] == {"name": "us"} | reply["policies"]["us"]
        assert (told["min_stake"], told["max_stake"], told["max_stake_per_user"]) == (2, None, 10.5)


async def test_an_unknown_policy_is_refused(tmp_path: Path, autojump_clock: object) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        wanted = {"game_id": game_id, "description": "d", "action": "goal", "policy": "mine"}
        refused = await host.call(385, **wanted)
        assert (refused["code"], refused["parameter"]) == ("invalid_parameter", "policy")


async def test_the_servers_policy_is_that_of_a_pool_that_names_none(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, pool_policy="tote") as world:
        host, game_id = await open_game(world)
        await open_pool(host, game_id)
        [pool] = (await host.call(387, game_id=game_id))["pools_list"].values()
        assert pool["policy"]["name"] == "tote"


async def test_a_pool_keeps_its_values_if_the_settings_change(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        pool_id = await open_pool(host, game_id, policy="cheap")
        await bet(bob, pool_id, "argentina", 100)
        world.limits = evolve(world.limits, policies=SHIPPED)
        await world.restart()
        host, bob = await world.connect("ann"), await world.connect("bob")
        await goal(host, game_id, "argentina:1")
        assert await balances(bob) == [1_005]


# Carries.


async def carry_over(host: Client, game_id: str, bettor: Client) -> None:
    """Let a pool of 50.00 end with an unbacked winner."""
    pool_id = await open_pool(host, game_id, policy="carry")
    await bet(bettor, pool_id, "argentina", 50)
    await goal(host, game_id, "brazil:7")


async def carried_in(host: Client, game_id: str) -> list[float]:
    pools = (await host.call(387, game_id=game_id))["pools_list"]
    return [pool["carried_in"] for pool in pools.values()]


async def test_an_unbacked_winner_carries_the_pool_over_to_the_next(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cat = await players(world, "bob", "cat")
        await carry_over(host, game_id, bob)
        assert accounts(world) == {"carry": 50}
        pool_id = await open_pool(host, game_id, policy="carry")
        assert accounts(world) == {"pool": 50}
        assert await carried_in(host, game_id) == [50]
        await bet(cat, pool_id, "argentina", 10)
        shown = (await cat.call(393, pool_id=pool_id))["distribution"]["argentina"]
        assert shown["to_win_if_backed"] == 6
        await goal(host, game_id, "argentina:1")
        assert await balances(bob, cat) == [950, 1_050]
        assert accounts(world) == {}
        assert audit(world.operator) == []


@pytest.mark.parametrize("policy", ["plain", "us"])
async def test_a_pool_that_refunds_takes_no_carry(
    tmp_path: Path, autojump_clock: object, policy: str
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        await carry_over(host, game_id, bob)
        await open_pool(host, game_id, policy=policy)
        assert await carried_in(host, game_id) == [0]


@pytest.mark.parametrize("end", ["cancelled", "no bets"])
async def test_what_a_pool_did_not_need_goes_back_to_the_carry(
    tmp_path: Path, autojump_clock: object, end: str
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        await carry_over(host, game_id, bob)
        pool_id = await open_pool(host, game_id, policy="carry")
        if end == "cancelled":
            await bet(bob, pool_id, "argentina", 7)
            assert (await host.call(399, pool_id=pool_id))["res"] == 3991
        else:
            await goal(host, game_id, "argentina:1")
        assert await balances(bob) == [950]
        assert accounts(world) == {"carry": 50}
        await open_pool(host, game_id, policy="carry")
        assert await carried_in(host, game_id) == [50]
        assert audit(world.operator) == []


async def test_two_games_do_not_take_the_same_carry(tmp_path: Path, autojump_clock: object) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        other_id = await another_game(host, game_id)
        (bob,) = await players(world, "bob")
        await carry_over(host, game_id, bob)
        pool: dict[str, Any] = {"description": "d", "action": "goal", "policy": "carry"}
        await host.send(385, game_id=game_id, **pool)
        await host.send(385, game_id=other_id, **pool)
        assert codes(await heard(host)) == [350, 350]
        taken = [*await carried_in(host, game_id), *await carried_in(host, other_id)]
        assert sorted(taken) == [0, 50]
        assert audit(world.operator) == []


async def test_a_carry_belongs_to_its_source(tmp_path: Path, autojump_clock: object) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        elsewhere, other_id = await open_game(world, host="max")
        (bob,) = await players(world, "bob")
        await carry_over(host, game_id, bob)
        await open_pool(elsewhere, other_id, policy="carry")
        assert await carried_in(elsewhere, other_id) == [0]


async def test_a_pool_that_opens_again_takes_what_its_predecessor_carried_over(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        timed = {"type": 2, "finish_at": world.now() + 5_000, "recreate_on_end": True}
        pool_id = await open_pool(host, game_id, policy="carry", **timed)
        await bet(bob, pool_id, "argentina", 20)
        await host.call(363, game_id=game_id)
        await trio.sleep(6)
        ended, again = named(await heard(host), 363, 352)
        assert (ended["winning_target"], ended["carried_out"]) == ("none", 20)
        assert (again["carried_in"], again["policy"]["name"]) == (20, "carry")
        await bet(bob, again["pool_id"], "none", 1)
        await trio.sleep(5)
        assert await balances(bob) == [1_000]
        assert audit(world.operator) == []


async def test_a_carry_whose_commit_failed_can_be_taken_again(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        await carry_over(host, game_id, bob)
        wanted = {"game_id": game_id, "description": "d", "action": "goal", "policy": "carry"}

        def failing(*_: object) -> None:
            raise StorageError("disk full")

        with monkeypatch.context() as broken:
            broken.setattr(Database, "write", failing)
            assert (await host.call(385, **wanted))["code"] == "overloaded"
        await trio.sleep(2)
        assert (await host.call(385, **wanted))["res"] == 350
        assert await carried_in(host, game_id) == [50]
        assert audit(world.operator) == []


# Extreme amounts.


@pytest.mark.parametrize("policy", ["plain", "us"])
async def test_a_hundredth_against_trillions_is_paid_also_by_a_correction_and_the_game_goes_on(
    tmp_path: Path, autojump_clock: object, policy: str
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        rich = await players(world, *(f"rich-{number}" for number in range(25)), balance=LARGEST)
        (cat,) = await players(world, "cat")
        pool_id = await open_pool(host, game_id, policy=policy)
        for client in rich:
            await bet(client, pool_id, "argentina", 10**12)
        await bet(cat, pool_id, "brazil", 0.01)
        await goal(host, game_id, "brazil:7")
        won = await cat.call(3911, pool_id=pool_id)
        assert won["prices"]["brazil"] > 2**64 / 10_000
        assert (await balances(cat))[0] > 20 * 10**12
        for winner in ("argentina", "brazil"):
            await world.restart()
            host, cat = await world.connect("ann"), await world.connect("cat")
            seq = (await cat.call(3911, pool_id=pool_id))["result_seq"]
            corrected = await host.call(
                3992, pool_id=pool_id, winning_target=winner, corrects_seq=seq, reason="wrong"
            )
            assert corrected["res"] == 3621, corrected
        again = await cat.call(3911, pool_id=pool_id)
        assert again["prices"] == won["prices"]
        assert (await bet(cat, await open_pool(host, game_id), "brazil", 1))["res"] == 356
        assert audit(world.operator) == []

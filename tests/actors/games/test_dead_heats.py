"""Dead heats, scratched targets and limits of stakes on a whole server, in simulated time."""

from pathlib import Path
from typing import Any

import pytest
import trio

from storage.audit import audit
from tests.actors.games.policy_world import balances, goal, world_in
from tests.support.people import bet, codes, heard, named, open_game, open_pool, players

# Dead heats.


async def test_a_dead_heat_has_an_event_for_each_and_ends_each_pool_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cat = await players(world, "bob", "cat")
        teams = await open_pool(host, game_id, policy="us")
        scorers = await open_pool(host, game_id, targets="Argentina:1,Brazil:7", policy="us")
        await bet(bob, teams, "argentina", 60)
        await bet(cat, teams, "none", 40)
        await bet(bob, scorers, "argentina:1", 20)
        await bet(cat, scorers, "brazil:7", 10)
        await bet(cat, scorers, "none", 70)
        for client in (host, cat):
            await client.call(363, game_id=game_id)
        await trio.sleep(1)
        await heard(host)
        await heard(cat)
        also = ["Brazil:7", "Argentina:1", "brazil:7"]
        reply = await goal(host, game_id, "argentina:1", also=also)
        assert reply["target_id"] == "argentina:1"
        told = await heard(host)
        assert codes(told) == [366, 362, 362]
        assert codes(await heard(cat)) == [366, 366, 362, 362, 815, 815]
        by_pool = {each["pool_id"]: each for each in told if each["res"] == 362}
        assert by_pool[teams]["winning_targets"] == ["argentina", "brazil"]
        assert by_pool[teams]["prices"] == {"argentina": 1.3}
        assert by_pool[scorers]["winning_target"] == "argentina:1"
        # 82 less 30 is a profit of 52: 26 each, on 20 and on 10.
        assert by_pool[scorers]["prices"] == {"argentina:1": 2.3, "brazil:7": 3.6}
        assert told[0]["event_id"] != reply["event_id"]
        details = await host.call(372, game_id=game_id)
        for other in (told[0], details["past_events"][told[0]["event_id"]]):
            assert other["together_with"] == reply["event_id"]
        for first in (reply, details["past_events"][reply["event_id"]]):
            assert "together_with" not in first
        assert (await cat.call(3911, pool_id=teams))["event_id"] == reply["event_id"]
        assert details["game_state"]["goal"] == {
            "argentina": 1,
            "argentina:1": 1,
            "brazil": 1,
            "brazil:7": 1,
        }
        assert audit(world.operator) == []


@pytest.mark.parametrize(
    ("also", "code"),
    [
        (["brazil"], "invalid_parameter"),
        (["none"], "invalid_parameter"),
        (["brazil:8"], "unknown_target"),
        ([f"brazil:{number}" for number in range(21)], "invalid_parameter"),
    ],
)
async def test_a_target_of_a_dead_heat_has_to_be_one_of_an_event(
    tmp_path: Path, autojump_clock: object, also: list[str], code: str
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        event = {"game_id": game_id, "action_id": "goal", "target_id": "argentina:1"}
        assert (await host.call(395, **event, also=also))["code"] == code


async def test_a_binary_pool_has_no_dead_heat(tmp_path: Path, autojump_clock: object) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id, type=3)
        event = {"game_id": game_id, "action_id": f"pool-{pool_id}", "target_id": "yes"}
        refused = await host.call(395, **event, also="no")
        assert (refused["code"], refused["parameter"]) == ("invalid_parameter", "also")


# Scratched targets.


async def test_a_scratched_target_is_refunded_and_the_pool_goes_on(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cat = await players(world, "bob", "cat")
        pool_id = await open_pool(host, game_id, recreate_on_end=True)
        await bet(bob, pool_id, "brazil", 20)
        await bet(bob, pool_id, "argentina", 10)
        await bet(cat, pool_id, "none", 30)
        await host.call(363, game_id=game_id)
        await heard(bob)
        named_ = {"pool_id": pool_id, "target": "Brazil", "reason": "injured"}
        reply = await host.call(3994, **named_)
        assert reply["refunded"] == {str(world.keys["bob"][0]): 20}
        assert (reply["amount_total"], reply["participants"]) == (40, 2)
        [told] = named(await heard(bob), 815)
        assert (told["cause"], told["current_balance"]) == ("refund", 1_000)
        assert (await bet(bob, pool_id, "brazil", 1))["code"] == "unknown_target"
        await goal(host, game_id, "brazil:7")
        [pool] = (await host.call(387, game_id=game_id))["pools_list"].values()
        scratched = pool["distribution"]["brazil"]
        assert (scratched["is_scratched"], scratched["backing_money"]) == (True, 0)
        assert pool["distribution"]["argentina"]["to_win_if_backed"] == 4
        await goal(host, game_id, "argentina:1")
        assert await balances(bob, cat) == [1_030, 970]
        seen = await bob.call(393, pool_id=pool_id)
        assert (seen["bets_total"], seen["distribution"]["brazil"]["bets"]) == (2, {})
        [again] = (await host.call(387, game_id=game_id))["pools_list"].values()
        assert set(again["distribution"]) == {"argentina", "none"}
        assert audit(world.operator) == []


async def test_a_pool_with_one_target_left_is_cancelled(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        pool_id = await open_pool(host, game_id, targets="Brazil")
        await bet(bob, pool_id, "none", 20)
        await bet(bob, pool_id, "brazil", 20)
        await host.call(363, game_id=game_id)
        await heard(host)
        scratch = {"pool_id": pool_id, "target": "brazil", "reason": "fog"}
        assert (await host.call(3994, **scratch))["res"] == 3681
        [ended] = named(await heard(host), 362)
        assert (ended["winning_target"], ended["reason"]) == (None, "fog")
        assert await balances(bob) == [1_000]
        assert audit(world.operator) == []


async def test_scratching_with_an_idempotency_key_is_done_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        pool_id = await open_pool(host, game_id)
        await bet(bob, pool_id, "brazil", 20)
        scratch = {"pool_id": pool_id, "target": "brazil", "reason": "fog"}
        replies = [await host.call(3994, key="k", **scratch) for _ in range(2)]
        assert replies[1]["response_header"]["repeated"] is True
        for reply in replies:
            del reply["response_header"]
        assert replies[0] == replies[1]
        assert await balances(bob) == [1_000]


async def test_a_client_that_rejoins_is_told_what_was_scratched(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        pool_id = await open_pool(host, game_id)
        await bet(bob, pool_id, "brazil", 20)
        seq = (await host.call(372, game_id=game_id))["seq"]
        await host.call(3994, pool_id=pool_id, target="brazil", reason="fog")
        await world.restart()
        bob = await world.connect("bob")
        await bob.call(363, game_id=game_id, since=seq)
        [told] = named(await heard(bob), 3681)
        assert (told["target_id"], told["reason"], told["amount_total"]) == ("brazil", "fog", 0)


# Limits of stakes.


async def test_stakes_beyond_the_limits_of_a_pool_are_refused(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        limits = {"min_stake": 2, "max_stake": 10, "max_stake_per_user": 15}
        pool_id = await open_pool(host, game_id, **limits)
        low = await bet(bob, pool_id, "brazil", 1.99)
        assert (low["code"], low["limit"], low["at_least"]) == ("limit_reached", 2, 2)
        high = await bet(bob, pool_id, "brazil", 10.01)
        assert (high["code"], high["limit"]) == ("limit_reached", 10)
        assert "at_least" not in high
        for amount in (2, 10):
            assert (await bet(bob, pool_id, "brazil", amount))["res"] == 356
        beyond = await bet(bob, pool_id, "argentina", 3.5)
        assert (beyond["code"], beyond["limit"]) == ("limit_reached", 15)
        assert (await bet(bob, pool_id, "argentina", 3))["res"] == 356
        poor = await bet(bob, pool_id, "brazil", 5_000)
        assert poor["code"] == "insufficient_funds"


@pytest.mark.parametrize("name", ["max_stake", "max_stake_per_user"])
async def test_the_least_stake_is_not_above_the_most(
    tmp_path: Path, autojump_clock: object, name: str
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        wanted: dict[str, Any] = {"game_id": game_id, "description": "d", "action": "goal"}
        refused = await host.call(385, **wanted | {"min_stake": 5, name: 4.99})
        assert (refused["code"], refused["parameter"]) == ("invalid_parameter", name)

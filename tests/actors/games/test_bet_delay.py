"""Bets in play wait for the delay of their pool (contract, section 7, "Bet delay")."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.actors.games.delay_world import InPlay, in_play
from tests.support.people import bet, codes, heard, named, open_game, open_pool
from tests.support.world import NOW, World
from toteboard_client import Message

HOUR_MS = 3_600_000


def reply(messages: list[Message]) -> tuple[int, Any]:
    """Return the code of the only reply to a bet, and of its error if it is one."""
    [found] = named(messages, 356, 666)
    return found["res"], found.get("code")


async def test_a_bet_is_accepted_after_the_delay_and_nothing_is_told_before(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.until(10)
        await play.bet(play.ann)
        await play.until(14.8)
        for client in (play.ann, play.fan):
            assert await heard(client) == []
        assert await play.bets() == []
        assert (await play.host.call(387, game_id=play.game_id))["pools_list"][play.pool_id][
            "amount_total"
        ] == 0
        await play.until(15)
        assert codes(await heard(play.ann)) == [356, 815]
        assert codes(await heard(play.fan)) == [361]
        assert await play.bets() == [(world.keys["ann"][0], 40, 15)]


async def test_a_waiting_stake_is_set_aside_and_not_shown(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.bet(play.ann, 900)
        refused = await bet(play.ann, play.pool_id, "brazil", 200)
        assert (refused["code"], refused["available_balance"]) == ("insufficient_funds", 100)
        assert (await play.ann.call(810))["available_balance"] == 1000
        assert (await play.ann.call(840))["exposure"] == 0
        assert play.set_aside == 90_000
        await play.until(5)
        assert codes(await heard(play.ann)) == [356, 815]
        assert play.set_aside == 0
        assert (await play.ann.call(810))["available_balance"] == 100


async def block(play: InPlay) -> None:
    assert (await play.host.call(397, pool_id=play.pool_id))["res"] == 368


async def block_the_action(play: InPlay) -> None:
    assert (await play.host.call(3975, game_id=play.game_id, action="goal"))["res"] == 370


async def score(play: InPlay) -> None:
    assert (await play.goal())["res"] == 366


async def score_elsewhere(play: InPlay) -> None:
    """Register an event that does not decide the pool."""
    await play.host.call(373, game_id=play.game_id, actions=["Corner"])
    assert (await play.goal(action_id="corner"))["res"] == 366


async def cancel(play: InPlay) -> None:
    assert (await play.host.call(399, pool_id=play.pool_id))["res"] == 3991


async def scratch(play: InPlay) -> None:
    wanted = {"pool_id": play.pool_id, "target": "argentina", "reason": "away"}
    assert (await play.host.call(3994, **wanted))["res"] == 3681


async def close(play: InPlay) -> None:
    assert (await play.host.call(375, game_id=play.game_id))["res"] == 341


async def close_with_a_manual_pool(play: InPlay) -> None:
    await open_pool(play.host, play.game_id, type=3)
    assert (await play.host.call(375, game_id=play.game_id))["res"] == 3411


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (block, "pool_blocked"),
        (block_the_action, "pool_blocked"),
        (score, "pool_resolved"),
        (score_elsewhere, "pool_blocked"),
        (cancel, "pool_resolved"),
        (scratch, "unknown_target"),
        (close, "game_closed"),
        (close_with_a_manual_pool, "game_not_open"),
    ],
)
async def test_a_waiting_bet_is_refused_as_soon_as_the_host_ends_its_chance(
    tmp_path: Path, autojump_clock: object, ends: Callable[[InPlay], Awaitable[None]], code: str
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.until(12)
        await play.bet(play.cleo, 200)
        await play.until(13.5)
        await ends(play)
        assert reply(await heard(play.cleo)) == (666, code)
        assert (await play.cleo.call(810))["available_balance"] == 1000
        assert play.set_aside == 0
        await play.until(30)
        assert named(await heard(play.cleo), 356, 361, 666, 815) == []


@pytest.mark.parametrize(
    ("pool", "code", "second"),
    [
        ({"stop_accepting_bets_at": NOW + 14_000}, "pool_blocked", 14),
        ({"stop_accepting_bets_at": NOW + 17_000}, "pool_blocked", 17),
        ({"type": 2, "finish_at": NOW + 16_000}, "pool_resolved", 16),
        ({"type": 2, "finish_at": NOW + 17_000}, "pool_resolved", 17),
    ],
)
async def test_a_waiting_bet_is_refused_when_its_pool_runs_out(
    tmp_path: Path, autojump_clock: object, pool: Message, code: str, second: float
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world, **pool)
        await play.until(12)
        await play.bet(play.cleo)
        await play.until(second - 0.2)
        assert await heard(play.cleo) == []
        await play.until(second)
        assert reply(await heard(play.cleo)) == (666, code)


async def test_what_was_planned_for_the_moment_of_decision_comes_first(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.until(12)
        await play.bet(play.cleo)
        await play.host.call(397, pool_id=play.pool_id, block_at=NOW + 17_000)
        await play.until(17)
        assert reply(await heard(play.cleo)) == (666, "pool_blocked")


async def test_a_block_that_arrives_at_the_moment_of_decision_comes_after_it(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.until(12)
        await play.bet(play.cleo)
        await play.until(17)
        await block(play)
        assert reply(await heard(play.cleo)) == (356, None)


async def test_an_event_of_no_importance_spares_the_pools_that_it_does_not_decide(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.host.call(373, game_id=play.game_id, actions=["Throw-in"])
        await play.bet(play.ann)
        assert (await play.goal(action_id="throw-in", is_material=False))["res"] == 366
        await play.until(5)
        assert reply(await heard(play.ann)) == (356, None)
        await play.bet(play.ann)
        assert (await play.goal(is_material=False))["res"] == 366
        assert reply(named(await heard(play.ann), 356, 666)) == (666, "pool_resolved")


async def test_an_event_refuses_every_waiting_bet_whichever_side_it_is_on(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        other = await open_pool(play.host, play.game_id, bet_delay=8_000, targets="Brazil:7")
        await play.bet(play.ann)
        await play.bet(play.cleo, target="brazil")
        await play.bet(play.cleo, pool_id=other, target="none")
        await score(play)
        told = await heard(play.ann) + await heard(play.cleo)
        refused = [(message["code"], "happened" in message["text"]) for message in told]
        assert refused == [
            ("pool_resolved", False),
            ("pool_resolved", False),
            ("pool_blocked", True),
        ]


async def test_who_bets_after_the_goal_and_before_the_host_knows_wins_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    """The host types a time that is too late by six seconds, and still nobody profits."""
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.until(10)
        await play.bet(play.ann)
        await play.until(16)  # the goal was at 15.5
        await play.bet(play.cleo, 200)
        await play.until(19)
        await play.goal(happened_at=NOW + 18_500)
        told = await heard(play.cleo)
        assert (told[0]["res"], told[0]["code"]) == (666, "pool_resolved")
        [result] = named(await heard(play.fan), 362)
        assert list(result["winners"]) == [str(world.keys["ann"][0])]
        assert (await play.cleo.call(800))["current_balance"] == 1000


async def test_a_bet_accepted_after_the_delay_is_void_if_the_event_was_before_that(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.until(12)
        await play.bet(play.cleo, 200)
        await play.until(18)
        await play.goal(happened_at=NOW + 14_000)  # asked at 12, accepted at 17
        [result] = named(await heard(play.fan), 362)
        assert result["invalidated_bettors"] == [world.keys["cleo"][0]]
        assert (await play.cleo.call(800))["current_balance"] == 1000


async def test_bets_wait_only_in_play(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(
            world, host="hal", bet_delay=5_000, live_start_at=NOW + 60_000
        )
        play = await in_play(world)
        pool_id = await open_pool(host, game_id)
        before = await bet(play.ann, pool_id, "brazil", 10)
        assert (before["res"], world.now()) == (356, NOW)
        await play.until(61)
        await bet(play.ann, pool_id, "brazil", 10)
        assert world.now() == NOW + 66_000


async def test_later_requests_of_the_connection_are_answered_meanwhile(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.ann.send(
            392,
            header={"request_id": "mine"},
            pool_id=play.pool_id,
            target="argentina",
            amount=1,
        )
        for op, parameters in ((1, {}), (387, {"game_id": play.game_id}), (810, {})):
            await play.ann.call(op, **parameters)
        await play.ann.call(363, game_id=play.game_id)
        assert world.now() == NOW
        await play.until(5)
        [answer] = named(await heard(play.ann), 356)
        assert answer["response_header"]["request_id"] == "mine"


async def test_the_delay_of_a_game_is_that_of_its_later_pools(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world, bet_delay="4000")
        first = await open_pool(host, game_id)
        await host.call(363, game_id=game_id)
        assert (await host.call(373, game_id=game_id, bet_delay=8_000))["res"] == 343
        details = named(await heard(host), 342)
        assert [each["bet_delay"] for each in details] == [8_000]
        second = await open_pool(host, game_id)
        third = await open_pool(host, game_id, bet_delay=0)
        opened = named(await heard(host), 352)
        assert [each["bet_delay"] for each in opened] == [8_000, 0]
        listed = (await host.call(387, game_id=game_id))["pools_list"]
        assert [listed[id_]["bet_delay"] for id_ in (first, second, third)] == [4_000, 8_000, 0]
        await world.restart()
        host = await world.connect("ann")
        assert (await host.call(372, game_id=game_id))["bet_delay"] == 8_000


async def test_a_delay_beyond_the_servers_is_refused(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, max_bet_delay=6_000) as world:
        host, game_id = await open_game(world)
        assert (await host.call(2))["limits"]["max_bet_delay"] == 6_000
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        pool = {"game_id": game_id, "description": "who?", "action": "goal"}
        for op, parameters in (
            (370, {"source_id": source_id, "game_name": "a"}),
            (3701, {"source_id": source_id, "game_name": "a"}),
            (373, {"game_id": game_id}),
            (385, pool),
        ):
            for bet_delay in (6_001, 30_001, -1, "soon"):
                refused = await host.call(op, **parameters, bet_delay=bet_delay)
                assert (refused["code"], refused["parameter"]) == ("invalid_parameter", "bet_delay")
            assert (await host.call(op, **parameters, bet_delay=6_000))["res"] != 666


async def test_waiting_bets_count_for_the_limits_of_a_user(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world, min_stake=2, max_stake=30, max_stake_per_user=50)
        await play.bet(play.ann, 30)
        for amount, limit in ((1, 2), (31, 30), (20.01, 50)):
            refused = await bet(play.ann, play.pool_id, "brazil", amount)
            assert (refused["code"], refused["limit"]) == ("limit_reached", limit)
        await play.bet(play.ann, 20)
        await play.bet(play.cleo, 30)
        await play.until(5)
        assert codes(named(await heard(play.ann), 356, 666)) == [356, 356]
        assert (await bet(play.ann, play.pool_id, "brazil", 2))["code"] == "limit_reached"


async def test_twenty_bets_of_a_user_may_wait_in_a_pool(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        other = await open_pool(play.host, play.game_id, bet_delay=1_000)
        for _ in range(20):
            await play.bet(play.ann, 1)
        refused = await bet(play.ann, play.pool_id, "brazil", 1)
        assert (refused["code"], refused["limit"]) == ("limit_reached", 20)
        await bet(play.ann, other, "brazil", 1)
        assert world.now() == NOW + 1_000
        await play.until(5)
        assert codes(named(await heard(play.ann), 356, 666)) == [356] * 20
        await bet(play.ann, play.pool_id, "brazil", 1)


async def test_bets_are_decided_in_order_of_their_times(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        quick = await open_pool(play.host, play.game_id, bet_delay=2_000)
        await play.bet(play.ann, 1)
        await play.until(1)
        await play.bet(play.cleo, 2)
        await play.bet(play.ann, 3, pool_id=quick)
        await play.until(20)
        facts = world.operator.rows("SELECT at FROM facts WHERE kind = 'bet_placed' ORDER BY seq")
        assert [row["at"] - NOW for row in facts] == [3_000, 5_000, 6_000]


async def test_a_recreated_pool_has_the_delay_too(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world, recreate_on_end=True)
        await score(play)
        [opened] = named(await heard(play.fan), 352)
        assert opened["bet_delay"] == 5_000
        began = world.now()
        await bet(play.ann, opened["pool_id"], "brazil", 1)
        assert world.now() == began + 5_000


async def test_a_fast_user_cannot_delay_the_others(tmp_path: Path, autojump_clock: object) -> None:
    """A bet of a pool without a delay in the same game is accepted at once."""
    async with World(tmp_path) as world:
        play = await in_play(world)
        direct = await open_pool(play.host, play.game_id)
        for _ in range(20):
            await play.bet(play.ann, 1)
        assert (await bet(play.cleo, direct, "brazil", 1))["res"] == 356
        assert world.now() == NOW
        await trio.sleep(HOUR_MS / 1_000)

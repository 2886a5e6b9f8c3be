"""Bets that wait for their delay, when clients repeat them and when something fails."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio

from actors.games import decider
from game.commands import Command, PlaceBet
from game.context import DecisionContext
from game.decide import decide
from game.facts import Fact
from game.state import Game
from storage.store import DisableUser
from storage.user_writes import EnableUser, SetAccess
from storage.write import Write
from tests.actors.games.delay_world import InPlay, in_play
from tests.support.disks import FullDisk, HeldDisk
from tests.support.people import bet, named, open_pool
from tests.support.world import NOW, World
from toteboard_client import Client, ConnectionClosedError, Message

ANN_ID = 2


async def keyed(play: InPlay, client: Client, key: str = "k", **more: Any) -> None:
    """Send a bet with an idempotency key, and wait for no reply."""
    await play.bet(client, header={"idempotency_key": key}, **more)


async def answers(*clients: Client) -> list[tuple[Any, bool]]:
    """Return code (of the error, if it is one) and whether it is repeated, of replies to bets."""
    messages: list[Message] = []
    for client in clients:
        with suppress(ConnectionClosedError), trio.move_on_after(0.05):
            while True:
                messages += named([await client.receive()], 356, 666)
    return [
        (each.get("code", each["res"]), each["response_header"].get("repeated", False))
        for each in messages
    ]


async def test_two_connections_with_one_key_bet_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        again = await world.connect("ann")
        await keyed(play, play.ann)
        await play.until(2)
        await keyed(play, again)
        await play.until(4.8)
        assert await answers(play.ann, again) == []
        await play.until(5)
        assert await answers(play.ann, again) == [(356, False), (356, True)]
        assert len(await play.bets()) == 1
        assert play.set_aside == 0


async def test_a_connection_goes_on_while_its_repeated_bet_waits(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await keyed(play, play.ann)
        await keyed(play, play.ann)
        await play.ann.call(1)
        await play.ann.call(810)
        assert world.now() == NOW
        await play.until(5)
        assert sorted(await answers(play.ann)) == [(356, False), (356, True)]


async def test_a_key_that_waits_is_refused_for_anything_else_at_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await keyed(play, play.ann)
        other = await play.ann.call(
            392, key="k", pool_id=play.pool_id, target="argentina", amount=41
        )
        assert (other["code"], world.now()) == ("idempotency_conflict", NOW)
        assert (await play.ann.call(365, key="k", source_name="x"))["code"] == other["code"]
        await keyed(play, play.cleo)  # another user's key is another key
        await play.until(5)
        assert await answers(play.ann, play.cleo) == [(356, False), (356, False)]


async def test_a_repeated_bet_begins_anew_if_the_first_is_refused(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.host.call(373, game_id=play.game_id, actions=["Corner"])
        again, late = await world.connect("ann"), await world.connect("ann")
        await keyed(play, play.ann)
        await play.until(1)
        await keyed(play, again)
        await keyed(play, late)
        await play.until(2)
        await play.goal(action_id="corner")
        await play.until(6.8)
        assert await answers(play.ann, again, late) == [("pool_blocked", False)]
        await play.until(7)
        assert sorted(await answers(again, late)) == [(356, False), (356, True)]
        assert [placed_at for _, _, placed_at in await play.bets()] == [7]


async def test_twenty_requests_at_most_wait_for_a_key(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        for _ in range(23):
            await keyed(play, play.ann)
        assert await answers(play.ann) == [("limit_reached", False)] * 2
        await play.until(5)
        assert sorted(await answers(play.ann)) == [(356, False)] + [(356, True)] * 20
        assert len(await play.bets()) == 1


async def test_the_bet_of_a_client_that_disconnects_stands(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await keyed(play, play.ann)
        await play.ann.call(1)
        await play.ann.socket.aclose()
        await play.until(2)
        ann = await world.connect("ann")
        await keyed(play, ann)
        await play.until(5)
        assert await answers(ann) == [(356, True)]
        assert await play.bets() == [(world.keys["ann"][0], 40, 5)]


async def test_waiting_bets_are_refused_if_the_storage_fails(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    async with World(tmp_path) as world:
        play = await in_play(world)
        direct = await open_pool(play.host, play.game_id)
        await keyed(play, play.ann)
        await play.until(1)
        disk.is_full = True
        await bet(play.cleo, direct, "brazil", 1)
        assert await answers(play.ann) == [("overloaded", False)]
        assert play.set_aside == 0
        disk.is_full = False
        await keyed(play, play.ann)
        await play.until(7)
        assert await answers(play.ann) == [(356, False)]
        assert play.set_aside == 0


async def test_a_waiting_bet_is_refused_after_what_was_asked_before_it(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        direct = await open_pool(play.host, play.game_id)
        disk = HeldDisk(world.server.services.writer, monkeypatch)
        disk.fails = {2}
        await play.cleo.send(392, pool_id=direct, target="brazil", amount=1)
        await trio.sleep(0.1)
        await play.ann.send(392, pool_id=direct, target="brazil", amount=1)
        await play.bet(play.ann)
        await trio.sleep(0.1)
        disk.spin()
        with trio.fail_after(1):
            refused = named([await play.ann.receive() for _ in range(2)], 666)
        assert "could not be saved" in refused[0]["text"]
        assert "while your bet waited" in refused[1]["text"]


async def test_a_bet_that_cannot_be_stored_at_its_time_is_refused(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    async with World(tmp_path) as world:
        play = await in_play(world)
        await keyed(play, play.ann)
        await play.until(4)
        disk.is_full = True
        await play.until(6)
        assert await answers(play.ann) == [("overloaded", False)]
        disk.is_full = False
        assert (play.set_aside, await play.bets()) == (0, [])


class Bug:
    """An injected bug in the decision on bets, `times` times from the moment it is `armed`."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, game: Game, command: Command, context: DecisionContext) -> Sequence[Fact]:
        if self.times and isinstance(command, PlaceBet):
            self.times -= 1
            raise ZeroDivisionError("a bug")
        return decide(game, command, context)


async def test_a_bug_costs_no_waiting_bet_its_answer(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug = Bug()
    monkeypatch.setattr(decider, "decide", bug)
    async with World(tmp_path) as world:
        play = await in_play(world)
        await keyed(play, play.ann)
        await keyed(play, play.cleo)
        await play.until(4)
        bug.times = 1
        await play.until(6)
        assert await answers(play.ann, play.cleo) == [("overloaded", False)] * 2
        assert play.set_aside == 0
        await keyed(play, play.ann)
        await play.until(12)
        assert await answers(play.ann) == [(356, False)]


async def test_a_server_that_stops_refuses_the_bets_that_wait(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        again = await world.connect("ann")
        await keyed(play, play.ann)
        await keyed(play, again)
        await play.until(1)
        await world.stop()
        assert await answers(play.ann, again) == [("overloaded", False)] * 2
        await world.start()
        play.host = await world.connect("hanna")
        assert await play.bets() == []
        ann = await world.connect("ann")
        await keyed(play, ann)
        await play.until(10)
        assert await answers(ann) == [(356, False)]


@pytest.mark.parametrize(
    ("step_ms", "answer"),
    [
        (800, (356, False)),
        (3_500, ("overloaded", False)),
        (4_100, ("overloaded", False)),
        (-60_000, ("overloaded", False)),
    ],
)
async def test_a_bet_is_refused_if_the_clock_leaves_the_host_no_time(
    tmp_path: Path, autojump_clock: object, step_ms: int, answer: tuple[Any, bool]
) -> None:
    """Decided too late, too early after a step ahead, or waiting for a clock that was set back."""
    async with World(tmp_path) as world:
        play = await in_play(world)
        await keyed(play, play.ann)
        await trio.sleep(2)
        world.clock._offset += step_ms
        await trio.sleep(7)
        assert await answers(play.ann) == [answer]


async def test_a_machine_that_slept_over_the_moment_accepts_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await keyed(play, play.ann)
        await trio.sleep(4.9)
        world.clock._offset += 1_200
        await trio.sleep(0.2)
        assert await answers(play.ann) == [("overloaded", False)]


async def test_the_time_that_a_bet_waits_is_no_part_of_the_duration_of_its_op(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await bet(play.ann, play.pool_id, "brazil", 1)
        assert world.now() == NOW + 5_000
        op_seconds = world.server.services.counters.op_seconds
        assert op_seconds["place_bet_in_betting_pool"].total < 1


def disable_by_id(_name: str) -> Write:
    return SetAccess(ANN_ID, disabled=True)


@pytest.mark.parametrize("disable", [DisableUser, disable_by_id])
async def test_a_waiting_bet_of_a_user_who_is_disabled_meanwhile_is_not_placed(
    tmp_path: Path, autojump_clock: object, disable: Callable[[str], Write]
) -> None:
    async with World(tmp_path) as world:
        play = await in_play(world)
        await play.until(10)
        await play.bet(play.ann)
        await play.bet(play.cleo, 30)
        await play.until(12)
        await world.operate(disable("ann"))
        await play.until(16)
        assert await play.bets() == [(world.keys["cleo"][0], 30, 15)]
        assert play.set_aside == 0
        await world.operate(EnableUser("ann"))
        await play.bet(await world.connect("ann"))
        await play.until(22)
        assert (world.keys["ann"][0], 40, 21) in await play.bets()

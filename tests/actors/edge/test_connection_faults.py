"""What connections still receive when something else fails: bugs, slow disks, a shutdown."""

import gc
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio

from actors.edge.connection import CLOSE_S
from tests.support.people import named, open_game, open_pool, players
from tests.support.world import World
from toteboard_client import Client, ConnectionClosedError, Message

NO_GAME = "00000000-0000-4000-8000-000000000000"
PING_S = 20


async def test_after_a_bug_of_ours_the_same_key_is_answered(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        (bob,) = await players(world, "bob")

        def bug(*_: object) -> None:
            raise ZeroDivisionError("a bug")

        with monkeypatch.context() as patched:
            patched.setattr(world.server.services.reads, "source_of_game", bug)
            failed = await bob.call(616, key="k", game_id=NO_GAME)
            assert (failed["code"], failed["op"]) == ("internal_error", 616)
        assert (await bob.call(616, key="k", game_id=NO_GAME))["code"] == "unknown_game"


def slow_disk(seconds: float) -> Callable[..., Any]:
    """Return a commit that runs on the loop after a delay."""

    async def late(work: Callable[..., Any], *arguments: Any) -> Any:
        await trio.sleep(seconds)
        return work(*arguments)

    return late


async def test_who_waits_for_a_slow_disk_is_not_taken_for_dead(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bob,) = await players(world, "bob")
        monkeypatch.setattr(world.server.services.writer, "_off_loop", slow_disk(3 * PING_S))
        await bob.send(392, pool_id=pool_id, target="brazil", amount=1)
        await bob.send(810)
        told = [await bob.receive() for _ in range(3)]
        assert {message["res"] for message in told} == {356, 815, 810}


async def everything(client: Client) -> list[Message]:
    """Receive until the connection ends."""
    told = []
    with suppress(ConnectionClosedError):
        while True:
            told.append(await client.receive())
    return told


async def test_what_waits_for_its_turn_is_answered_before_a_stop(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bettors = await players(world, *(f"bettor-{number}" for number in range(10)))
        monkeypatch.setattr(world.server.services.writer, "_off_loop", slow_disk(1))
        for bettor in bettors:
            await bettor.send(392, pool_id=pool_id, target="brazil", amount=1)
            await bettor.send(810)
        await trio.sleep(0.5)
        began = trio.current_time()
        await world.stop()
        answered_s = trio.current_time() - began - CLOSE_S  # none of them has read its close frame
        assert answered_s < 1, "half a second, not for as long as it is willing to wait"
        for bettor in bettors:
            told = await everything(bettor)
            assert len(named(told, 356)) == len(named(told, 810)) == 1
            assert bettor.socket.closed is not None
            assert bettor.socket.closed.code == 1001
        await world.start()


async def test_a_connection_that_is_gone_leaves_nothing_for_the_collector(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        (bob,) = await players(world, "bob")
        (connection,) = world.open
        wire = weakref.ref(connection._wire or bob)
        assert (await bob.call(1))["res"] == 1
        gc.collect()
        gc.disable()
        try:
            await bob.socket.aclose()
            await trio.sleep(1)
            assert wire() is None
        finally:
            gc.enable()


async def game_with_a_pool_that_opens_again_each_second(world: World) -> tuple[Client, str]:
    """Return its host and its id."""
    host, game_id = await open_game(world)
    finish_at = world.now() + 1_000
    await open_pool(host, game_id, type=2, finish_at=finish_at, recreate_on_end=True)
    return host, game_id


async def test_everybody_is_answered_though_the_disk_is_slower_than_the_timers(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting until nothing is due any more would never end here."""
    async with World(tmp_path, ping_interval=3_600_000) as world:
        host, game_id = await game_with_a_pool_that_opens_again_each_second(world)
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        bob, cat = await players(world, "bob", "cat")
        monkeypatch.setattr(world.server.services.writer, "_off_loop", slow_disk(3))
        await trio.sleep(5)
        with trio.fail_after(60):
            assert (await bob.call(363, game_id=game_id))["res"] == 333
            assert (await cat.call(380, source_id=source_id))["res"] == 345
            assert (await host.call(365, source_name="another"))["res"] == 335
            assert (await host.call(372, game_id=game_id))["res"] == 342


async def test_a_disk_slower_than_the_timers_does_not_keep_a_server_from_its_end(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, most = 0, 100

    async def slow_at_first(work: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal commits
        commits += 1
        await trio.sleep(3 if commits < most else 0)
        return work(*arguments)

    async with World(tmp_path) as world:
        host, game_id = await game_with_a_pool_that_opens_again_each_second(world)
        monkeypatch.setattr(world.server.services.writer, "_off_loop", slow_at_first)
        await trio.sleep(2)
        await host.send(363, game_id=game_id)
        await trio.sleep(2)
        await world.stop()
        assert commits < most
        await world.start()

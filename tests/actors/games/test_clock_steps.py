"""How games behave when the machine's clock is set while the server runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from attrs import define

from actors.clock import SystemClock
from tests.support.people import bet, codes, heard, open_game, open_pool, players
from tests.support.world import NOW, World

HOUR_MS = 3_600_000
PATIENCE_MS = 60_000


@define
class Wall:
    """A wall clock that follows simulated time until it is set."""

    began: float
    ahead_ms: int = 0

    def elapsed(self) -> int:
        return round((trio.current_time() - self.began) * 10**9)

    def read(self) -> int:
        return self.elapsed() + (NOW + self.ahead_ms) * 10**6


@asynccontextmanager
async def world_with_a_wall_clock(path: Path) -> AsyncIterator[tuple[World, Wall]]:
    """Run a world that uses a wall clock which the test can set."""
    async with World(path) as world:
        wall = Wall(trio.current_time())
        clock = SystemClock(PATIENCE_MS, wall=wall.read, elapsed=wall.elapsed)
        world.nursery.start_soon(clock.watch)
        world.clock = clock  # type: ignore[assignment]
        await world.restart()
        yield world, wall


async def test_a_clock_set_ahead_for_a_moment_closes_no_game(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_a_wall_clock(tmp_path) as (world, wall):
        host, game_id = await open_game(world, close_at=NOW + HOUR_MS // 2)
        (bob,) = await players(world, "bob")
        pool_id = await open_pool(host, game_id)
        await trio.sleep(5)
        wall.ahead_ms = HOUR_MS
        await trio.sleep(1)
        assert (await host.call(372, game_id=game_id))["status"] != "game_closed"
        assert (await bet(bob, pool_id, "brazil", 1))["res"] == 356
        wall.ahead_ms = 0
        await trio.sleep(600)
        assert (await bet(bob, pool_id, "brazil", 1))["res"] == 356
        (latest,) = world.operator.rows("SELECT max(at) AS at FROM facts")
        assert latest["at"] <= NOW + 700_000


async def test_a_clock_set_ahead_for_good_closes_games_when_it_is_accepted(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_a_wall_clock(tmp_path) as (world, wall):
        host, game_id = await open_game(world, close_at=NOW + HOUR_MS // 2)
        assert (await host.call(363, game_id=game_id))["res"] == 333
        await trio.sleep(30)
        wall.ahead_ms = HOUR_MS
        await trio.sleep(59)
        assert 341 not in codes(await heard(host))
        await trio.sleep(2.5)
        assert 341 in codes(await heard(host)), "and soon, though it slept when the clock was set"


async def test_a_clock_set_back_for_a_moment_lets_no_bet_past_its_time(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_a_wall_clock(tmp_path) as (world, wall):
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        pool_id = await open_pool(host, game_id, stop_accepting_bets_at=world.now() + 5_000)
        assert (await bet(bob, pool_id, "brazil", 1))["res"] == 356
        wall.ahead_ms = -HOUR_MS
        await trio.sleep(6)
        assert (await bet(bob, pool_id, "brazil", 1))["code"] == "pool_blocked"


@pytest.mark.parametrize(("back_ms", "later_s"), [(29_000, 2), (HOUR_MS, 62)])
async def test_bets_are_told_at_once_though_the_clock_was_set_back(
    tmp_path: Path, autojump_clock: object, back_ms: int, later_s: float
) -> None:
    async with world_with_a_wall_clock(tmp_path) as (world, wall):
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        pool_id = await open_pool(host, game_id)
        await bet(bob, pool_id, "brazil", 1)
        wall.ahead_ms = -back_ms
        await trio.sleep(later_s)
        await host.call(363, game_id=game_id)
        await heard(host)
        for _ in range(3):
            await bet(bob, pool_id, "brazil", 1)
            assert codes(await heard(host, within_ms=101)) == [361]


async def test_subscribers_are_counted_though_the_clock_was_set_back(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_a_wall_clock(tmp_path) as (world, wall):
        world.limits = type(world.limits)(rate_limit=0, presence_limit=1)
        await world.restart()
        host, game_id = await open_game(world)
        bob, cid, dan = await players(world, "bob", "cid", "dan")
        for client in (host, bob):
            await client.call(363, game_id=game_id)
        assert 475 in codes(await heard(host))
        wall.ahead_ms = -20_000
        await trio.sleep(5)
        for client in (cid, dan):
            await client.call(363, game_id=game_id)
        told = await heard(host, within_ms=1_100)
        assert [message["subscribers"] for message in told] == [3, 4]

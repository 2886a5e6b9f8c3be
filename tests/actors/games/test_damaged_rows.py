"""A row with a value of a wrong type affects its own game or user, and no other."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from storage.audit import audit
from tests.support.people import bet, create_game, open_game, open_pool
from tests.support.world import NOW, World

DAY = 24 * 3_600_000


@pytest.mark.parametrize("value", ["'abc'", "x'00'", "1e300"])
async def test_a_timer_that_is_no_time_stops_that_game_alone(
    tmp_path: Path, autojump_clock: object, value: str
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        damaged, sound = [await create_game(host, open_at=NOW + DAY) for _ in range(2)]
        await world.stop()
        world.operator.execute(f"UPDATE games SET wake_at = {value} WHERE number = 1")
        assert "games.wake_at has 1 values of another type" in audit(world.operator)
        with capture_logs() as lines:
            await world.start()
        assert [line["game_id"] for line in lines if line["event"] == "game_damaged"] == [damaged]
        await world.restart(down_ms=2 * DAY)
        rows = world.operator.rows("SELECT game_id FROM facts WHERE kind = 'game_transition'")
        assert [row["game_id"] for row in rows] == [sound]
        host = await world.connect("ann")
        details = await host.call(372, game_id=damaged)
        assert details["status"] == "game_in_progress_betting_active"


@pytest.mark.parametrize("column", ["name", "hashtag", "open_at", "close_at", "phase"])
async def test_a_damaged_game_is_left_out_of_lists(
    tmp_path: Path, autojump_clock: object, column: str
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        source_id = (await host.call(365, source_name="cup"))["source_id"]
        games = [
            (await host.call(370, source_id=source_id, game_name=name))["game_id"] for name in "ab"
        ]
        await world.stop()
        world.operator.execute(f"UPDATE games SET {column} = x'00' WHERE number = 1")
        await world.start()
        host = await world.connect("ann")
        for _ in range(3):
            listed = await host.call(380, source_id=source_id)
            assert list(listed["games"]) == games[1:]
        assert (await host.call(365, source_name="another"))["res"] == 335


async def test_a_damaged_balance_costs_the_bets_of_its_user_alone(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        for name in ("bob", "cat"):
            world.add_user(name)
        world.operator.execute("PRAGMA ignore_check_constraints = ON")
        world.operator.execute(
            "UPDATE accounts SET balance = 'abc' WHERE account = 'player:2:available'"
        )
        bob, cat = await world.connect("bob"), await world.connect("cat")
        for _ in range(2):
            assert (await bet(bob, pool_id, "brazil", 1))["code"] == "overloaded"
        assert (await bet(cat, pool_id, "brazil", 1))["res"] == 356

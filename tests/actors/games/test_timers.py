"""Timers in the actors (contract, section 6, "Life"), under simulated time."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from structlog.testing import capture_logs

from tests.support.people import codes, create_game, heard
from tests.support.world import NOW, World
from toteboard_client import Message

DAY = 24 * 3_600_000


def moments(messages: list[Message]) -> list[tuple[int, str | None, int]]:
    """Return what was published, and when."""
    return [(m["res"], m.get("status"), m["response_header"]["t"]) for m in messages]


async def test_a_year_of_scheduled_transitions_happens_on_time(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=400 * DAY) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(
            host, open_at=NOW + 100 * DAY, live_start_at=NOW + 200 * DAY, close_at=NOW + 365 * DAY
        )
        await host.call(363, game_id=game_id)
        assert moments((await heard(host, within_ms=366 * DAY))[1:]) == [
            (342, "pre_game_betting_active", NOW + 100 * DAY),
            (342, "game_in_progress_betting_active", NOW + 200 * DAY),
            (341, None, NOW + 365 * DAY),
        ]


async def test_a_game_nobody_listens_to_acts_at_its_times(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(host, open_at=NOW + 600_000, close_at=NOW + 900_000)
        await trio.sleep(1_000)
        await host.call(363, game_id=game_id, since=1)
        entries = world.operator.rows("SELECT at, kind FROM facts ORDER BY seq")
        assert [(row["at"], row["kind"]) for row in entries[1:]] == [
            (NOW + 600_000, "game_transition"),
            (NOW + 900_000, "game_closed"),
        ]


async def test_what_fell_due_while_down_happens_first_in_order_dated_as_due(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(
            host, open_at=NOW + 60_000, live_start_at=NOW + 120_000, close_at=NOW + 180_000
        )
        await world.restart(down_ms=DAY)
        rows = world.operator.rows("SELECT at FROM facts ORDER BY seq")
        assert [row["at"] for row in rows[1:]] == [NOW + 60_000, NOW + 120_000, NOW + 180_000]
        host = await world.connect("ann")
        details = await host.call(372, game_id=game_id)
        assert (details["status"], details["seq"]) == ("game_closed", 4)


async def test_a_postponed_match_acts_at_its_new_times_only(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(
            host, open_at=NOW + 10_000, live_start_at=NOW + 20_000, close_at=NOW + 30_000
        )
        await host.call(363, game_id=game_id)
        reply = await host.call(
            373,
            game_id=game_id,
            open_at=NOW + 110_000,
            live_start_at=NOW + 120_000,
            close_at=NOW + 130_000,
        )
        assert reply["res"] == 343
        told = await heard(host, within_ms=100_000)
        assert codes(told) == [470, 342]
        assert moments(await heard(host, within_ms=60_000)) == [
            (342, "pre_game_betting_active", NOW + 110_000),
            (342, "game_in_progress_betting_active", NOW + 120_000),
            (341, None, NOW + 130_000),
        ]


async def test_a_close_at_that_was_taken_away_closes_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(host, close_at=NOW + 30_000)
        await host.call(373, game_id=game_id, close_at=0)
        await trio.sleep(60)
        details = await host.call(372, game_id=game_id)
        assert (details["status"], details["close_at"]) == (
            "game_in_progress_betting_active",
            None,
        )


async def test_an_op_that_arrives_at_close_at_comes_too_late(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(host, close_at=NOW + 5_000)
        await trio.sleep_until(trio.current_time() + (NOW + 5_000 - world.now()) / 1_000)
        reply = await host.call(373, game_id=game_id, actions=["goal"])
        assert reply["code"] == "game_closed"


async def test_a_list_shows_no_game_whose_close_at_has_come_however_late_its_timer(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        monkeypatch.setattr(world.clock, "deadline", lambda at: math.inf)
        game_id = await create_game(host, close_at=NOW + 5_000)
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        await trio.sleep_until(trio.current_time() + (NOW + 5_000 - world.now()) / 1_000)
        assert (await host.call(380, source_id=source_id))["games"] == {}


async def test_a_game_that_is_woken_before_its_maker_hears_of_it_has_one_actor(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(work: Callable[..., None], *arguments: object) -> None:
        work(*arguments)
        await trio.sleep(0.05)

    monkeypatch.setattr("tests.support.world.inline", slow)
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(host, close_at=NOW + 90_000)
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        # At 30 s everything up to 90 s is woken, which is in the middle of this commit.
        await trio.sleep((NOW + 29_980 - world.now()) / 1_000)
        with capture_logs() as lines:
            await host.call(370, source_id=source_id, game_name="x", close_at=NOW + 85_000)
            await trio.sleep(100)
        closed = [line for line in lines if line["event"] == "game_closed"]
        assert len(closed) == 2
        assert not [line["event"] for line in lines if line["log_level"] == "error"]

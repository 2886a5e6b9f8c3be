"""Positions, and reconnecting with `since` (contract, sections 1 and 6)."""

from pathlib import Path

import orjson
import pytest

from tests.support.people import codes, create_game, heard, open_game, open_pool, players
from tests.support.world import World
from toteboard_client import Client, Message


def positions(messages: list[Message]) -> list[tuple[int, int]]:
    return [(m["prev_seq"], m["seq"]) for m in messages if "seq" in m]


async def busy_game(host: Client) -> str:
    """Open a game with the facts 1 created, 2 admin, 3 and 4 details."""
    game_id = await create_game(host)
    await host.call(616, game_id=game_id)
    await host.call(373, game_id=game_id, actions=["goal"])
    await host.call(373, game_id=game_id, actions=["offside"])
    return game_id


async def test_a_publication_carries_its_position_and_that_of_the_one_before_it(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        game_id = await create_game(ann)
        joined = await ann.call(363, game_id=game_id)
        assert joined["seq"] == 1
        await ann.call(373, game_id=game_id, actions=["goal"])
        await ann.call(616, game_id=game_id)
        await ann.call(373, game_id=game_id, actions=["offside"])
        closed = await ann.call(375, game_id=game_id)
        told = await heard(ann)
        assert positions(told) == [(0, 2), (2, 4)], "fact 3 publishes nothing: told with the next"
        assert (closed["prev_seq"], closed["seq"]) == (4, 5), "the reply is the publication"
        assert codes(told) == [470, 342, 342], "and comes once"


async def test_a_caller_who_has_not_joined_gets_the_reply_without_a_position(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        closed = await ann.call(375, game_id=await create_game(ann))
        assert closed["res"] == 341
        assert "seq" not in closed


@pytest.mark.parametrize("restarted", [False, True])
async def test_since_brings_what_was_missed_also_after_a_restart(
    tmp_path: Path, autojump_clock: object, restarted: bool
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await busy_game(host)
        if restarted:
            await world.restart()
        reader = await world.connect("ann")
        joined = await reader.call(363, game_id=game_id, since=1)
        assert joined["seq"] == 1, "what this reader has been told"
        told = await heard(reader)
        assert codes(told) == [342, 470], "one 342 as things stand, before anything new"
        assert positions(told) == [(1, 4)]
        assert set(told[0]["actions"]) == {"goal", "offside"}


async def test_after_a_restart_the_next_publication_follows_the_last_one_told(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await busy_game(host)
        await host.call(618, game_id=game_id, username="ann")
        await world.restart()
        host = await world.connect("ann")
        await host.call(363, game_id=game_id, since=4)
        await host.call(373, game_id=game_id, targets=["x"])
        told = await heard(host)
        assert positions(told) == [(4, 6)], "fact 5 was never published: nothing was missed"


@pytest.mark.parametrize("since", [0, 99])
async def test_too_much_missed_or_a_since_ahead_is_a_resync(
    tmp_path: Path, autojump_clock: object, since: int
) -> None:
    async with World(tmp_path, resume_limit=3) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await busy_game(host)
        joined = await host.call(363, game_id=game_id, since=since)
        assert (joined["resync"], joined["seq"]) == (True, min(since, 4))
        assert codes(await heard(host)) == [470]


async def test_a_closed_game_sends_what_was_missed_ends_with_341_and_subscribes_nobody(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, resume_limit=3) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await busy_game(host)
        await host.call(375, game_id=game_id)
        for since, expected in ((3, [342, 341]), (5, [341]), (0, [341])):
            joined = await host.call(363, game_id=game_id, since=since)
            assert joined["status"] == "game_closed"
            assert joined.get("resync", False) == (since == 0)
            assert codes(await heard(host)) == expected
        assert (await host.call(364, game_id=game_id))["code"] == "not_joined"
        assert (await host.call(363, game_id=game_id))["code"] == "game_closed"


async def test_what_is_sent_again_does_not_count_against_the_outbox(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, outbox_bytes=65_536) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(host)
        for page in range(2):
            many = [f"{number:0200}" for number in range(page * 100, page * 100 + 100)]
            await host.call(373, game_id=game_id, actions=many)
        reader = await world.connect("ann")
        await reader.call(363, game_id=game_id, since=1)
        (details,) = [m for m in await heard(reader) if m["res"] == 342]
        assert len(orjson.dumps(details)) > 65_536


@pytest.mark.parametrize("since", [1, 1_000_000])
async def test_no_position_falls_for_who_comes_back_while_bets_wait_for_their_361(
    tmp_path: Path, autojump_clock: object, since: int
) -> None:
    async with World(tmp_path, distribution_interval=1_000) as world:
        host, game_id = await open_game(world)
        pools = [await open_pool(host, game_id) for _ in range(2)]
        (bea,) = await players(world, "bea")
        for pool_id in pools * 2:
            await bea.call(392, pool_id=pool_id, target="brazil", amount=1)
            await heard(bea, within_ms=100)
        joined = await host.call(363, game_id=game_id, since=since)
        told = [message for message in await heard(host, within_ms=2_000) if "seq" in message]
        again = 2 * (since == 1)
        assert codes(told)[-4:] == [361] * (2 + again), "sent again with the bets that wait, live"
        marks = [joined["seq"], *(message["seq"] for message in told)]
        assert marks == sorted(marks)
        assert marks[-1] == (await host.call(372, game_id=game_id))["seq"]

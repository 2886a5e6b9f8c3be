"""The list of all games (3812) and the results of a game (3901)."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.people import bet, create_game, open_game, open_pool, players
from tests.support.world import NOW, World
from toteboard_client import Client, Message

HOUR = 3_600_000


async def games(client: Client, **asked: Any) -> list[Message]:
    """Return the games of a 3452, which has them all."""
    reply = await client.call(3812, **asked)
    assert reply["total"] == len(reply["games"])
    return list(reply["games"])


async def test_a_game_is_listed_with_its_money_its_listeners_and_its_top_pool(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world, hashtag="Cup")
        small, large = [await open_pool(host, game_id, description=name) for name in "ab"]
        ann, bea = await players(world, "one", "two")
        await ann.call(363, game_id=game_id)
        await bet(ann, small, "brazil", 2)
        await bet(bea, large, "argentina", 3)
        (found,) = await games(ann)
        assert (found["game_id"], found["hashtag"], found["subscribers"]) == (game_id, "Cup", 1)
        assert (found["pools"], found["amount_total"]) == (2, 5)
        assert (found["top_pool"]["pool_id"], found["top_pool"]["closes_at"]) == (large, None)
        backed = found["top_pool"]["distribution"]["argentina"]
        assert (backed["backing_money"], backed["to_win_if_backed"]) == (3, 1.0)
        await host.call(396, pool_id=small)
        (found,) = await games(ann)
        assert found["top_pool"]["pool_id"] == small, "the hot one goes before the largest"


async def test_a_top_pool_shows_six_targets_and_when_it_closes(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        names = [f"boat {number}" for number in range(9)]
        host, game_id = await open_game(world, targets=names)
        closes, ends = NOW + HOUR, NOW + 2 * HOUR
        more = {"type": 2, "finish_at": ends, "stop_accepting_bets_at": closes}
        await open_pool(host, game_id, **more)
        (found,) = await games(host)
        shown = found["top_pool"]["distribution"]
        assert list(shown) == [f"boat-{number}" for number in range(6)]
        assert found["top_pool"]["closes_at"] == closes


async def test_a_top_pool_says_whether_it_is_blocked(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool = await open_pool(host, game_id)
        (found,) = await games(host)
        assert found["top_pool"]["is_blocked"] is False
        await host.call(397, pool_id=pool)
        (found,) = await games(host)
        assert found["top_pool"]["is_blocked"] is True


async def test_a_blocked_pool_is_the_top_pool_only_if_all_are_blocked(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        hot, other = await open_pool(host, game_id), await open_pool(host, game_id)
        await host.call(396, pool_id=hot)
        tops = []
        for blocked in (hot, other):
            await host.call(397, pool_id=blocked)
            (found,) = await games(host)
            tops.append(found["top_pool"]["pool_id"])
        assert tops == [other, hot]


async def test_after_a_restart_the_list_is_the_same(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bob,) = await players(world, "bob")
        await bet(bob, pool_id, "brazil", 2)
        before = await games(bob)
        await world.restart()
        assert await games(await world.connect("bob")) == before


async def test_live_games_come_before_upcoming_ones_and_closed_ones_not_at_all(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, live = await open_game(world, live_start_at=NOW + 5 * HOUR)
        late = {"open_at": NOW + HOUR}
        second = await create_game(host, 370, live_start_at=NOW + 3 * HOUR, **late)
        first = await create_game(host, 370, live_start_at=NOW + 2 * HOUR, **late)
        closed = await create_game(host, 370)
        await host.call(616, game_id=closed)
        await host.call(375, game_id=closed)
        assert [each["game_id"] for each in await games(host)] == [live, first, second]
        assert [each["game_id"] for each in await games(host, status="live")] == [live]
        upcoming = await games(host, status=" upcoming ")
        assert [each["game_id"] for each in upcoming] == [first, second]
        page = await host.call(3812, offset=1, limit=1)
        assert [each["game_id"] for each in page["games"]] == [first]
        assert page["total"] == 3


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("curacao", True),
        ("CURAÇAO", True),
        ("cura", True),
        ("#final", True),
        ("atlantic", True),
        ("ligue curacao", True),
        ("curacao pacific", False),
        ("%", False),
        ("_", False),
    ],
)
async def test_a_search_sees_names_and_the_hashtag_without_case_and_accents(
    tmp_path: Path, autojump_clock: object, query: str, *, is_found: bool
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        source = await ann.call(365, source_name="Atlântic Ligue")
        about = {"game_name": "Curaçao - Aruba", "hashtag": "#Final"}
        await ann.call(370, source_id=source["source_id"], **about)
        assert bool(await games(ann, query=query)) is is_found


async def test_a_source_that_is_not_listed_keeps_its_games_to_those_who_know_their_ids(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        source = (await ann.call(365, source_name="friends", listed="false"))["source_id"]
        game = await ann.call(370, source_id=source, game_name="Ann - Bob")
        assert await games(ann) == []
        assert (await ann.call(380, source_id=source))["games"].keys() == {game["game_id"]}


async def test_a_status_is_one_of_two_words(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        guest = await world.connect_guest()
        wrong = await guest.call(3812, status="closed")
        assert (wrong["code"], wrong["parameter"]) == ("invalid_parameter", "status")


async def test_results_are_for_every_client_the_newest_first_and_stay_when_the_game_is_closed(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        won, cancelled, unbacked = [await open_pool(host, game_id) for _ in range(3)]
        (bob,) = await players(world, "bob")
        await bet(bob, won, "brazil", 2)
        await host.call(399, pool_id=cancelled, reason="rain")
        await host.call(397, pool_id=won)
        goal = await host.call(395, game_id=game_id, action_id="goal", target_id="brazil:7")
        assert goal["res"] == 366
        guest = await world.connect_guest()
        told = await guest.call(3901, game_id=game_id)
        assert told["total"] == 3
        assert [each["pool_id"] for each in told["pools"]] == [unbacked, won, cancelled]
        _, first, last = told["pools"]
        assert (first["winning_target"], first["prices"]) == ("brazil", {"brazil": 1.0})
        assert (first["amount_total"], first["participants"]) == (2, 1)
        assert (first["is_money_return"], last["is_money_return"]) == (False, True)
        assert last["winning_target"] is None
        page = await guest.call(3901, game_id=game_id, offset=2, limit=5)
        assert [each["pool_id"] for each in page["pools"]] == [cancelled]
        await host.call(375, game_id=game_id)
        assert (await guest.call(3901, game_id=game_id))["pools"] == told["pools"]


async def test_a_user_learns_whether_it_may_open_sources(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("host", can_host=True)
        host, (ann,) = await world.connect("host"), await players(world, "ann")
        assert (await host.call(611))["may_open_sources"] is True
        assert (await ann.call(611))["may_open_sources"] is False

"""Which subscribers learn of each other (contract, section 6, "Calls")."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.people import codes, create_game, heard
from tests.support.world import World
from toteboard_client import Client


async def joined(world: World, name: str, game_id: str) -> Client:
    client = await world.connect(name)
    assert (await client.call(363, game_id=game_id))["res"] == 333
    return client


@pytest.fixture
def people() -> list[str]:
    return ["ann", "bob", "cid"]


def populate(world: World, people: list[str]) -> None:
    for name in people:
        world.add_user(name, can_host=True)


async def test_470_comes_with_a_users_first_connection_and_480_with_the_last(
    tmp_path: Path, autojump_clock: object, people: list[str]
) -> None:
    async with World(tmp_path) as world:
        populate(world, people)
        game_id = await create_game(await world.connect("ann"))
        ann = await joined(world, "ann", game_id)
        assert codes(await heard(ann)) == [470]
        bob, bob_too = await joined(world, "bob", game_id), await joined(world, "bob", game_id)
        told = await heard(ann)
        assert [(m["res"], m["user_name"]) for m in told] == [(470, "bob")]
        assert codes(await heard(bob)) == [470], "the joiner is one of the subscribers"
        assert (await bob.call(364, game_id=game_id))["res"] == 334
        assert await heard(ann) == []
        await bob_too.call(364, game_id=game_id)
        assert codes(await heard(ann)) == [480]
        assert await heard(bob_too) == [], "480 is not for the leaver"


async def test_480_comes_when_the_last_connection_goes_away(
    tmp_path: Path, autojump_clock: object, people: list[str]
) -> None:
    async with World(tmp_path) as world:
        populate(world, people)
        game_id = await create_game(await world.connect("ann"))
        ann, bob = await joined(world, "ann", game_id), await joined(world, "bob", game_id)
        await heard(ann)
        await bob.socket.aclose()
        assert codes(await heard(ann)) == [480]


async def test_joining_twice_on_one_connection_is_answered_and_not_published(
    tmp_path: Path, autojump_clock: object, people: list[str]
) -> None:
    async with World(tmp_path) as world:
        populate(world, people)
        game_id = await create_game(await world.connect("ann"))
        ann = await joined(world, "ann", game_id)
        await heard(ann)
        assert (await ann.call(363, game_id=game_id))["res"] == 333
        assert await heard(ann) == []
        await ann.call(364, game_id=game_id)
        assert (await ann.call(364, game_id=game_id))["code"] == "not_joined"


async def test_no_480s_are_made_up_after_a_restart(
    tmp_path: Path, autojump_clock: object, people: list[str]
) -> None:
    async with World(tmp_path) as world:
        populate(world, people)
        game_id = await create_game(await world.connect("ann"))
        await joined(world, "bob", game_id)
        await world.restart()
        ann = await joined(world, "ann", game_id)
        assert codes(await heard(ann, within_ms=5_000)) == [470]


async def test_above_the_presence_limit_counts_come_at_most_once_a_second(
    tmp_path: Path, autojump_clock: object, people: list[str]
) -> None:
    async with World(tmp_path, presence_limit=2) as world:
        populate(world, people)
        game_id = await create_game(await world.connect("ann"))
        first = await joined(world, "ann", game_id)
        others: list[Any] = [await joined(world, name, game_id) for name in ("bob", "cid", "cid")]
        told = await heard(first, within_ms=5_000)
        assert codes(told) == [470, 470, 475, 475]
        assert [(m["subscribers"], m["users"]) for m in told[2:]] == [(3, 3), (4, 3)]
        times = [m["response_header"]["t"] for m in told[2:]]
        assert times[1] - times[0] == 1_000
        await others[0].call(364, game_id=game_id)
        told = await heard(first, within_ms=5_000)
        assert [(m["res"], m["subscribers"], m["users"]) for m in told] == [(475, 3, 2)]


async def test_joins_per_connection_is_a_limit(
    tmp_path: Path, autojump_clock: object, people: list[str]
) -> None:
    async with World(tmp_path, joins_per_connection=1) as world:
        populate(world, people)
        ann = await world.connect("ann")
        one, two = await create_game(ann), await create_game(ann)
        assert (await ann.call(363, game_id=one))["res"] == 333
        refused = await ann.call(363, game_id=two)
        assert (refused["code"], refused["limit"]) == ("limit_reached", 1)
        assert (await ann.call(363, game_id=one))["res"] == 333

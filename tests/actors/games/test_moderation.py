"""Moderation: who is muted, banned or slowed, for how long, and that it holds over a restart."""

from pathlib import Path
from typing import Any

import pytest
import trio

from actors.games import moderation
from storage.store import AddSourceAdmin
from tests.support.people import bet, heard, named, open_game, open_pool, players
from tests.support.world import World
from toteboard_client import Client, Message

HOUR = 3_600_000


async def say(client: Client, game_id: str, text: str = "hello") -> Message:
    return await client.call(900, text=text, targets=[game_id])


async def joined(world: World, game_id: str, *names: str) -> list[Client]:
    clients = await players(world, *names)
    for each in clients:
        await each.call(363, game_id=game_id)
    return clients


async def source_of(host: Client, game_id: str) -> str:
    return str((await host.call(372, game_id=game_id))["source_id"])


async def test_a_mute_holds_in_its_game_until_its_end_and_over_a_restart(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        [bob] = await joined(world, game_id, "bob")
        until = world.now() + HOUR
        muted = await host.call(
            9020, game_id=game_id, username="BOB", until=until, reason="insults"
        )
        assert (muted["res"], muted["username"], muted["until"]) == (9021, "bob", until)
        refused = await say(bob, game_id)
        assert (refused["code"], refused["until"]) == ("not_authorized", until)
        await world.restart()
        bob = await world.connect("bob")
        await bob.call(363, game_id=game_id)
        assert (await say(bob, game_id))["until"] == until
        await trio.sleep(HOUR / 1_000)
        assert (await say(bob, game_id))["res"] == 901


async def test_a_mute_in_a_source_covers_later_games_until_it_is_lifted(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        source_id = await source_of(host, game_id)
        await players(world, "bob")
        assert (await host.call(9020, source_id=source_id, username="bob"))["until"] is None
        later = (await host.call(370, source_id=source_id, game_name="later"))["game_id"]
        bob = await world.connect("bob")
        for each in (game_id, later):
            await bob.call(363, game_id=each)
            assert (await say(bob, each))["until"] is None
        assert (await host.call(9030, source_id=source_id, username="bob"))["res"] == 9031
        assert (await say(bob, later))["res"] == 901


async def test_a_line_to_several_games_is_sent_to_none_if_one_of_them_is_muted(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        _, other = await open_game(world, host="hal")
        [bob, cat] = await joined(world, game_id, "bob", "cat")
        await bob.call(363, game_id=other)
        await host.call(9020, game_id=game_id, username="bob")
        both = await bob.call(900, text="hello", targets=[other, game_id])
        assert both["code"] == "not_authorized"
        assert not named(await heard(cat), 901)
        assert (await say(bob, other))["res"] == 901


async def test_a_ban_stops_joins_bets_and_chat_and_leaves_stakes_alone(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        [bob, cat] = await joined(world, game_id, "bob", "cat")
        for each in (bob, cat):
            await bet(each, pool_id, "brazil", 10)
        source_id = await source_of(host, game_id)
        until = world.now() + HOUR
        banned = await host.call(9040, source_id=source_id, username="bob", until=until)
        assert (banned["res"], banned["until"]) == (9041, until)
        again = await world.connect("bob")
        for reply in (
            await again.call(363, game_id=game_id),
            await bet(again, pool_id, "brazil", 1),
            await say(bob, game_id),
        ):
            assert (reply["code"], reply["until"]) == ("not_authorized", until)
        await host.call(395, game_id=game_id, action_id="goal", target_id="argentina:1")
        assert named(await heard(bob), 815)[-1]["available_balance"] == 1000, "a money return"
        assert (await host.call(9050, source_id=source_id, username="bob"))["res"] == 9051
        assert (await again.call(363, game_id=game_id))["res"] == 333


async def test_slow_mode_spaces_the_lines_of_each_user(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        [bob, cat] = await joined(world, game_id, "bob", "cat")
        assert (await host.call(9060, game_id=game_id, ms=10_000))["res"] == 9061
        assert (await say(bob, game_id))["res"] == 901
        await trio.sleep(4)
        refused = await say(bob, game_id)
        assert (refused["code"], refused["retry_after_ms"]) == ("rate_limited", 6_000)
        assert (await say(cat, game_id))["res"] == 901
        await trio.sleep(6)
        assert (await say(bob, game_id))["res"] == 901
        await world.restart()
        [bob, host] = [await world.connect(name) for name in ("bob", "ann")]
        await bob.call(363, game_id=game_id)
        told = [(await say(bob, game_id))["res"] for _ in range(2)]
        assert told == [901, 666]
        await host.call(9060, game_id=game_id, ms=0)
        assert (await say(bob, game_id))["res"] == 901


async def test_nothing_about_the_chat_of_a_closed_game_is_in_memory_also_after_a_restart(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        _, other = await open_game(world, host="hal")
        [bob, cat] = await joined(world, game_id, "bob", "cat")
        await host.call(9020, game_id=game_id, username="bob")
        await host.call(9060, game_id=game_id, ms=10_000)
        told = [(await say(client, game_id))["res"] for client in (bob, cat, cat)]
        assert told == [666, 901, 666]
        assert (await host.call(375, game_id=game_id))["res"] == 341
        kept = world.server.services.moderation
        assert (kept._loaded, kept._lines) == (moderation._Kept(), {})
        await world.restart()
        bob = await world.connect("bob")
        await bob.call(363, game_id=other)
        assert world.server.services.moderation._loaded == moderation._Kept()


async def test_a_line_has_an_id_by_which_an_admin_removes_it(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        [bob, cat] = await joined(world, game_id, "bob", "cat")
        await host.call(363, game_id=game_id)
        said = await say(bob, game_id)
        line = named(await heard(cat), 901)[0]
        assert line["message_id"] == said["message_id"]
        await heard(host)
        removed = await host.call(9070, game_id=game_id, message_id=said["message_id"])
        wanted = {"res": 9011, "game_id": game_id, "message_id": said["message_id"]}
        assert {**removed, "response_header": None} == {**wanted, "response_header": None}
        assert not named(await heard(host), 9011), "the caller has it as the reply"
        assert len(named(await heard(cat), 9011)) == 1
        other = await host.call(9070, game_id=game_id, message_id="no such line")
        assert (other["code"], other["parameter"]) == ("invalid_parameter", "message_id")


async def test_the_newest_lines_can_be_removed_and_no_older_one(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "LINES_REMEMBERED", 5)
    async with World(tmp_path, chat_limit=0) as world:
        host, game_id = await open_game(world)
        [bob] = await joined(world, game_id, "bob")
        ids = [(await say(bob, game_id))["message_id"] for _ in range(6)]
        told = [(await host.call(9070, game_id=game_id, message_id=each))["res"] for each in ids]
        assert told == [666] + [9011] * 5


@pytest.mark.parametrize(
    ("op", "wrong", "code"),
    [
        (9020, {"game_id": None}, "missing_parameter"),
        (9020, {"until": 1}, "invalid_parameter"),
        (9020, {"until": "soon"}, "invalid_parameter"),
        (9020, {"username": "nobody"}, "unknown_user"),
        (9020, {"reason": "x" * 501}, "invalid_parameter"),
        (9060, {"ms": -1}, "invalid_parameter"),
        (9060, {}, "missing_parameter"),
    ],
)
async def test_bad_requests_of_moderators_change_nothing(
    tmp_path: Path, autojump_clock: object, op: int, wrong: dict[str, Any], code: str
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        [bob] = await joined(world, game_id, "bob")
        before = world.kept()
        reply = await host.call(op, **({"game_id": game_id, "username": "bob"} | wrong))
        assert reply["code"] == code
        assert world.kept() == before
        assert (await say(bob, game_id))["res"] == 901


async def test_a_moderating_request_with_a_key_is_done_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        [bob] = await joined(world, game_id, "bob")
        muted = {"game_id": game_id, "username": "bob"}
        first = await host.call(9020, key="k", **muted)
        await host.call(9030, **muted)
        await world.restart()
        host, bob = await world.connect("ann"), await world.connect("bob")
        again = await host.call(9020, key="k", **muted)
        assert again["response_header"]["repeated"] is True
        assert {**again, "response_header": 0} == {**first, "response_header": 0}
        await bob.call(363, game_id=game_id)
        assert (await say(bob, game_id))["res"] == 901, "the repeated request mutes nobody"
        other = await host.call(9030, key="k", **muted)
        assert other["code"] == "idempotency_conflict"


async def test_an_admin_of_the_source_alone_does_not_moderate_its_games(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        [bob, cat] = await joined(world, game_id, "bob", "cat")
        await world.operate(AddSourceAdmin(await source_of(host, game_id), "cat"))
        refused = await cat.call(9020, game_id=game_id, username="bob")
        assert refused["code"] == "not_authorized"
        assert (await say(bob, game_id))["res"] == 901

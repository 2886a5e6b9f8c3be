"""How much a user may chat in a game (contract, section 9, `chat_limit`)."""

from pathlib import Path
from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from actors.games.chat_limiter import CHAT_BURST, ChatLimiter
from actors.token_bucket import FEW
from tests.support.people import create_game, heard, named, open_game, players
from tests.support.world import World
from toteboard_client import Client

ANN, BOB = 1, 2


async def say(client: Client, count: int, *game_ids: str) -> list[str | int]:
    """Send `count` lines together. Return the code of each reply: 901, or that of the refusal."""
    parameters: dict[str, Any] = {"targets": list(game_ids)} if game_ids else {}
    replies = [await client.call(900, text="hello", **parameters) for _ in range(count)]
    return [reply["code"] if reply["res"] == 666 else reply["res"] for reply in replies]


async def test_five_lines_at_once_are_told_and_then_two_a_second(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        (bob,) = await players(world, "bob")
        for client in (host, bob):
            await client.call(363, game_id=game_id)
        await heard(host)
        assert await say(bob, 7) == [901] * 5 + ["rate_limited"] * 2
        refused = await bob.call(900, text="hello")
        assert (refused["res"], refused["retryable"], refused["retry_after_ms"]) == (666, True, 500)
        assert game_id in refused["text"]
        assert len(named(await heard(host), 901)) == 5
        await trio.sleep(0.5)
        assert await say(bob, 2) == [901, "rate_limited"]
        await trio.sleep(60)
        assert await say(bob, 6) == [901] * 5 + ["rate_limited"]


async def test_491_lines_in_half_a_second_are_not_told_to_everybody(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cid = await players(world, "bob", "cid")
        for client in (host, bob, cid):
            await client.call(363, game_id=game_id)
        await heard(cid)
        for _ in range(491):
            await bob.send(900, text="x" * 500)
            await trio.sleep(0.001)
        assert len(named(await heard(bob), 901)) <= 6
        assert len(named(await heard(cid), 901)) <= 6


async def test_a_user_has_one_limit_over_all_connections_and_one_for_each_game(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, first = await open_game(world)
        second = await create_game(host)
        (bob,) = await players(world, "bob")
        again = await world.connect("bob")
        for client in (host, bob, again):
            for game_id in (first, second):
                await client.call(363, game_id=game_id)
        assert await say(bob, 3, first) == [901] * 3
        assert await say(again, 3, first) == [901] * 2 + ["rate_limited"]
        assert await say(again, 6, second) == [901] * 5 + ["rate_limited"], "another game"
        assert await say(host, 1, first) == [901], "another user"
        await again.socket.aclose()
        newly = await world.connect("bob")
        await newly.call(363, game_id=first)
        assert await say(newly, 1, first) == ["rate_limited"], "a new connection is no new user"


async def test_a_line_to_several_games_is_told_to_all_or_to_none_and_then_spends_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, first = await open_game(world)
        second = await create_game(host)
        (bob,) = await players(world, "bob")
        for client in (host, bob):
            for game_id in (first, second):
                await client.call(363, game_id=game_id)
        assert await say(bob, 4, first) == [901] * 4
        assert await say(bob, 5, first, second) == [901] + ["rate_limited"] * 4
        await heard(host)
        assert await say(bob, 5) == ["rate_limited"] * 5, "to every game that was joined"
        assert named(await heard(host), 901) == []
        assert await say(bob, 5, second) == [901] * 4 + ["rate_limited"]


async def test_what_is_refused_for_another_reason_spends_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        elsewhere = await create_game(host)
        await host.call(363, game_id=game_id)
        assert await say(host, 9, game_id, elsewhere) == ["not_joined"] * 9
        assert await say(host, 5, game_id) == [901] * 5
        assert await say(host, 1, game_id, elsewhere) == ["not_joined"], "looked at before"


async def test_other_ops_go_on_though_a_user_chats_too_fast(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        await host.call(363, game_id=game_id)
        await say(host, 20)
        assert (await host.call(373, game_id=game_id, actions="x"))["res"] == 343
        assert (await host.call(1))["res"] == 1


@pytest.mark.parametrize(("limit", "told"), [(0, 100), (1, 5), (50, 5)])
async def test_the_limit_is_a_setting_and_op_2_shows_it(
    tmp_path: Path, autojump_clock: object, limit: int, told: int
) -> None:
    async with World(tmp_path, chat_limit=limit) as world:
        host, game_id = await open_game(world)
        await host.call(363, game_id=game_id)
        assert (await host.call(2))["limits"]["chat_limit"] == (limit or None)
        assert (await say(host, 100)).count(901) == told


async def test_users_and_games_that_have_their_lines_again_are_forgotten(
    autojump_clock: object,
) -> None:
    limiter = ChatLimiter(2, lambda _game_id: None)
    for user_id in range(20 * FEW):
        assert limiter.spend(user_id, ["game", "other"]) is None
        await trio.sleep(0.001)
    in_use = 2 * round(0.5 / 0.001)
    assert len(limiter._buckets) <= max(FEW, 2 * in_use) + 2


@given(
    st.integers(1, 10),
    st.lists(
        st.tuples(
            st.floats(0, 3),
            st.sampled_from([ANN, BOB]),
            st.sets(st.sampled_from(["a", "b", "c"]), min_size=1),
        ),
        max_size=60,
    ),
)
def test_no_user_ever_says_more_in_a_game_than_five_and_its_rate(
    rate: int, lines: list[tuple[float, int, set[str]]]
) -> None:
    async def chat() -> None:
        limiter = ChatLimiter(rate, lambda _game_id: None)
        said = dict[tuple[int, str], list[float]]()
        for pause_s, user_id, games in lines:
            await trio.sleep(pause_s)
            now = trio.current_time()
            refusal = limiter.spend(user_id, sorted(games))
            for game_id in games if refusal is None else ():
                times = said.setdefault((user_id, game_id), [])
                times.append(now)
                for count, since in enumerate(reversed(times), start=1):
                    assert count <= CHAT_BURST + (now - since) * rate + 1e-3
            if refusal is not None:
                over = [
                    sum(now - time < CHAT_BURST / rate for time in said.get((user_id, each), []))
                    for each in games
                ]
                assert max(over) > 0, "nobody is refused who has said nothing of late"
                await trio.sleep(refusal.details["retry_after_ms"] / 1_000)
                assert limiter.spend(user_id, sorted(games)) is None
                for game_id in games:
                    said.setdefault((user_id, game_id), []).append(trio.current_time())

    trio.run(chat, clock=MockClock(autojump_threshold=0))

"""What a session makes of what is lost: connections, answers, messages, and its place in line."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.clients.sessions import Seat, news, published, sitting, without_publications
from tests.support.people import create_game, open_game, open_pool
from tests.support.world import World
from toteboard_client import (
    Dropped,
    Message,
    Missed,
    Money,
    NotResumed,
    Resumed,
    Session,
    Skipped,
)
from toteboard_client.messages import BetPlaced
from toteboard_client.websocket import WebSocket


def refuse(message: Message) -> None:
    """Make a refusal of a reply."""
    for name in message.keys() - {"response_header"}:
        del message[name]
    message |= {"res": 666, "text": "no", "code": "internal_error"}


@pytest.mark.parametrize("how", ["cut", "restarted"])
async def test_nothing_is_missed_or_repeated_when_the_connection_is_lost(
    tmp_path: Path, autojump_clock: object, how: str
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            await bob.join_game(game_id=game_id)
            await host.call(373, game_id=game_id, actions=["first"])
            before = await news(bob, within_s=0.1)
            if how == "cut":
                await seat.cut()
            else:
                await world.restart()
                host = await world.connect("ann")
            pools = [await open_pool(host, game_id) for _ in range(3)]
            told = await news(bob)
            assert without_publications(told) == [Dropped, Resumed]
            assert [type(each) for each in told[:2]] == [Dropped, Resumed]
            assert told[1] == Resumed((game_id,))
            assert len(published(before, 342)) == 1
            assert [message["pool_id"] for message in published(told, 352)] == pools
            assert published(told, 342) == []
            assert len(seat.lines) == 2


async def test_a_bet_whose_answer_was_lost_is_placed_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        world.add_user("bob")
        seat = Seat(world, "bob")
        replies: list[BetPlaced] = []

        async def bet(session: Session) -> None:
            replies.append(await session.place_bet(pool_id, "brazil", 5))

        async with sitting(seat) as bob:
            seat.lines[-1].is_deaf = True
            async with trio.open_nursery() as nursery:
                nursery.start_soon(bet, bob)
                await trio.sleep(1)
                assert (await host.call(393, pool_id=pool_id))["bets_total"] == 1
                assert replies == []
                await seat.cut()
            assert replies[0].is_repeated
            pool = await bob.get_distribution(pool_id=pool_id)
            assert list(pool.distribution["brazil"].bets) == [replies[0].bet_id]
            assert (await bob.get_exposure()).exposure == Money(5)


async def test_a_call_waits_while_the_server_is_away(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        async with sitting(Seat(world, "bob")) as bob, trio.open_nursery() as nursery:
            await world.stop()

            async def return_later() -> None:
                await trio.sleep(100)
                await world.start()

            nursery.start_soon(return_later)
            assert (await bob.ping()).res == 1
            assert [type(each) for each in await news(bob)] == [Dropped, Resumed]


async def test_silence_is_a_lost_connection(tmp_path: Path, autojump_clock: object) -> None:
    """Also if it is the network's, and the server does not hang up."""
    async with World(tmp_path, ping_interval=3_600_000) as world:
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            seat.lines[-1].is_deaf = True
            assert (await bob.ping()).res == 1
            assert len(seat.lines) == 2


async def test_a_lost_message_is_requested(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        world.add_user("bob")
        lost: list[Message] = []

        def hears(message: Message) -> bool:
            if message["res"] == 352 and not lost:
                lost.append(message)
                return False
            return True

        seat = Seat(world, "bob", hears)
        async with sitting(seat) as bob:
            await bob.join_game(game_id=game_id)
            pools = [await open_pool(host, game_id) for _ in range(3)]
            told = await news(bob)
            assert [message["pool_id"] for message in published(told, 352)] == pools
            assert len(seat.lines) == 1, "on the connection that there is"


async def test_a_block_of_a_pool_keeps_its_place_in_its_game(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        other_id = await create_game(host)
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            for joined in (game_id, other_id):
                await bob.join_game(game_id=joined)
            await host.call(397, pool_id=pool_id)
            await host.call(373, game_id=game_id, actions=["second"])
            await host.call(373, game_id=other_id, actions=["second"])
            told = await news(bob)
            assert [m["res"] for m in published(told, 368, 342)] == [368, 342, 342]
            await seat.cut()
            assert published(await news(bob), 368, 342) == []


async def test_a_program_that_does_not_read_is_answered_and_misses_no_fact(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        world.add_user("bob")
        async with sitting(Seat(world, "bob"), buffer=2) as bob:
            await bob.join_game(game_id=game_id)
            pools = [await open_pool(host, game_id) for _ in range(9)]
            listed = await bob.list_pools(game_id=game_id)
            assert set(listed.pools_list) == set(pools)
            told = await news(bob)
            assert [message["pool_id"] for message in published(told, 352)] == pools
            assert Skipped in without_publications(told)


async def test_more_than_the_server_replays_is_reported_as_missed(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, resume_limit=3) as world:
        host, game_id = await open_game(world)
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            await bob.join_game(game_id=game_id)
            await seat.cut()
            for _ in range(5):
                await open_pool(host, game_id)
            told = await news(bob)
            assert Missed(game_id) in told
            assert published(told, 352) == []
            pool_id = await open_pool(host, game_id)
            assert [m["pool_id"] for m in published(await news(bob), 352)] == [pool_id]


async def test_a_game_that_closed_meanwhile_is_replayed_to_its_end(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            await bob.join_game(game_id=game_id)
            await seat.cut()
            await host.call(375, game_id=game_id)
            assert len(published(await news(bob), 341)) == 1
            await seat.cut()
            assert await news(bob) == [Dropped("1006 ABNORMAL_CLOSURE"), Resumed(())]


async def test_a_game_that_was_left_is_not_joined_again(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            await bob.join_game(game_id=game_id)
            await bob.leave_game(game_id=game_id)
            await seat.cut()
            await open_pool(host, game_id)
            assert published(await news(bob), 352) == []


async def test_a_game_that_refuses_to_be_rejoined_is_reported(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        other_id = await create_game(host)
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            for joined in (game_id, other_id):
                await bob.join_game(game_id=joined)
            world.limits = type(world.limits)(rate_limit=0, joins_per_connection=1)
            await world.restart()
            (refused,) = [each for each in await news(bob) if isinstance(each, NotResumed)]
            assert (refused.game_id, refused.error.code) == (other_id, "limit_reached")


async def test_a_resumption_that_comes_too_fast_is_tried_again(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, _ = await open_game(world)
        games = [await create_game(host) for _ in range(6)]
        world.add_user("bob")
        async with sitting(Seat(world, "bob")) as bob:
            for game_id in games:
                await bob.join_game(game_id=game_id)
            world.limits = type(world.limits)(rate_limit=1, rate_burst=2)
            await world.restart()
            assert NotResumed not in without_publications(await news(bob))
            host = await world.connect("ann")
            for game_id in games:
                await trio.sleep(1)
                await host.call(373, game_id=game_id, actions=["goal"])
            assert len(published(await news(bob), 342)) == len(games)


@pytest.mark.parametrize("is_answered_then", [True, False])
async def test_a_session_pings_again_after_a_suspension_before_it_gives_up(
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    is_answered_then: bool,
) -> None:
    """The pong may have come, and not be read yet."""
    async with World(tmp_path, ping_interval=3_600_000) as world:
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            assert (await bob.ping()).res == 1
            pings = []

            async def ping(_: object) -> None:
                pings.append(trio.current_time())
                if len(pings) == 1:
                    autojump_clock.jump(100)
                if len(pings) == 1 or not is_answered_then:
                    await trio.sleep_forever()

            monkeypatch.setattr(WebSocket, "ping", ping)
            await trio.sleep(200)
            assert len(pings) > 1
            assert (len(seat.lines) == 1) is is_answered_then

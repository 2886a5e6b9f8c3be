"""Sessions: calls, publications, and how they end."""

from pathlib import Path
from typing import Any

import pytest
import trio

from storage.store import DisableUser
from tests.clients.sessions import Seat, news, published, sitting
from tests.support.world import World
from toteboard_client import (
    Dropped,
    Money,
    RefusedError,
    Session,
    SessionClosedError,
    SignInRefusedError,
)
from toteboard_client.messages import GameClosed


async def test_calls_by_name_and_publications_in_order(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, admins_may_bet=True) as world:
        world.add_user("ann", can_host=True)
        async with sitting(Seat(world, "ann")) as ann:
            source = await ann.open_source("FIFA")
            created = await ann.create_and_open_game(
                source.source_id, "A - B", actions=["goal"], targets=["a"]
            )
            await ann.join_game(created)
            await ann.become_admin(created)
            pool = await ann.open_pool(created, "a goal?", action="goal")
            bet = await ann.place_bet(pool, "a", "2.50")
            assert (bet.res, bet.amount) == (356, Money("2.50"))
            assert (await ann.ask(840))["exposure"] == 2.5
            assert isinstance(await ann.close_game(created), GameClosed)
            told = published(await news(ann), 470, 352, 361, 362, 341)
            assert [message["res"] for message in told] == [470, 352, 361, 362]


async def test_a_refusal_is_raised_with_the_whole_reply(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        async with sitting(Seat(world, "bob")) as bob:
            with pytest.raises(RefusedError, match="unknown_pool") as refused:
                await bob.place_bet(pool_id="none such", target="a", amount=1)
            assert (refused.value.code, refused.value.retryable) == ("unknown_pool", False)
            with pytest.raises(RefusedError) as refused:
                await bob.ask(363)  # type: ignore[call-overload]
            assert (refused.value.code, refused.value.parameter) == ("missing_parameter", "game_id")
            assert (await bob.ping()).res == 1


async def test_a_parameter_that_json_cannot_express_raises_in_its_caller_only(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            with pytest.raises(TypeError):
                await bob.send_text(text="half a smile: \ud83d")
            with pytest.raises(TypeError):
                await bob.ask(1, x=object())  # type: ignore[call-overload]
            assert (await bob.ping()).res == 1
            await seat.cut()
            assert (await bob.ping()).res == 1


async def test_several_tasks_may_call_at_the_same_time(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        codes = []

        async def ask(session: Session, op: Any) -> None:
            codes.append((op, (await session.ask(op))["res"]))

        async with sitting(Seat(world, "bob")) as bob, trio.open_nursery() as nursery:
            for op in (1, 800, 810, 840) * 5:
                nursery.start_soon(ask, bob, op)
        assert sorted(codes) == sorted([(op, op) for op in (1, 800, 810, 840)] * 5)


async def test_a_key_that_was_ended_ends_the_session(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        async with sitting(Seat(world, "bob")) as bob:
            await world.operate(DisableUser("bob"))
            assert await anext(bob) == Dropped("1008 the user was disabled")
            with pytest.raises(SignInRefusedError):
                await anext(bob)
            with pytest.raises(SignInRefusedError):
                await bob.ping()


async def test_a_waiting_call_raises_the_reason_when_the_session_ends(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob, trio.open_nursery() as nursery:
            seat.lines[-1].is_deaf = True

            async def ask() -> None:
                with pytest.raises(SignInRefusedError):
                    await bob.ping()

            nursery.start_soon(ask)
            await trio.sleep(1)
            await world.operate(DisableUser("bob"))


async def test_a_wrong_key_is_refused_at_the_door(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        world.keys["bob"] = (world.keys["bob"][0], "wrong")
        with pytest.raises(SignInRefusedError):
            async with sitting(Seat(world, "bob")):
                pytest.fail("let in")


async def test_a_user_with_too_many_connections_comes_back_when_there_is_room(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, connections_per_user=2) as world:
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            await seat.cut()
            others = [await world.connect("bob") for _ in range(2)]
            with trio.move_on_after(90) as patience:
                await bob.ping()
            assert patience.cancelled_caught
            await others[0].socket.aclose()
            assert (await bob.ping()).res == 1


async def test_when_the_block_ends_so_do_the_calls_in_it(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        seat = Seat(world, "bob")
        async with sitting(seat) as bob:
            pass
        for attempt in (bob.ping(), anext(bob)):
            with pytest.raises(SessionClosedError):
                await attempt


async def test_an_error_in_the_block_comes_out_as_it_is(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("bob")
        with pytest.raises(ZeroDivisionError):
            async with sitting(Seat(world, "bob")):
                raise ZeroDivisionError

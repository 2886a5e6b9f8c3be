"""A session without credentials is a guest: it looks, and comes back after a cut."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import pytest
import trio

from tests.support.process import PATIENCE_S, Process
from toteboard_client import (
    Dropped,
    Received,
    Resumed,
    Session,
    SessionKey,
    SignInRefusedError,
    connect_as_guest,
    open_session,
    refusals,
    sync,
)
from toteboard_client.messages import BetPoolResolved, Pong

both = pytest.mark.parametrize("loop", ["asyncio", "trio"])


@asynccontextmanager
async def serving(folder: Path, *options: str) -> AsyncIterator[tuple[Process, str, SessionKey]]:
    """Run a server. Yield it, its address, and the key of a host."""
    async with Process(folder, *options) as server:
        server.add_user("hanna", can_host=True)
        url = f"ws://127.0.0.1:{server.port}/"
        with trio.fail_after(PATIENCE_S):
            yield server, url, SessionKey(*server.keys["hanna"])


async def run(loop: str, program: Callable[[], Awaitable[None]]) -> None:
    """Run a program in another event loop, in a thread."""
    await trio.to_thread.run_sync(partial(anyio.run, program, backend=loop))


async def open_pool(host: Session) -> tuple[str, str]:
    """Open a game and a pool. Return both ids."""
    source = await host.open_source("Copa")
    game = await host.create_and_open_game(
        source.source_id, "Argentina - Brazil", actions=["Goal"], targets=["Argentina", "Brazil"]
    )
    await host.become_admin(game)
    pool = await host.open_pool(game, "Who scores next?", action="goal")
    return game.game_id, pool.pool_id


@both
async def test_a_guest_looks_and_receives_and_may_not_bet(tmp_path: Path, loop: str) -> None:
    async with serving(tmp_path) as (_, url, key):

        async def program() -> None:
            async with open_session(url, key) as host, open_session(url) as guest:
                game_id, pool_id = await open_pool(host)
                game = await guest.join(game_id)
                assert list((await game.list_pools()).pools_list) == [pool_id]
                with pytest.raises(refusals.NotAuthorizedError) as refused:
                    await game.place_bet(pool_id, "brazil", "2.50")
                assert (refused.value.code, refused.value.op) == ("not_authorized", 392)
                with pytest.raises(refusals.NotAuthorizedError):
                    await guest.get_statement()
                await host.register_event(game_id, "goal", "brazil")
                await host.close_game(game_id)
                published = [event async for event in game]
                (resolved,) = [each for each in published if isinstance(each, BetPoolResolved)]
                assert resolved.winning_target == "brazil"

        await run(loop, program)


@both
async def test_a_server_without_guests_refuses_the_session(tmp_path: Path, loop: str) -> None:
    async with serving(tmp_path, "--no-guests") as (_, url, _):

        async def program() -> None:
            with pytest.raises(SignInRefusedError, match="no guests"):
                async with open_session(url):
                    pytest.fail("connected")

        await run(loop, program)


async def test_a_guest_comes_back_after_a_restart_and_has_missed_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as (server, url, key):
        async with open_session(url, key) as host:
            game_id, _ = await open_pool(host)
        server.options = ("--port", str(server.port))
        async with open_session(url) as guest:
            game = await guest.join(game_id)
            await server.kill()
            await server.start()
            assert isinstance(await anext(guest), Dropped)
            assert await anext(guest) == Resumed((game_id,))
            async with open_session(url, key) as host:
                await host.close_game(game_id)
            published = [event.res async for event in game if isinstance(event, Received)]
            assert published[-1] == 341


async def test_a_script_and_a_bare_connection_can_be_guests_too(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, url, key):
        async with open_session(url, key) as host:
            game_id, pool_id = await open_pool(host)

        def script() -> None:
            with sync.open_session(url, timeout_s=PATIENCE_S) as guest:
                game = guest.join(game_id)
                assert list(game.list_pools().pools_list) == [pool_id]
                with pytest.raises(refusals.NotAuthorizedError):
                    game.place_bet(pool_id, "brazil", 1)

        await trio.to_thread.run_sync(script)
        async with connect_as_guest(url) as guest:
            assert (await guest.call(1))["res"] == Pong.RES
            assert (await guest.call(800))["code"] == "not_authorized"

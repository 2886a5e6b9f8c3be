"""A player's 815s come in the order of the statement, whichever games and payments cause them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio

from storage.store import Credit
from tests.support.people import heard, named, open_game, open_pool, players
from tests.support.world import World
from toteboard_client import Client, Message

GAMES = 6
ROUNDS = 12


async def slow(work: Callable[..., Any], *arguments: Any) -> Any:
    """Take so long that the commits of several games wait, and are stored together."""
    await trio.sleep(0.01)
    return work(*arguments)


async def test_815s_of_games_in_one_commit_come_in_the_order_of_the_statement(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        monkeypatch.setattr(world.server.services.writer, "_off_loop", slow)
        host, first = await open_game(world, host="host")
        pools = [await open_pool(host, first)]
        for number in range(1, GAMES):
            other, game_id = await open_game(world, host=f"host{number}")
            pools.append(await open_pool(other, game_id))
        [bob] = await players(world, "bob")
        told: list[Message] = []
        for _ in range(ROUNDS):
            for pool_id in pools:
                await bob.send(392, pool_id=pool_id, target="brazil", amount=1)
            async with trio.open_nursery() as nursery:
                for _ in range(2):
                    nursery.start_soon(world.operate, Credit("bob", "DON", 100))
            told += named(await heard(bob), 815)
        assert told[-1]["available_balance"] == 1000 - GAMES * ROUNDS + 2 * ROUNDS
        assert [_line(each) for each in told] == await _statement(bob)


async def _statement(player: Client) -> list[Any]:
    """Return the lines of the statement but the initial balance, the oldest first."""
    answer = await player.call(8200)
    return [_line(each) for each in answer["entries"][-2::-1]]


def _line(entry: Message) -> tuple[Any, ...]:
    return tuple(
        entry.get(name) for name in ("cause", "current_balance", "available_balance", "game_id")
    )

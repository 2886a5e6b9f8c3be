"""Shorthand for clients' actions in tests of the actors."""

from itertools import count
from typing import Any

import trio

from tests.support.world import World
from toteboard_client import Client, Message

_names = count(1)


async def create_game(host: Client, op: int = 370, **parameters: Any) -> str:
    """Create a game in a new source and return its id."""
    source = await host.call(365, source_name=f"source {next(_names)}")
    game = await host.call(
        op, source_id=source["source_id"], game_name="Argentina - Brazil", **parameters
    )
    assert game["res"] in (340, 3401), game
    return str(game["game_id"])


async def heard(client: Client, *, within_ms: int = 50) -> list[Message]:
    """Return the messages until none has come for `within_ms` (simulated time)."""
    messages = []
    with trio.move_on_after(within_ms / 1_000):
        while True:
            messages.append(await client.receive())
    return messages


def codes(messages: list[Message]) -> list[int]:
    """Return the `res` of each message."""
    return [message["res"] for message in messages]


async def open_game(world: World, *, host: str = "ann", **parameters: Any) -> tuple[Client, str]:
    """Open a game with a goal and two teams, with its host as admin. Return the host and the id."""
    world.add_user(host, can_host=True)
    client = await world.connect(host)
    names = {"actions": "Goal", "targets": "Argentina,Brazil,Argentina:1,Brazil:7"}
    game_id = await create_game(client, **names | parameters)
    assert (await client.call(616, game_id=game_id))["res"] == 640
    return client, game_id


async def open_pool(host: Client, game_id: str, **parameters: Any) -> str:
    """Open a pool, on goals by default, and return its id."""
    wanted = {"description": "who scores?", "action": "goal"} | parameters
    pool = await host.call(385, game_id=game_id, **wanted)
    assert pool["res"] == 350, pool
    return str(pool["pool_id"])


async def players(world: World, *names: str, balance: int = 100_000) -> list[Client]:
    """Connect a client for each new user."""
    for name in names:
        world.add_user(name, balance=balance)
    return [await world.connect(name) for name in names]


def named(messages: list[Message], *wanted: int) -> list[Message]:
    """Return the messages whose `res` is wanted."""
    return [message for message in messages if message["res"] in wanted]


async def bet(client: Client, pool_id: str, target: str, amount: Any, **more: Any) -> Message:
    """Bet on a target of a pool; return the reply."""
    return await client.call(392, pool_id=pool_id, target=target, amount=amount, **more)

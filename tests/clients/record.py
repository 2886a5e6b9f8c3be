"""Records a match: `python -m tests.clients.record` writes clients/conversations/recorded.json.

A host and a player take a simulated server through a whole match. The file has every message that
they receive, and what a client has to make of it.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import trio
from trio.testing import MockClock

from protocol.asyncapi import payload
from protocol.op import Response
from protocol.schemas import SHARED
from tests.support.people import heard, open_game, open_pool
from tests.support.tree import ROOT
from tests.support.world import World
from toteboard_client import Client, Message

RECORDED: Final = ROOT / "clients" / "conversations" / "recorded.json"
AMOUNT: Final = "amount"


async def match(folder: Path) -> list[Message]:
    """Play a match, and return the messages that its host and a player receive."""
    async with World(folder, ping_interval=3_600_000) as world:
        host, game_id = await open_game(world)
        world.add_user("bob")
        bob = await world.connect("bob")
        messages = [await each.call(363, game_id=game_id) for each in (host, bob)]
        pool_id = await open_pool(host, game_id)
        timed = await open_pool(host, game_id, pool_type=2, finish_at=world.now() + 60_000)
        held = await open_pool(host, game_id, confirm_for=60_000)
        for pool, target, amount in ((pool_id, "brazil", 2.5), (pool_id, "argentina", 0.07)):
            messages.append(await bob.call(392, pool_id=pool, target=target, amount=amount))
        messages += await questions(bob, game_id, pool_id)
        messages.append(await host.call(397, pool_id=timed))
        messages.append(await host.call(398, pool_id=timed))
        messages.append(await host.call(396, pool_id=timed))
        messages.append(await host.call(395, game_id=game_id, action_id="goal", target_id="brazil"))
        await trio.sleep(61)
        goal = await host.call(395, game_id=game_id, action_id="goal", target_id="brazil:7")
        messages += [goal, await host.call(3952, pool_id=held)]
        messages += await revisions(host, bob, pool_id, goal)
        messages.append(await bob.call(390, game_id=game_id))
        messages += await restraints(bob, world.now())
        messages.append(await host.call(375, game_id=game_id))
        return messages + await heard(host) + await heard(bob)


async def revisions(host: Client, player: Client, pool_id: str, goal: Message) -> list[Message]:
    """Correct the result of a pool, then take its event back. Return the replies."""
    mine = await player.call(390, game_id=goal["game_id"])
    corrected = await host.call(
        3992,
        pool_id=pool_id,
        winning_target="argentina",
        reason="video",
        corrects_seq=mine["pools_list"][pool_id]["result_seq"],
    )
    taken_back = await host.call(
        3951, game_id=goal["game_id"], event_id=goal["event_id"], reason="offside"
    )
    return [mine, corrected, taken_back]


async def restraints(player: Client, now: int) -> list[Message]:
    """Return the replies to a player who sets limits, raises one, takes a break, and reads it."""
    first = await player.call(8300, limits={"day": {"spend": 20, "loss": "10.50"}})
    raised = await player.call(8300, limits={"day": {"loss": "none"}, "week": {"spend": 99}})
    taken = await player.call(8310, until=now + 60_000)
    return [first, raised, taken, await player.call(8300)]


async def questions(player: Client, game_id: str, pool_id: str) -> list[Message]:
    """Return the replies to what a player can ask, and to a request that is refused."""
    replies = [await player.call(op) for op in (1, 2, 100, 800, 810, 840, 450)]
    replies += [await player.call(op, game_id=game_id) for op in (372, 387, 388, 389, 451)]
    replies.append(await player.call(393, pool_id=pool_id))
    replies.append(await player.call(900, text="What a goal!", targets=[game_id]))
    return replies


def reading(value: Any, schema: dict[str, Any], shared: dict[str, Any]) -> Any:
    """Return a value with each amount as a text with two decimals, and without nulls."""
    if "$ref" in schema:
        schema = shared[schema["$ref"].rpartition("/")[2]]
    if schema.get("format") == AMOUNT:
        return f"{value:.2f}"
    if isinstance(value, list):
        return [reading(each, schema.get("items", {}), shared) for each in value]
    if not isinstance(value, dict):
        return value
    inner, every = schema.get("properties", {}), schema.get("additionalProperties", {})
    return {
        name: reading(each, inner.get(name, every), shared)
        for name, each in value.items()
        if each is not None and name != "response_header"
    }


def entry(message: Message) -> dict[str, Any]:
    """Return a message and its reading."""
    return {
        "message": message,
        "reading": reading(message, payload(Response(message["res"])), SHARED),
    }


def main() -> None:
    """Record a match."""
    with TemporaryDirectory() as folder:
        messages = trio.run(match, Path(folder), clock=MockClock(autojump_threshold=0))
    lines = ",\n".join(json.dumps(entry(message)) for message in messages)
    RECORDED.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()

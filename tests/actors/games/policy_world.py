"""Shorthand for tests of policies on a whole server."""

from pathlib import Path
from typing import Any

from attrs import evolve

from game.policy import SHIPPED, Policy, Unbacked
from tests.support.world import World
from toteboard_client import Client, Message

CARRY = Policy("carry", unbacked=Unbacked.CARRY)
POLICIES = SHIPPED | {"carry": CARRY, "cheap": evolve(SHIPPED["us"], name="cheap", takeout=0)}


def world_in(folder: Path) -> World:
    return World(folder, policies=POLICIES)


async def goal(host: Client, game_id: str, target: str, **more: Any) -> Message:
    event = await host.call(395, game_id=game_id, action_id="goal", target_id=target, **more)
    assert event["res"] == 366, event
    return event


async def another_game(host: Client, game_id: str) -> str:
    """Open another game in the source of a game."""
    source_id = (await host.call(372, game_id=game_id))["source_id"]
    names = {"game_name": "A - B", "actions": "Goal", "targets": "Argentina,Brazil,Brazil:7"}
    other = await host.call(370, source_id=source_id, **names)
    assert (await host.call(616, game_id=other["game_id"]))["res"] == 640
    return str(other["game_id"])


async def balances(*clients: Client) -> list[float]:
    return [(await client.call(800))["current_balance"] for client in clients]


def accounts(world: World) -> dict[str, float]:
    """Return the balances of houses, carries and pools that are not empty."""
    rows = world.operator.rows(
        "SELECT account, balance FROM accounts WHERE account NOT GLOB 'player:*' AND balance <> 0"
    )
    kept = {row["account"].partition(":")[0]: row["balance"] / 100 for row in rows}
    kept.pop("issue", None)
    return kept

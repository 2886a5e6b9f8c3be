"""A live server accepts every example of the AsyncAPI document, and replies as it describes.

Except for `renew`, which needs an issuer of tokens (`tests/toteboard/tokens/`).
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from protocol.op import Op, Response
from protocol.ops import OPS
from tests.support.message_schemas import MESSAGES, wrong_with
from tests.support.people import create_game, heard, open_pool
from tests.support.world import World
from toteboard_client import Client


@frozen
class Stage:
    """A user with all rights, a user to appoint, and ids for the examples."""

    world: World
    ann: Client
    ids: dict[str, str]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with World(tmp_path, admins_may_bet=True) as world:
        world.add_user("ann", can_host=True)
        world.add_user("bob")
        ann, bob = await world.connect("ann"), await world.connect("bob")
        names: dict[str, Any] = {"actions": ["Goal"], "targets": ["Argentina", "Brazil"]}
        game_id = await create_game(ann, **names)
        await ann.call(616, game_id=game_id)
        await ann.call(363, game_id=game_id)
        pool_id = await open_pool(ann, game_id)
        for client in (ann, bob):
            await client.call(392, pool_id=pool_id, target="brazil", amount=1)
        past = await open_pool(ann, game_id)
        await bob.call(392, pool_id=past, target="argentina", amount=1)
        await ann.call(399, pool_id=past)
        source_id = (await ann.call(372, game_id=game_id))["source_id"]
        await heard(ann)
        yield Stage(world, ann, {"game_id": game_id, "pool_id": pool_id, "source_id": source_id})


@pytest.mark.parametrize("op", [op for op in OPS if op.name != "renew"], ids=lambda op: op.name)
async def test_each_example_is_done_and_answered_as_it_says(
    stage: Stage, autojump_clock: object, op: Op
) -> None:
    (example,) = MESSAGES[f"op_{op.code}_{op.name}"]["examples"]
    asked = {name: value for name, value in example["payload"].items() if name != "header"}
    asked |= {name: value for name, value in stage.ids.items() if name in asked}
    asked |= await prepared(stage, op)
    await heard(stage.ann)
    reply = await stage.ann.call(asked.pop("op"), **asked)
    assert reply["res"] in op.replies, reply
    assert wrong_with(reply) == []
    published = await heard(stage.ann, within_ms=200)
    told = {message["res"] for message in published} - {Response.BETS_DISTRIBUTION_CHANGED}
    assert told <= {*op.published, *op.replies}
    assert [line for message in published for line in wrong_with(message)] == []


async def prepared(stage: Stage, op: Op) -> dict[str, Any]:
    """Prepare what an example needs beyond the stage. Return its parameters."""
    ann, game = stage.ann, {"game_id": stage.ids["game_id"]}
    goal = game | {"action_id": "goal", "target_id": "argentina"}
    match op.name:
        case "open_game":
            return {"game_id": await create_game(ann, 3701, open_at=stage.world.now() + 60_000)}
        case "get_receipt":
            await ann.call(395, **goal)
        case "remove_message":
            return {"message_id": (await ann.call(900, text="Goal!"))["message_id"]}
        case "take_back_game_event":
            return {"event_id": (await ann.call(395, **goal))["event_id"]}
        case "confirm_pool":
            held = await open_pool(ann, stage.ids["game_id"], confirm_for=60_000)
            await ann.call(395, **goal)
            return {"pool_id": held}
        case "correct_betting_pool":
            await ann.call(395, **goal)
            pools = (await ann.call(390, **game))["pools_list"]
            result = pools[stage.ids["pool_id"]]["result_seq"]
            return {"corrects_seq": result}
    return {}


async def test_lists_and_questions_are_as_it_says_with_something_in_them(
    stage: Stage, autojump_clock: object
) -> None:
    bob = await stage.world.connect("bob")
    game, pool = {"game_id": stage.ids["game_id"]}, {"pool_id": stage.ids["pool_id"]}
    source = {"source_id": stage.ids["source_id"]}
    await stage.ann.call(395, **game, action_id="goal", target_id="brazil")
    late: dict[str, Any] = {"open_at": stage.world.now() + 60_000}
    await stage.ann.call(3701, **source, game_name="late", type="football", **late)
    resolved = [await bob.call(390, **game), await bob.call(451, **game), await bob.call(450)]
    resolved += [await stage.ann.call(610), await stage.ann.call(611)]
    resolved += [await bob.call(op, **source) for op in (380, 3811, 3812)]
    resolved += [await bob.call(3901, **game)]
    resolved += [await bob.call(372, **game)]
    open_again = {"pool_id": await open_pool(stage.ann, stage.ids["game_id"])}
    resolved += [await bob.call(387, **game), await bob.call(388, **game)]
    await bob.call(392, **open_again, target="brazil", amount=1)
    resolved += [await bob.call(389, **game), await bob.call(393, **open_again)]
    resolved += [await bob.call(3812)]
    assert 666 not in [reply["res"] for reply in resolved]
    assert [line for reply in resolved for line in wrong_with(reply)] == []
    assert resolved[0]["pools_list"].keys() >= {pool["pool_id"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"op": 4711},
        {"op": 366},
        {"op": 366, "source_id": "nowhere"},
        {"op": 392, "pool_id": "POOL", "target": "brazil", "amount": 10**6},
        {"op": 617, "game_id": "GAME", "username": "nobody"},
    ],
)
async def test_errors_are_as_it_says(
    stage: Stage, autojump_clock: object, wrong: dict[str, Any]
) -> None:
    real = {"POOL": stage.ids["pool_id"], "GAME": stage.ids["game_id"]}
    asked = {name: real.get(value, value) for name, value in wrong.items()}
    reply = await stage.ann.call(asked.pop("op"), **asked)
    assert reply["res"] == 666
    assert wrong_with(reply) == []


async def test_a_message_with_a_field_more_or_less_would_be_noticed(
    stage: Stage, autojump_clock: object
) -> None:
    reply = await stage.ann.call(372, game_id=stage.ids["game_id"])
    assert wrong_with(reply) == []
    assert wrong_with(reply | {"more": 1})
    assert wrong_with({name: value for name, value in reply.items() if name != "status"})
    reply["targets"]["brazil"]["more"] = 1
    assert wrong_with(reply)

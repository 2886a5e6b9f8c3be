"""Names with invisible or text-reversing characters are refused everywhere (contract, 6)."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.people import create_game, open_game, open_pool, players
from tests.support.world import World

NAMED: list[tuple[int, str, Any]] = [
    (365, "source_name", "{}"),
    (365, "description", "{}"),
    (370, "game_name", "{}"),
    (370, "type", "{}"),
    (370, "hashtag", "{}"),
    (370, "actions", ["Goal", "{}"]),
    (370, "targets", "Brazil:{}"),
    (3701, "game_name", "{}"),
    (3701, "targets", ["{}"]),
    (3702, "actions", "{}"),
    (3702, "targets", ["a:{}:b"]),
    (373, "game_name", "{}"),
    (373, "hashtag", "{}"),
    (373, "actions", ["{}"]),
    (373, "targets", ["{}"]),
    (385, "description", "{}"),
    (399, "reason", "{}"),
]
UNREADABLE = ["\u200b", "\u2800", "\u3164\u00a0", "\u0301", "Bra\u202ezil", "\u2067Brazil\u2069"]


def filled(value: Any, name: str) -> Any:
    return [each.format(name) for each in value] if isinstance(value, list) else value.format(name)


@pytest.mark.parametrize(("op", "parameter", "value"), NAMED)
async def test_a_name_that_cannot_be_read_is_refused_wherever_it_is_given(
    tmp_path: Path, autojump_clock: object, op: int, parameter: str, value: Any
) -> None:
    async with World(tmp_path) as world:
        ann, game_id = await open_game(world)
        source_id = (await ann.call(372, game_id=game_id))["source_id"]
        pool_id = await open_pool(ann, game_id)
        named = {"source_id": source_id, "game_id": game_id, "pool_id": pool_id}
        named |= {"source_name": "s", "game_name": "g", "description": "d", "action": "goal"}
        before = world.operator.rows("SELECT * FROM facts")
        for name in UNREADABLE:
            refused = await ann.call(op, **named | {parameter: filled(value, name)})
            assert (refused["code"], refused["parameter"]) == ("invalid_parameter", parameter)
        assert world.operator.rows("SELECT * FROM facts") == before


async def test_a_journal_that_has_such_names_is_read_and_played_on(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        with monkeypatch.context() as before_the_rule:
            before_the_rule.setattr("game.shapes.is_readable", lambda _: True)
            world.add_user("ann", can_host=True)
            ann = await world.connect("ann")
            game_id = await create_game(ann, actions=["\u2800"], targets=["\u200b", "a\u202e"])
            await ann.call(616, game_id=game_id)
            pool_id = await open_pool(ann, game_id, action="\u2800", description="\u200b")
        await world.restart()
        ann = await world.connect("ann")
        (bob,) = await players(world, "bob")
        details = await ann.call(372, game_id=game_id)
        assert {*details["targets"]} == {"none", "\u200b", "a\u202e"}
        bet = await bob.call(392, pool_id=pool_id, target="a\u202e", amount=1)
        assert bet["res"] == 356
        event = {"game_id": game_id, "action_id": "\u2800", "target_id": "a\u202e"}
        assert (await ann.call(395, **event))["res"] == 366


async def test_a_line_of_chat_may_be_written_from_right_to_left(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        ann, game_id = await open_game(world)
        await ann.call(363, game_id=game_id)
        said = await ann.call(900, text="\u2067\u05e9\u05dc\u05d5\u05dd\u2069", targets=[game_id])
        assert said["res"] == 901

"""Error texts quote at most 100 code points of a request (contract, section 1, "Errors").

The tests send each parameter of every op with far too long a value, with all else valid.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from game.refusals import LONGEST_QUOTE
from protocol.op import Response
from protocol.ops import BY_CODE
from protocol.request_schemas import PARAMETER_EXAMPLES, request_schema
from tests.support.people import open_game, open_pool
from tests.support.world import World

LETTER = "ж"
LONG = LETTER * 9_000
VALUES: dict[str, Any] = {
    "text": LONG,
    "path": ":".join(["a" * 9 + LONG[:100]] * 200),
    "list": [LONG],
    "names": [LETTER * 200],
    "key": {LONG: LONG},
    "digits": "9" * 9_000,
}


def requests(names: dict[str, str]) -> list[tuple[int, dict[str, Any]]]:
    """Return a request for each parameter of each op, valid except for that parameter."""
    sent = []
    for op in BY_CODE.values():
        asked = request_schema(op)
        right = {n: names.get(n, PARAMETER_EXAMPLES.get(n)) for n in asked["required"] if n != "op"}
        for parameter in op.parameters:
            others = {n: v for n, v in right.items() if n != parameter}
            sent += [(op.code, {parameter: value} | others) for value in VALUES.values()]
    return sent


def is_brief(said: object) -> bool:
    """Return whether a message contains no more than a quote of a long value."""
    written = json.dumps(said, ensure_ascii=False)
    return LETTER * (LONGEST_QUOTE + 1) not in written and "9" * 101 not in written


async def test_no_refusal_and_no_line_of_the_log_repeats_more_than_100_code_points(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        ann, game_id = await open_game(world)
        source_id = (await ann.call(372, game_id=game_id))["source_id"]
        pool_id = await open_pool(ann, game_id)
        names = {"game_id": game_id, "source_id": source_id, "pool_id": pool_id}
        quoted = 0
        with capture_logs() as lines:
            for op, parameters in requests(names):
                if op in (366, 375, 399):
                    continue  # they would end what the other requests need
                reply = await ann.call(op, **parameters)
                if reply["res"] == Response.ERROR:
                    assert len(reply["text"]) <= LONGEST_QUOTE + 200, reply
                    assert is_brief(reply), reply
                    quoted += LETTER * LONGEST_QUOTE in reply["text"]
        assert quoted > 20, "long values are quoted in part"
        assert all(map(is_brief, lines))


@pytest.mark.parametrize("op", [366, 375, 399, 0, 10**18])
async def test_nor_does_that_of_an_op_on_what_is_not_there(
    tmp_path: Path, autojump_clock: object, op: int
) -> None:
    async with World(tmp_path) as world:
        ann, _ = await open_game(world)
        for value in (LONG, "9" * 9_000):
            reply = await ann.call(op, source_id=value, game_id=value, pool_id=value)
            assert reply["res"] == Response.ERROR
            assert is_brief(reply)
            assert len(reply["text"]) <= LONGEST_QUOTE + 200


async def test_a_key_a_header_and_a_message_of_no_sense_are_not_repeated_either(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        ann, game_id = await open_game(world)
        for header in ({"request_id": LONG}, {"idempotency_key": LONG}, LONG, [LONG]):
            await ann.send(372, header=header, game_id=game_id)  # type: ignore[arg-type]
            refused = await ann.receive()
            assert (refused["code"], is_brief(refused)) == ("invalid_parameter", True)
        for text in (LONG, f'{{"{LONG}', f'"{LONG}"', f"[{LONG}]", '{"op":"' + LONG + '"}'):
            await ann.send_text(text)
            assert is_brief(await ann.receive())

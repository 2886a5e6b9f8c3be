"""Values from a request are repeated to its caller alone, and can always be encoded."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from protocol.codec import to_json
from tests.support.world import World

FAR = 10**19
"""A number beyond 64 bits."""
KEY = "cF6x0t_ChEo2iZTzauxBGn9hiwOSXd3c5pazTMtW3w0"


@pytest.mark.parametrize("op", [str(FAR), str(-FAR), "9" * 32, "9" * 33, "9" * 5_000])
async def test_an_op_of_more_digits_than_can_be_written_is_unknown(
    tmp_path: Path, autojump_clock: object, op: str
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann")
        ann = await world.connect("ann")
        await ann.send_text(to_json({"op": op}).decode())
        assert (await ann.receive())["code"] == "unknown_op"


@pytest.mark.parametrize("parameter", ["since", "offset"])
async def test_a_number_of_more_digits_than_can_be_written_is_invalid(
    tmp_path: Path, autojump_clock: object, parameter: str
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann")
        ann = await world.connect("ann")
        op, of = {"since": (363, "game_id"), "offset": (380, "source_id")}[parameter]
        asked: dict[str, Any] = {of: "x", parameter: str(FAR)}
        refusal = await ann.call(op, **asked)
        assert (refusal["code"], refusal["parameter"]) == ("invalid_parameter", parameter)


@pytest.mark.parametrize("op", [372, 375, 392, 366])
@pytest.mark.parametrize("taken_for_an_id", [KEY, "x" * 20_000], ids=["a key", "a long text"])
async def test_what_is_no_id_is_told_to_who_sent_it_and_not_to_the_log(
    tmp_path: Path, autojump_clock: object, op: int, taken_for_an_id: str
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann")
        ann = await world.connect("ann")
        names = dict.fromkeys(("game_id", "pool_id", "source_id"), taken_for_an_id)
        with capture_logs() as lines:
            refusal = await ann.call(op, **names, target="x", amount=1)
        assert taken_for_an_id[:100] in refusal["text"]
        assert "op_refused" in {line["event"] for line in lines}
        assert taken_for_an_id not in repr(lines)

"""What a client says is said back to it alone, and can always be written."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from protocol.codec import encode
from protocol.op import Op
from protocol.ops import OPS
from tests.actors.people import open_game, open_pool
from tests.world import World

FAR = 10**19
"""Beyond 64 bits."""
KEY = "cF6x0t_ChEo2iZTzauxBGn9hiwOSXd3c5pazTMtW3w0"


@pytest.mark.parametrize("op", [str(FAR), str(-FAR), "9" * 32, "9" * 33, "9" * 5_000])
async def test_an_op_of_more_digits_than_can_be_written_is_unknown(
    tmp_path: Path, autojump_clock: object, op: str
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann")
        ann = await world.connect("ann")
        await ann.send_text(encode({"op": op}).decode())
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
        assert taken_for_an_id in refusal["text"]
        assert "op_refused" in {line["event"] for line in lines}
        assert taken_for_an_id not in repr(lines)


ODD: tuple[Any, ...] = (
    *(0, -1, 1.5, -0.0, 1e308, 2**63 - 1, 2**64 - 1, -(2**63), 2**53, True, False),
    *("9" * 18, "9" * 19, "9" * 20, "9" * 32, "-" + "9" * 31, "-0", "1e9", "0x1", "1.005", "00.01"),
    *(
        "\u0661",
        "\u00e9",
        "e\u0301",
        "\u0130",
        "\ufb03" * 200,
        "\U0001f3c6" * 201,
        "\u200b",
        "\ufeff",
    ),
    *("none", "None:1", "a:b:c", ":", "a::b", "a" + ":b" * 101, "pool-", "yes", "goal", ",", ",,a"),
    *("true", "NaN", "Infinity", "http://[", "http://a", "'; DROP TABLE users; --", "%00", "../.."),
    *([], {}, [[]], [{}], [None], [""], ["a", 1], ["a"] * 1_001, {"a": {"b": [1]}}, [1], ["a:b"]),
)
"""What a parameter may be given, sensible or not."""


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
async def test_nothing_that_a_client_sends_is_our_fault(
    tmp_path: Path, autojump_clock: object, op: Op
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        sound = {"game_id": game_id, "pool_id": pool_id, "source_id": source_id, "amount": 1}
        sound |= {
            "action": "goal",
            "action_id": "goal",
            "target": "brazil",
            "target_id": "brazil:7",
        }
        sound |= {"description": "d", "source_name": "s", "game_name": "g", "text": "t"}
        sound |= {"username": "ann", "targets": "brazil"}
        given = {name: value for name, value in sound.items() if name in op.parameters}
        for name in op.parameters:
            for odd in ODD:
                reply = await host.call(op.code, **given | {name: odd})
                assert reply.get("code") not in ("internal_error", "overloaded"), (name, odd)
        assert (await host.call(1))["res"] == 1


@pytest.mark.parametrize(
    "key", ["t", "api_version", "session_key", "request_id", "idempotency_key"]
)
async def test_nothing_in_a_header_is_our_fault(
    tmp_path: Path, autojump_clock: object, key: str
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        for number, odd in enumerate(ODD):
            name = f"source {number}"
            await ann.send_text(
                encode({"header": {key: odd}, "op": 365, "source_name": name}).decode()
            )
            reply = await ann.receive()
            assert reply.get("code") not in ("internal_error", "overloaded"), odd
            await ann.send_text(encode({"header": odd, "op": 1}).decode())
            await ann.send_text(encode({"op": odd}).decode())
            replies = [await ann.receive() for _ in range(2)]
            assert "internal_error" not in [each.get("code") for each in replies], odd

"""Whatever arrives is answered with its code, and the server lives on (contract, section 1)."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import orjson
import pytest
import trio
from wsproto.events import Pong

from tests.e2e.wire import BINARY, CONTINUATION, TEXT, Wire, frame, wired
from tests.process import Process, heard_to_the_end
from tests.world import World

LARGEST = 65_536
MANY = 10_000
UNKNOWN = "30cee1fa-fb20-41a6-a61c-0e0335abc2a9"

MALFORMED = (
    "",
    " ",
    "hello",
    "{",
    '{"op": 1',
    '{"op": 1}}',
    "{'op': 1}",
    '{"op": NaN}',
    '{"op": Infinity}',
    '{"op": 01}',
    '{"op": 1, "a": "\\ud800"}',
    '{"op": 1, "a": "\\u0000"}',
    '{"op": 1, "\\u0007": 1}',
    '{"op": 1, "a": "\u0085"}',
    '{"op": 1, "a": "\\r"}',
    '{"op": 1, "a": "\n"}',
    "[]",
    "null",
    "1",
    '"text"',
    "[" * 100_00,
    '{"op": 1, "a": ' + "[" * 32 + "]" * 32 + "}",
    '{"a":' * 5_000,
    "\ufeff{}",
)
UNKNOWN_OP = (
    "{}",
    '{"op": null}',
    '{"op": ""}',
    '{"op": 0}',
    '{"op": -1}',
    '{"op": 1.0}',
    '{"op": true}',
    '{"op": "1.0"}',
    '{"op": "ping"}',
    '{"op": "\u0661"}',
    '{"op": [1]}',
    '{"op": {}}',
    '{"op": 99999999999999999999999999}',
    '{"op": 1e3}',
)
MISSING_PARAMETER = (
    '{"op": 372}',
    '{"op": 372, "game_id": null}',
    '{"op": 363, "game_id": " \\t\\n "}',
    '{"op": 370, "source_id": "x"}',
    '{"op": 365, "description": "x"}',
)
INVALID_PARAMETER = (
    '{"op": 372, "game_id": 5}',
    '{"op": 372, "game_id": ["x"]}',
    '{"op": 363, "game_id": "x", "since": -1}',
    '{"op": 363, "game_id": "x", "since": 1.5}',
    '{"op": 363, "game_id": "x", "since": 9007199254740992}',
    '{"op": 380, "source_id": "x", "limit": 0}',
    '{"op": 365, "source_name": "' + "x" * 201 + '"}',
    '{"op": 365, "source_name": {}}',
    '{"op": 370, "source_id": "x", "game_name": "x", "targets": "a::b"}',
    '{"op": 370, "source_id": "x", "game_name": "x", "targets": ["none:1"]}',
    '{"op": 370, "source_id": "x", "game_name": "x", "actions": ["a:b"]}',
    '{"op": 370, "source_id": "x", "game_name": "x", "actions": [5]}',
    '{"op": 370, "source_id": "x", "game_name": "x", "actions": {"a": 1}}',
    '{"op": 370, "source_id": "x", "game_name": "x", "currency": "don"}',
    '{"op": 370, "source_id": "x", "game_name": "x", "open_at": "tomorrow"}',
    '{"op": 370, "source_id": "x", "game_name": "x", "open_at": true}',
    '{"op": 370, "source_id": "x", "game_name": "x", "close_at": 1}',
    '{"op": 370, "source_id": "x", "game_name": "x", "image_url": "javascript:x"}',
    '{"op": 370, "source_id": "x", "game_name": "x", "image_url": "http://[x"}',
    '{"op": 1, "header": 5}',
    '{"op": 1, "header": []}',
    '{"op": 1, "header": {"request_id": 1.5}}',
    '{"op": 1, "header": {"request_id": {}}}',
    '{"op": 1, "header": {"request_id": "' + "x" * 65 + '"}}',
    '{"op": 1, "header": {"idempotency_key": 5}}',
    '{"op": 1, "header": {"idempotency_key": "' + "x" * 65 + '"}}',
)
REFUSED = {
    f'{{"op": 364, "game_id": "{UNKNOWN}"}}': "unknown_game",
    '{"op": 372, "game_id": "\\u0001x"}': "malformed_message",
    '{"op": "372", "game_id": "x"}': "unknown_game",
    f'{{"op": 372, "game_id": "{UNKNOWN.upper()}"}}': "unknown_game",
    '{"op": 375, "game_id": "\u00ff"}': "unknown_game",
    '{"op": 380, "source_id": "x", "offset": "7", "limit": 9007199254740991}': "unknown_source",
    f'{{"op": 370, "source_id": "{UNKNOWN}", "game_name": "x"}}': "unknown_source",
    '{"op": 365, "source_name": "x"}': "not_authorized",
}
BAD = {
    **dict.fromkeys(MALFORMED, "malformed_message"),
    **dict.fromkeys(UNKNOWN_OP, "unknown_op"),
    **dict.fromkeys(MISSING_PARAMETER, "missing_parameter"),
    **dict.fromkeys(INVALID_PARAMETER, "invalid_parameter"),
    **REFUSED,
}
"""What is sent, and the code that has to answer it."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    async with Process(tmp_path, "--rate-limit", "0") as process:
        process.add_user("ann")
        yield process


@pytest.fixture
async def wire(server: Process) -> AsyncIterator[Wire]:
    async with wired(server, "ann") as connected:
        yield connected


def nothing_went_wrong(server: Process) -> bool:
    assert not [line for line in server.lines if line["level"] in ("warning", "error")]
    assert server.stderr == b""
    return server.process.returncode is None


async def still_works(wire: Wire) -> bool:
    await wire.send(frame(b'{"op": 1}'))
    return bool((await wire.receive())["res"] == 1)


def damaged(chance: random.Random) -> Iterator[tuple[str, str | None]]:
    """Bad messages without end, each with the code that has to answer it; None: any."""
    good = '{"header": {"request_id": 7}, "op": 370, "source_id": "x", "targets": ["A:1", "B"]}'
    while True:
        yield from BAD.items()
        for _ in range(len(BAD)):
            start = chance.randrange(len(good))
            cut = (
                good[:start]
                + chance.choice(("", "{", "\x00", '"', "9", "\u20ac", "]", "\\"))
                + (good[start + chance.randrange(4) :])
            )
            yield cut, None


async def test_ten_thousand_bad_messages_are_each_answered(server: Process, wire: Wire) -> None:
    messages = damaged(random.Random(1))
    sent = [next(messages) for _ in range(MANY)]
    wrong: Counter[tuple[str, str, str | None]] = Counter()

    async def answers() -> None:
        for text, code in sent:
            reply = await wire.receive()
            assert reply["res"] == 666, (text, reply)
            assert reply["code"] != "internal_error", (text, reply)
            assert reply["text"]
            if code not in (None, reply["code"]):
                wrong[text[:80], str(code), reply["code"]] += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answers)
        for text, _ in sent:
            await wire.send(frame(text.encode()))
    assert not wrong
    assert await still_works(wire)
    assert nothing_went_wrong(server)


async def test_bad_messages_by_the_dozen_keep_their_order(wire: Wire) -> None:
    ids = range(200)
    texts = [orjson.dumps({"header": {"request_id": i}, "op": 370 + i % 7}) for i in ids]
    await wire.send(b"".join(map(frame, texts)))
    replies = [await wire.receive() for _ in ids]
    assert [reply["response_header"]["request_id"] for reply in replies] == list(ids)


def padded(size: int, filling: str) -> bytes:
    """A ping of so many bytes."""
    head, tail = b'{"op": 1, "pad": "', b'"}'
    room = size - len(head) - len(tail)
    unit = filling.encode()
    text = unit * (room // len(unit)) + b"x" * (room % len(unit))
    return head + text + tail


@pytest.mark.parametrize("filling", ["x", "\u00e9", "\u20ac", "\U0001f3c6"])
async def test_size_is_counted_in_bytes(server: Process, wire: Wire, filling: str) -> None:
    await wire.send(frame(padded(LARGEST, filling)))
    assert (await wire.receive())["res"] == 1
    await wire.send(frame(padded(LARGEST + 1, filling)))
    assert await wire.goodbye() == 1009
    assert nothing_went_wrong(server)


async def test_the_size_of_a_message_is_that_of_all_its_fragments(wire: Wire) -> None:
    whole = padded(LARGEST, "\u20ac")
    await wire.send(frame(whole[:40_001], is_last=False) + frame(whole[40_001:], CONTINUATION))
    assert (await wire.receive())["res"] == 1
    whole = padded(LARGEST + 1, "\u20ac")
    await wire.send(frame(whole[:40_001], is_last=False) + frame(whole[40_001:], CONTINUATION))
    assert await wire.goodbye() == 1009


async def test_a_fragmented_message_is_one_message(wire: Wire) -> None:
    text = '{"op": 372, "game_id": "\u20ac"}'.encode()
    parts = [text[i : i + 1] for i in range(len(text))]
    ping = frame(b"are you there", 9)
    await wire.send(frame(parts[0], TEXT, is_last=False) + ping)
    for part in parts[1:-1]:
        await wire.send(frame(part, CONTINUATION, is_last=False))
    await wire.send(frame(parts[-1], CONTINUATION))
    assert isinstance(await wire.hear(), Pong)
    reply = await wire.receive()
    assert (reply["code"], "\u20ac" in reply["text"]) == ("unknown_game", True)


async def test_text_that_is_not_utf_8_closes_the_connection(server: Process, wire: Wire) -> None:
    await wire.send(frame(b'{"op": 1, "a": "\xff"}'))
    assert await wire.goodbye() == 1007
    assert nothing_went_wrong(server)


async def test_a_binary_frame_is_malformed(wire: Wire) -> None:
    await wire.send(frame(b'{"op": 1}', BINARY))
    reply = await wire.receive()
    assert (reply["code"], reply["op"]) == ("malformed_message", None)
    assert await still_works(wire)


async def test_frames_that_break_the_protocol_end_one_connection_only(server: Process) -> None:
    unmasked = b"\x81\x0a" + b'{"op": 1} '
    broken = (
        unmasked,
        frame(b"x", 3),
        frame(b"", CONTINUATION),
        frame(b"x" * 126, 9),
        b"\xff" * 99,
    )
    async with wired(server, "ann") as good:
        for data in broken:
            async with wired(server, "ann") as wire:
                await wire.send(data)
                assert await wire.goodbye() == 1002
        assert await still_works(good)
    assert nothing_went_wrong(server)


async def test_too_fast_is_told_and_after_ten_seconds_the_connection_ends(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with World(tmp_path, rate_limit=10, rate_burst=20) as world:
        world.add_user("ann")
        client = await world.connect("ann")
        began, codes = trio.current_time(), set()
        async with trio.open_nursery() as nursery:

            async def pester() -> None:
                while True:
                    await client.send(1)
                    await trio.sleep(0.05)

            nursery.start_soon(pester)
            heard, reason = await heard_to_the_end(client)
            nursery.cancel_scope.cancel()
        for reply in heard:
            codes.add(reply.get("code", "pong"))
            if reply["res"] == 666:
                assert reply["retryable"] is True
                assert 0 < reply["retry_after_ms"] <= 100
        assert codes == {"pong", "rate_limited"}
        assert reason.code == 1008
        assert reason.reason
        assert 10 <= trio.current_time() - began <= 15


async def test_who_waits_as_told_is_not_too_fast(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with World(tmp_path, rate_limit=10, rate_burst=5) as world:
        world.add_user("ann")
        client = await world.connect("ann")
        for _ in range(60):
            reply = await client.call(1)
            while reply["res"] == 666:
                await trio.sleep(reply["retry_after_ms"] / 1_000)
                reply = await client.call(1)
            assert reply["res"] == 1

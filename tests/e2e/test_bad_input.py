"""Every input is answered with its code, and the server keeps running (contract, section 1)."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
import trio
from wsproto.events import Pong

from tests.support.process import Process, heard_to_the_end
from tests.support.wire import BINARY, CONTINUATION, TEXT, Wire, frame, wired
from tests.support.world import World
from toteboard_client import Client, CloseReason, ConnectionClosedError, Message

LARGEST = 65_536


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


async def test_bad_messages_by_the_dozen_keep_their_order(wire: Wire) -> None:
    ids = range(200)
    texts = [orjson.dumps({"header": {"request_id": i}, "op": 370 + i % 7}) for i in ids]
    await wire.send(b"".join(map(frame, texts)))
    replies = [await wire.receive() for _ in ids]
    assert [reply["response_header"]["request_id"] for reply in replies] == list(ids)


def padded(size: int, filling: str) -> bytes:
    """Return a ping of `size` bytes."""
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


async def closed_for_sending(
    client: Client, count: int, every_s: float
) -> tuple[list[Message], CloseReason]:
    """Send pings, `count` at a time, and ignore the replies. Return them and the close."""

    async def pester() -> None:
        with suppress(ConnectionClosedError):
            while True:
                for _ in range(count):
                    await client.send(1)
                await trio.sleep(every_s)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pester)
        heard = await heard_to_the_end(client)
        nursery.cancel_scope.cancel()
    return heard


async def test_too_fast_is_told_and_too_much_in_ten_seconds_ends_the_connection(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with World(tmp_path, rate_limit=10, rate_burst=20) as world:
        world.add_user("ann")
        client = await world.connect("ann")
        began = trio.current_time()
        heard, reason = await closed_for_sending(client, 1, 0.05)
        refused = [reply for reply in heard if reply["res"] == 666]
        assert {reply["code"] for reply in refused} == {"rate_limited"}
        assert all(reply["retryable"] for reply in refused)
        assert 0 < refused[0]["retry_after_ms"] <= 100
        assert 5_000 < refused[-1]["retry_after_ms"] <= 10_100, "before it is closed"
        assert 0 < [reply["res"] for reply in heard].count(1) < 120
        assert (reason.code, reason.reason) == (1008, "over the rate limit")
        assert trio.current_time() - began == pytest.approx(6, abs=0.1), "120 may be sent in 10 s"


async def test_a_flood_in_bursts_with_pauses_between_them_ends_the_connection(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with World(tmp_path, rate_limit=50) as world:
        world.add_user("ann")
        client = await world.connect("ann")
        began = trio.current_time()
        _, reason = await closed_for_sending(client, 20, 0.05)
        assert reason.code == 1008
        assert trio.current_time() - began < 3


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

"""The stream under a WebSocket at its edges: half a frame, a socket that is full, the end.

Two rules (`actors/edge/wire.py`): no frame starts while another is partly written, and nothing
follows a close frame.
"""

import os

import pytest
import trio
import trio.testing

from actors.edge.connection import Connection
from actors.edge.frames import TEXT, text_frame
from actors.edge.socket_reader import SocketReader
from actors.edge.wire import Wire
from actors.link.caller import Continuation
from game.limits import Limits
from tests.actors.raw_client import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    HANDSHAKE,
    LONGEST,
    MASKED,
    PING,
    PONG,
    Dialogue,
    client_frame,
    close_frame,
    converse,
    converse_at_once,
    said,
    small_pair,
)

# Closing.


async def until_served(dialogue: Dialogue) -> None:
    """The handshake is done."""
    await dialogue.send([HANDSHAKE])
    await trio.testing.wait_all_tasks_blocked()


async def deaf(_: str | bytes) -> None:
    pass


@pytest.mark.parametrize(
    "meanwhile",
    [
        client_frame(b"are you there", PING) * 2,
        client_frame(b"text") + client_frame(b"binary", BINARY),
        client_frame(bytes(LONGEST + 1), BINARY),
        client_frame(b"") + client_frame(b"stray", CONTINUATION),
    ],
    ids=["pings", "messages", "too big", "broken"],
)
@pytest.mark.parametrize("begun", [0, 1, 7])
async def test_whatever_comes_while_we_close_is_skipped(
    autojump_clock: object, meanwhile: bytes, begun: int
) -> None:
    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        await dialogue.send([meanwhile[:begun]] if begun else [])
        await trio.testing.wait_all_tasks_blocked()
        dialogue.connection.close(1008, "enough")
        await dialogue.send([meanwhile[begun:] + close_frame(1008, b"")])
        with trio.fail_after(1):
            await dialogue.listen([5_000])

    dialogue = await converse(client, deaf)
    frames, rest = dialogue.heard
    assert ([(f.opcode, f.close_code) for f in frames], rest) == ([(CLOSE, 1008)], b"")


async def test_who_says_goodbye_and_takes_nothing_any_more_is_let_go(
    autojump_clock: object,
) -> None:
    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        dialogue.connection.send(said("x" * 100_000))
        await dialogue.send([close_frame(1000, b"")])
        await trio.sleep(26)  # until the first ping, and the patience to say goodbye
        assert dialogue.is_over

    await converse(client, deaf)


@pytest.mark.parametrize(
    "end",
    [close_frame(1000, b""), client_frame(b"\xff"), client_frame(b"", 3)],
    ids=["goodbye", "not UTF-8", "broken"],
)
async def test_what_waits_is_said_before_goodbye(autojump_clock: object, end: bytes) -> None:
    texts = ["x" * 100_000, "second", "third"]

    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        dialogue.connection.send(said(texts[0]))
        await trio.testing.wait_all_tasks_blocked()
        for text in texts[1:]:
            dialogue.connection.send(said(text))
        await dialogue.send([end])
        await trio.testing.wait_all_tasks_blocked()
        await dialogue.listen([5_000])

    frames, rest = (await converse(client, deaf)).heard
    assert [frame.payload.decode() for frame in frames[:-1]] == texts
    assert (frames[-1].opcode, rest) == (CLOSE, b"")


# Small frames without end.


async def test_a_flood_of_control_frames_lets_others_work(autojump_clock: object) -> None:
    steps = 0

    async def others() -> None:
        nonlocal steps
        for _ in range(5_000):  # not for ever: simulated time waits for all to be idle
            await trio.lowlevel.checkpoint()
            steps += 1

    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(others)
            await dialogue.send([client_frame(b"", PONG) * 1_000 + close_frame(1000, b"")])
            await dialogue.listen([5_000])
            assert steps >= 1_000
            nursery.cancel_scope.cancel()

    await converse(client, deaf)


async def test_empty_fragments_without_end_are_too_big_a_message(autojump_clock: object) -> None:
    longest = 50
    parts = client_frame(b"", fin=0) + client_frame(b"", CONTINUATION, fin=0) * longest

    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        await dialogue.send([parts, close_frame(1009, b"")])
        await dialogue.listen([5_000])

    frames, _ = (await converse(client, deaf, limits=Limits(max_message_size=longest))).heard
    assert [frame.close_code for frame in frames] == [1009]


# Writing.


class Kernel:
    """Takes so many bytes at each write; 0: would block."""

    def __init__(self, *takes: int) -> None:
        self.takes, self.taken = list(takes), b""

    def write(self, _: int, data: bytes) -> int:
        take = self.takes.pop(0)
        if not take:
            raise BlockingIOError
        self.taken += data[:take]
        return min(take, len(data))


async def test_half_a_frame_keeps_the_next_one_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = small_pair()
    kernel = Kernel(0, 3, 5)
    async with ours, theirs:
        wire = Wire(theirs, LONGEST)
        monkeypatch.setattr("actors.edge.wire.os.write", kernel.write)
        assert not wire.write_now(b"first")
        assert (kernel.taken, wire.is_behind) == (b"", False)
        assert wire.write_now(b"first")
        assert (kernel.taken, wire.is_behind) == (b"fir", True)
        assert not wire.write_now(b"other")
        await wire.flush(b"second")
        assert await ours.receive_some() == b"stsecond"
        assert wire.write_now(b"third")
        assert (kernel.taken, wire.is_behind) == (b"firthird", False)


async def test_half_a_frame_is_finished_though_nothing_else_is_told(
    autojump_clock: object,
) -> None:
    text = "x" * 100_000

    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        dialogue.connection.send(said(text))
        with trio.move_on_after(1):
            await dialogue.listen([5_000])
        await dialogue.stream.send_eof()

    dialogue = await converse(client, deaf)
    frames, _ = dialogue.heard
    assert frames[0].payload.decode() == text


@pytest.mark.parametrize("waits_for", [None, "third"])
async def test_what_comes_in_one_go_is_answered_in_one_write(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch, waits_for: str | None
) -> None:
    """But for what has to be waited for: that does not hold up what was answered before it."""
    texts, writes, write = ["first", "second", "third", "fourth"], list[bytes](), os.write

    def counted(file: int, data: bytes) -> int:
        writes.append(data)
        return write(file, data)

    def listener(connection: Connection, text: str | bytes) -> Continuation | None:
        async def later() -> None:
            await trio.sleep(1)
            connection.send(said(str(text)))

        if text == waits_for:
            return later
        connection.send(said(str(text)))
        return None

    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        monkeypatch.setattr("actors.edge.wire.os.write", counted)
        await dialogue.send([b"".join(client_frame(text.encode()) for text in texts)])
        await trio.sleep(2)
        await dialogue.stream.send_eof()

    await converse_at_once(client, listener)
    gos = [texts] if waits_for is None else [texts[:2], texts[2:3], texts[3:]]
    assert writes == [b"".join(text_frame(text.encode()) for text in go) for go in gos]


async def test_nothing_is_written_behind_a_frame_that_was_cut_off(autojump_clock: object) -> None:
    ours, theirs = small_pair()
    async with ours, theirs:
        wire = Wire(theirs, LONGEST)
        with trio.move_on_after(1):
            await wire.send_all(bytes(100_000))
        assert not wire.write_now(b"more")
        for write in (wire.flush, wire.send_all):
            with trio.fail_after(1), pytest.raises(trio.BrokenResourceError):
                await write(b"more")


async def test_nothing_is_written_into_what_another_has_opened_since(
    autojump_clock: object,
) -> None:
    ours, theirs = small_pair()
    number = theirs.socket.fileno()
    wire = Wire(theirs, LONGEST)
    await ours.aclose()
    await theirs.aclose()
    others = small_pair()
    async with others[0], others[1]:
        (reused,) = [end for end in others if end.socket.fileno() == number]
        wire.write_now(b"not for them")
        (listener,) = [end for end in others if end is not reused]
        with trio.move_on_after(0.01) as patience:
            await listener.receive_some()
        assert patience.cancelled_caught


def in_two(payload: bytes, opcode: int) -> list[bytes]:
    """A frame whose mask is zeros: its head, then its payload as it is."""
    return [bytes([FIN | opcode, MASKED | len(payload)]) + bytes(4), payload]


INNER = client_frame(b"smuggled")
AMID = {
    "a text frame": in_two(INNER, TEXT),
    "a binary frame": in_two(INNER, BINARY),
    "a ping": in_two(INNER, PING),
    "a message in fragments": [client_frame(b"a", fin=0), INNER],
}


@pytest.mark.parametrize("amid", AMID)
async def test_what_looks_like_a_text_amid_another_frame_is_none(
    autojump_clock: object, amid: str
) -> None:
    heard: list[str | bytes] = []

    async def client(dialogue: Dialogue) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(dialogue.listen, [4_096])
            await dialogue.send([HANDSHAKE, *AMID[amid], close_frame(1000)])

    await converse_at_once(client, lambda _, text: heard.append(text))
    assert "smuggled" not in heard


async def test_who_reads_from_a_stream_that_is_closed_hears_so() -> None:
    ours, theirs = small_pair()
    reader, heard = SocketReader(), trio.Event()
    async with ours, theirs, trio.open_nursery() as nursery:
        nursery.start_soon(reader.run)
        wire = Wire(theirs, LONGEST, reader)

        async def read() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await wire.receive_some()
            heard.set()

        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        await wire.aclose()
        await wire.aclose()  # once more does no harm
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert heard.is_set()


async def test_others_work_between_large_answers_to_what_came_in_one_go(
    autojump_clock: object,
) -> None:
    """They leave by 64 KiB, and one more: nobody waits for thirty-two of them."""
    answers, at_a_time = 0, [0]

    def listener(connection: Connection, text: str | bytes) -> None:
        nonlocal answers
        answers += 1
        connection.send(said("x" * 40_000))

    async def others() -> None:
        seen = 0
        while True:
            at_a_time.append(answers - seen)
            seen = answers
            await trio.lowlevel.checkpoint()

    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        async with trio.open_nursery() as nursery:
            await dialogue.stream.send_all(b"".join([client_frame(b"more")] * 32))
            nursery.start_soon(others)
            while answers < 32:
                await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()
        await dialogue.stream.aclose()

    await converse_at_once(client, listener)
    assert max(at_a_time) <= 2 * 2  # in turn, in any order

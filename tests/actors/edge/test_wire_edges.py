"""`Wire` in rare cases: half a frame, a full socket, the end of a connection.

Two rules (`actors/edge/frame_writer.py`): no frame starts while another is half written, and
nothing follows a close frame.
"""

import os

import pytest
import trio
import trio.testing

from actors.edge.connection import Connection
from actors.edge.frame_writer import FrameWriter
from actors.edge.socket_reader import SocketReader
from actors.edge.wire import Wire
from actors.link.caller import Continuation
from protocol.frames import TEXT, text_frame
from protocol.limits import Limits
from tests.support.raw_client import (
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
    """Wait until the handshake is done."""
    await dialogue.send([HANDSHAKE])
    await trio.testing.wait_all_tasks_blocked()


async def ignore(_: str | bytes) -> None:
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
async def test_input_is_dropped_while_the_server_closes(
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

    dialogue = await converse(client, ignore)
    frames, rest = dialogue.heard
    assert ([(f.opcode, f.close_code) for f in frames], rest) == ([(CLOSE, 1008)], b"")


async def test_a_client_that_closes_and_stops_reading_is_disconnected(
    autojump_clock: object,
) -> None:
    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        dialogue.connection.send(said("x" * 100_000))
        await dialogue.send([close_frame(1000, b"")])
        await trio.sleep(26)  # until the first ping, and the time limit for the close frame
        assert dialogue.is_over

    await converse(client, ignore)


@pytest.mark.parametrize(
    "end",
    [close_frame(1000, b""), client_frame(b"\xff"), client_frame(b"", 3)],
    ids=["goodbye", "not UTF-8", "broken"],
)
async def test_queued_messages_are_sent_before_the_close_frame(
    autojump_clock: object, end: bytes
) -> None:
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

    frames, rest = (await converse(client, ignore)).heard
    assert [frame.payload.decode() for frame in frames[:-1]] == texts
    assert (frames[-1].opcode, rest) == (CLOSE, b"")


# Endless small frames.


async def test_a_flood_of_control_frames_lets_other_tasks_run(autojump_clock: object) -> None:
    steps = 0

    async def others() -> None:
        nonlocal steps
        for _ in range(5_000):  # not endlessly: simulated time waits until every task is idle
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

    await converse(client, ignore)


async def test_endless_empty_fragments_are_too_big_a_message(autojump_clock: object) -> None:
    longest = 50
    parts = client_frame(b"", fin=0) + client_frame(b"", CONTINUATION, fin=0) * longest

    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        await dialogue.send([parts, close_frame(1009, b"")])
        await dialogue.listen([5_000])

    frames, _ = (await converse(client, ignore, limits=Limits(max_message_size=longest))).heard
    assert [frame.close_code for frame in frames] == [1009]


# Writing.


class Kernel:
    """A socket that accepts a given number of bytes at each write. 0 means that it would block."""

    def __init__(self, *takes: int) -> None:
        self.takes, self.taken = list(takes), b""

    def write(self, _: int, data: bytes) -> int:
        take = self.takes.pop(0)
        if not take:
            raise BlockingIOError
        self.taken += data[:take]
        return min(take, len(data))


async def test_half_a_frame_keeps_the_next_frame_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = small_pair()
    kernel = Kernel(0, 3, 5)
    async with ours, theirs:
        writer = FrameWriter(theirs)
        monkeypatch.setattr("actors.edge.frame_writer.os.write", kernel.write)
        assert not writer.write_now(b"first")
        assert (kernel.taken, writer.is_behind) == (b"", False)
        assert writer.write_now(b"first")
        assert (kernel.taken, writer.is_behind) == (b"fir", True)
        assert not writer.write_now(b"other")
        await writer.flush(b"second")
        assert await ours.receive_some() == b"stsecond"
        assert writer.write_now(b"third")
        assert (kernel.taken, writer.is_behind) == (b"firthird", False)


async def test_half_a_frame_is_finished_although_nothing_else_is_sent(
    autojump_clock: object,
) -> None:
    text = "x" * 100_000

    async def client(dialogue: Dialogue) -> None:
        await until_served(dialogue)
        dialogue.connection.send(said(text))
        with trio.move_on_after(1):
            await dialogue.listen([5_000])
        await dialogue.stream.send_eof()

    dialogue = await converse(client, ignore)
    frames, _ = dialogue.heard
    assert frames[0].payload.decode() == text


@pytest.mark.parametrize("waits_for", [None, "third"])
async def test_messages_of_one_read_are_answered_in_one_write(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch, waits_for: str | None
) -> None:
    """A message that has to wait does not delay the replies to the messages before it."""
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
        monkeypatch.setattr("actors.edge.frame_writer.os.write", counted)
        await dialogue.send([b"".join(client_frame(text.encode()) for text in texts)])
        await trio.sleep(2)
        await dialogue.stream.send_eof()

    await converse_at_once(client, listener)
    writes_of = [texts] if waits_for is None else [texts[:2], texts[2:3], texts[3:]]
    assert writes == [
        b"".join(text_frame(text.encode()) for text in together) for together in writes_of
    ]


async def test_nothing_is_written_behind_a_frame_that_was_cut_off(autojump_clock: object) -> None:
    ours, theirs = small_pair()
    async with ours, theirs:
        writer = FrameWriter(theirs)
        with trio.move_on_after(1):
            await writer.send(bytes(100_000))
        assert not writer.write_now(b"more")
        for write in (writer.flush, writer.send):
            with trio.fail_after(1), pytest.raises(trio.BrokenResourceError):
                await write(b"more")


async def test_nothing_is_written_to_a_reused_descriptor(
    autojump_clock: object,
) -> None:
    ours, theirs = small_pair()
    number = theirs.socket.fileno()
    writer = FrameWriter(theirs)
    await ours.aclose()
    await theirs.aclose()
    others = small_pair()
    async with others[0], others[1]:
        (reused,) = [end for end in others if end.socket.fileno() == number]
        writer.write_now(b"for the old connection")
        (listener,) = [end for end in others if end is not reused]
        with trio.move_on_after(0.01) as patience:
            await listener.receive_some()
        assert patience.cancelled_caught


def in_two(payload: bytes, opcode: int) -> list[bytes]:
    """Return a frame whose mask is zero: its header, then its unchanged payload."""
    return [bytes([FIN | opcode, MASKED | len(payload)]) + bytes(4), payload]


INNER = client_frame(b"smuggled")
AMID = {
    "a text frame": in_two(INNER, TEXT),
    "a binary frame": in_two(INNER, BINARY),
    "a ping": in_two(INNER, PING),
    "a message in fragments": [client_frame(b"a", fin=0), INNER],
}


@pytest.mark.parametrize("amid", AMID)
async def test_a_text_frame_inside_another_frame_is_not_a_message(
    autojump_clock: object, amid: str
) -> None:
    received: list[str | bytes] = []

    async def client(dialogue: Dialogue) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(dialogue.listen, [4_096])
            await dialogue.send([HANDSHAKE, *AMID[amid], close_frame(1000)])

    await converse_at_once(client, lambda _, text: received.append(text))
    assert "smuggled" not in received


async def test_closing_a_stream_wakes_its_reader() -> None:
    ours, theirs = small_pair()
    reader, woken = SocketReader(), trio.Event()
    async with ours, theirs, trio.open_nursery() as nursery:
        nursery.start_soon(reader.run)
        wire = Wire(theirs, LONGEST, reader)

        async def read() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await wire.receive_some()
            woken.set()

        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        await wire.aclose()
        await wire.aclose()  # a second call does nothing
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert woken.is_set()


async def test_other_tasks_run_between_large_replies_to_one_read(
    autojump_clock: object,
) -> None:
    """Replies leave after 64 KiB and one message: other tasks do not wait for all 32."""
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

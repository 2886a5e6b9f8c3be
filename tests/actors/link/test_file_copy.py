"""A copy arrives whole, or it is refused: cut, changed, exchanged or too large at any byte."""

from io import BytesIO

import pytest
import trio
from trio.testing import memory_stream_pair

from actors.link import file_copy
from actors.link.file_copy import (
    COPY_PIECE,
    COPY_PIECE_BYTES,
    CopyFailedError,
    CopySender,
    receive_copy,
)

KEY = b"k" * 32
FILE = b"tote" * (COPY_PIECE_BYTES // 3)
"""Two pieces, the second one shorter."""


class Recorder(trio.abc.SendStream):
    """Keeps what is sent, send by send."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        await trio.lowlevel.checkpoint()
        self.sent.append(bytes(data))

    async def wait_send_all_might_not_block(self) -> None:
        """Return."""

    async def aclose(self) -> None:
        """Return."""


async def frames_of(file: bytes) -> list[bytes]:
    recorder, is_made = Recorder(), trio.Event()
    sender = CopySender(recorder, KEY)  # type: ignore[arg-type]  # it only sends
    async with trio.open_nursery() as nursery:
        nursery.start_soon(sender.stay_alive, is_made)
        await trio.testing.wait_all_tasks_blocked()
        is_made.set()
    await sender.send_file(BytesIO(file).read)
    return recorder.sent


async def received(data: bytes, key: bytes = KEY) -> bytes:
    ours, theirs = memory_stream_pair()
    file = BytesIO()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_send, theirs, data)
        try:
            await receive_copy(ours, key, file)
        except CopyFailedError as error:
            failure = error
        else:
            return file.getvalue()
    raise failure


async def _send(stream: trio.abc.Stream, data: bytes) -> None:
    await stream.send_all(data)
    await stream.aclose()


async def test_a_copy_arrives_whole() -> None:
    frames = await frames_of(FILE)
    assert len(frames) == 4  # a sign of life, two pieces, the end
    assert await received(b"".join(frames)) == FILE
    assert await received(b"".join(await frames_of(b""))) == b""


async def test_a_copy_that_is_cut_anywhere_is_refused() -> None:
    data = b"".join(await frames_of(b"a small file"))
    for end in range(len(data)):
        with pytest.raises(CopyFailedError, match="cut"):
            await received(data[:end])


async def test_a_copy_that_was_changed_at_any_byte_is_refused() -> None:
    data = b"".join(await frames_of(b"a small file"))
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(CopyFailedError):
            await received(bytes(changed))


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (0, 1, 1, 2, 3), (0, 2, 3), (0, 3)])
async def test_pieces_that_are_exchanged_repeated_or_missing_are_refused(
    order: tuple[int, ...],
) -> None:
    frames = await frames_of(FILE)
    with pytest.raises(CopyFailedError, match="changed on the way"):
        await received(b"".join(frames[place] for place in order))


async def test_a_copy_with_another_key_is_refused() -> None:
    with pytest.raises(CopyFailedError):
        await received(b"".join(await frames_of(FILE)), b"x" * 32)


async def test_a_piece_that_is_too_large_is_refused_before_it_is_read() -> None:
    head = COPY_PIECE + (COPY_PIECE_BYTES + 1).to_bytes(4, "big")
    with pytest.raises(CopyFailedError, match="too large"):
        await received(head)


async def test_a_giver_says_why_there_is_no_copy() -> None:
    recorder = Recorder()
    sender = CopySender(recorder, KEY)  # type: ignore[arg-type]  # it only sends
    await sender.refuse("the disk is full")
    with pytest.raises(CopyFailedError, match="the disk is full"):
        await received(b"".join(recorder.sent))


async def test_a_giver_that_says_nothing_is_given_up(autojump_clock: object) -> None:
    ours, _ = memory_stream_pair()
    with pytest.raises(CopyFailedError, match="nothing came"):
        await receive_copy(ours, KEY, BytesIO())
    assert trio.current_time() >= file_copy.COPY_SILENT_S

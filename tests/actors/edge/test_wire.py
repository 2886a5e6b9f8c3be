"""`Wire` under a WebSocket: on any input it behaves as wsproto would.

Every conversation uses sockets with small buffers that are read slowly. So frames are written in
parts, and the socket often accepts nothing.
"""

import struct
from collections.abc import Sequence
from typing import Any

import pytest
import trio
import trio.testing
from attrs import Factory, define
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.connection import Connection as Protocol
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from tests.support.depth import depth
from tests.support.raw_client import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    HANDSHAKE,
    LONGEST,
    PING,
    PONG,
    TEXT,
    Dialogue,
    client_frame,
    close_frame,
    converse,
    said,
)

TOO_BIG = 1009


@define
class Verdict:
    """wsproto's result for a client's bytes: messages, pongs, and the close code, if any."""

    messages: list[str | bytes] = Factory(list)
    pongs: list[bytes] = Factory(list)
    close: int | None = None


def verdict(data: bytes) -> Verdict:
    """Parse these bytes with wsproto. A message above `LONGEST` bytes is too big."""
    protocol, found = Protocol(ConnectionType.SERVER), Verdict()
    protocol.receive_data(data)
    parts: list[Any] = []
    for event in protocol.events():
        match event:
            case Ping(payload=payload):
                found.pongs.append(bytes(payload))
            case CloseConnection(code=code):
                found.close = int(code)
                return found
            case TextMessage() | BytesMessage():
                parts.append(event.data)
                whole = type(event.data)().join(parts)
                if len(whole if isinstance(whole, bytes | bytearray) else whole.encode()) > LONGEST:
                    found.close = TOO_BIG
                    return found
                if event.message_finished:
                    found.messages.append(whole if isinstance(whole, str) else bytes(whole))
                    parts = []
    return found


# Clients' bytes.

SIZES = st.one_of(
    st.integers(0, 20),
    st.sampled_from([124, 125, 126, 127, 3_000, 65_534, 65_535, 65_536, 65_537]),
)
LETTERS = st.sampled_from(["x", "\u00e9", "\u20ac", "\U0001f3c6"])
INVALID = st.sampled_from([b"\xff", b"abc\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Draw UTF-8 of a random size."""
    unit, size = draw(LETTERS).encode(), draw(SIZES)
    return unit * (size // len(unit)) + b"." * (size % len(unit))


CONTROLS = st.builds(
    client_frame, st.binary(max_size=5) | st.just(bytes(125)), st.sampled_from([PING, PONG])
)


@st.composite
def fragmented(draw: st.DrawFn) -> list[bytes]:
    """Draw a message in fragments, split anywhere, with pings and pongs in between."""
    payload, opcode = draw(texts()), draw(st.sampled_from([TEXT, BINARY]))
    cuts = sorted(draw(st.lists(st.integers(0, len(payload)), min_size=1, max_size=3)))
    parts = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
    frames = []
    for place, part in enumerate(parts):
        fin = FIN if place == len(parts) - 1 else 0
        frames.append(client_frame(part, CONTINUATION if place else opcode, fin=fin))
        frames += draw(st.lists(CONTROLS, max_size=1))
    return frames


def one(frame: bytes) -> list[bytes]:
    return [frame]


SOUND = st.one_of(
    texts().map(client_frame).map(one),
    texts().map(client_frame).map(one),
    st.builds(client_frame, st.binary(max_size=20), st.just(BINARY)).map(one),
    fragmented(),
    CONTROLS.map(one),
)
ENDS = st.one_of(
    st.builds(close_frame, st.sampled_from([1000, 1001, 3000, 4999]), st.sampled_from([b"", b"x"])),
    st.just(client_frame(b"", CLOSE)),
)
UNSOUND = st.one_of(
    INVALID.map(client_frame),
    st.builds(lambda text: client_frame(text, fin=0) + client_frame(text), texts()),
    st.builds(client_frame, st.just(b"x"), st.sampled_from([3, 7, 11, 15])),
    st.builds(client_frame, st.just(b"x"), rsv=st.sampled_from([0x10, 0x20, 0x40, 0x70])),
    st.just(client_frame(b"stray", CONTINUATION)),
    st.just(client_frame(bytes(126), PING)),
    st.just(client_frame(b"x", PING, fin=0)),
    st.just(b"\x81\x05hello"),
    st.just(b"\x81\xfe" + struct.pack("!H", 5) + bytes(4) + b"hello"),
    st.just(b"\x81\xff" + struct.pack("!Q", 200) + bytes(4) + bytes(200)),
    st.just(b"\x81\xff" + struct.pack("!Q", 2**63) + bytes(4)),
    st.builds(close_frame, st.sampled_from([0, 999, 1005, 1006, 2999, 5000]), st.just(b"")),
    st.just(client_frame(b"x", CLOSE)),
    st.just(close_frame(1000, b"\xff")),
)
CONVERSATIONS = st.builds(
    lambda sound, end, more: [*(f for unit in sound for f in unit), *end, *more],
    st.lists(SOUND, max_size=6),
    st.lists(UNSOUND | ENDS, max_size=1),
    st.lists(texts().map(client_frame) | CONTROLS, max_size=2),
)


class Sent:
    """The frames of a conversation, and the pieces in which they are sent."""

    def __init__(self, frames: Sequence[bytes], chunks: Sequence[bytes]) -> None:
        self.frames, self.chunks = frames, chunks

    def __repr__(self) -> str:
        frames = [f"{frame[:14]!r} of {len(frame)}" for frame in self.frames]
        return f"Sent({frames}, in pieces of {[len(chunk) for chunk in self.chunks]})"

    @property
    def data(self) -> bytes:
        """Return the bytes sent after the handshake."""
        return b"".join(self.chunks)[len(HANDSHAKE) :]


@st.composite
def sent(draw: st.DrawFn) -> Sent:
    """Draw a conversation that may be split, and may stop, anywhere."""
    frames = draw(CONVERSATIONS)
    starts, data = [len(HANDSHAKE)], HANDSHAKE + b"".join(frames)
    for frame in frames:
        starts.append(starts[-1] + len(frame))
    near = st.builds(int.__add__, st.sampled_from(starts), st.integers(-3, 16))
    cuts = draw(st.lists(near | st.integers(1, len(data)), max_size=8))
    inside = sorted(cut for cut in cuts if 0 < cut < len(data))
    chunks = [data[a:b] for a, b in zip([0, *inside], [*inside, len(data)], strict=True)]
    has_shaken_hands = len(data) - len(chunks[-1]) >= len(HANDSHAKE)
    stops_early = has_shaken_hands and draw(st.sampled_from([False, False, True]))
    return Sent(frames, chunks[:-1] if stops_early else chunks)


def whole_frames(frames: Sequence[bytes], size: int) -> bytes:
    """Return the frames that are complete within the first `size` bytes."""
    whole = b""
    for frame in frames:
        if len(whole) + len(frame) > size:
            break
        whole += frame
    return whole


def begun_frames(frames: Sequence[bytes], size: int) -> bytes:
    """Return the frames that begin within the first `size` bytes."""
    begun = b""
    for frame in frames:
        if len(begun) >= size:
            break
        begun += frame
    return begun


# The server's behaviour.


@define
class SlowEcho:
    """Handles each message slowly, and replies to it."""

    reply_size: int
    received: list[str | bytes] = Factory(list)
    replies: list[str] = Factory(list)
    dialogue: Dialogue | None = None

    async def handle(self, text: str | bytes) -> None:
        assert self.dialogue is not None
        for _ in range(3):
            await trio.lowlevel.checkpoint()
        self.received.append(text)
        reply = f"{len(self.received)} {len(text)} ".ljust(self.reply_size, "-")
        self.replies.append(reply)
        self.dialogue.connection.send(said(reply))

    async def play(self, chunks: Sequence[bytes], portions: Sequence[int]) -> Dialogue:
        """Let a client send the pieces, wait for all replies, and end its side."""

        async def client(dialogue: Dialogue) -> None:
            self.dialogue = dialogue
            async with trio.open_nursery() as nursery:
                nursery.start_soon(dialogue.listen, portions)
                await dialogue.send(chunks)
                await trio.sleep(1)  # until nothing happens any more
                if not dialogue.is_over:
                    await dialogue.stream.send_eof()

        return await converse(client, self.handle)


def run(echo: SlowEcho, chunks: Sequence[bytes], portions: Sequence[int]) -> Dialogue:
    clock = trio.testing.MockClock(autojump_threshold=0)

    async def with_patience() -> Dialogue:
        with trio.fail_after(15):  # less than a ping interval: nothing may wait for a ping
            return await echo.play(chunks, portions)

    return trio.run(with_patience, clock=clock)


def is_as_judged(echo: SlowEcho, dialogue: Dialogue, expected: Verdict) -> bool:
    frames, rest = dialogue.heard
    pongs = [frame.payload for frame in frames if frame.opcode == PONG]
    texts = [frame.payload.decode() for frame in frames if frame.opcode == TEXT]
    closes = [frame.close_code for frame in frames if frame.opcode == CLOSE]
    assert not closes or frames[-1].opcode == CLOSE, "nothing follows a close frame"
    assert not closes or not rest
    assert texts == echo.replies[: len(texts)], "every frame is whole and in its place"
    if expected.close is None:
        assert texts == echo.replies
    expected_close = [] if expected.close is None else [expected.close]
    return (echo.received, pongs, closes) == (expected.messages, expected.pongs, expected_close)


@settings(max_examples=depth(gate=100, deep=5_000))
@given(sent(), st.lists(st.integers(1, 9_000), min_size=1, max_size=3), st.sampled_from([9, 5_000]))
def test_any_input_is_handled_as_wsproto_would(
    conversation: Sent, portions: list[int], reply_size: int
) -> None:
    echo, data = SlowEcho(reply_size), conversation.data
    dialogue = run(echo, conversation.chunks, portions)
    # The server may, but need not, report what is wrong with a frame that is incomplete.
    whole = whole_frames(conversation.frames, len(data))
    begun = begun_frames(conversation.frames, len(data))
    judgements = [verdict(data), verdict(whole), verdict(begun)]
    assert any(is_as_judged(echo, dialogue, each) for each in judgements)


def test_a_conversation_byte_by_byte_is_the_same() -> None:
    parts = [client_frame("\u20ac".encode()[:1], fin=0), client_frame(b"you", PING)]
    frames = [client_frame(b"one"), *parts, client_frame("\u20ac".encode()[1:], CONTINUATION)]
    data = b"".join([*frames, client_frame(b"three"), close_frame(1000, b"bye")])
    echo = SlowEcho(9)
    dialogue = run(echo, [bytes([byte]) for byte in HANDSHAKE + data], [1])
    assert echo.received == ["one", "\u20ac", "three"]
    assert is_as_judged(echo, dialogue, verdict(data))


def test_whole_frames_never_overtake_fragmented_messages() -> None:
    letters = [chr(ord("a") + i) for i in range(20)]
    frames = []
    for i, letter in enumerate(letters):
        payload = letter.encode()
        halves = [client_frame(payload, fin=0), client_frame(b"", CONTINUATION)]
        frames += [client_frame(payload)] if i % 3 else halves
    echo = SlowEcho(9)
    run(echo, [HANDSHAKE + b"".join(frames)], [5_000])
    assert echo.received == letters


@pytest.mark.parametrize("size", [5, 125, 65_535])
@pytest.mark.parametrize("extra", [(126, "!H"), (127, "!Q")])
def test_a_size_in_more_bytes_than_needed_breaks_the_protocol(
    size: int, extra: tuple[int, str]
) -> None:
    short, form = extra
    data = bytes((0x81, 0x80 | short)) + struct.pack(form, size) + bytes(4) + b"x" * size
    echo = SlowEcho(9)
    dialogue = run(echo, [HANDSHAKE + client_frame(b"before") + data], [5_000])
    expected = verdict(client_frame(b"before") + data)
    assert (expected.close is None) == (size > 125 and short == 126)
    assert is_as_judged(echo, dialogue, expected)

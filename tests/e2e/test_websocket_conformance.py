"""The requirements of RFC 6455 for a server, frame by frame, on the real server.

The cases are those of conformance suites, in our own words; `tests/e2e/echo.py` runs the suites
themselves. `tests/actors/edge/test_wire.py` compares random conversations with wsproto. Here the
RFC is the reference, section by section. In every conversation the server ends the TCP connection,
and its last frame is one close frame.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from queue import Queue
from threading import Thread

import orjson
import pytest
import trio
from attrs import frozen
from wsproto import ConnectionType, WSConnection
from wsproto.events import Request

from tests.support.process import PATIENCE_S, Process
from tests.support.raw_client import (
    BINARY,
    CLOSE,
    CONTINUATION,
    NO_STATUS,
    PING,
    PONG,
    TEXT,
    client_frame,
    close_frame,
    split,
)
from toteboard_client import signed_url

LARGEST = 65_536
SIZES = (125, 126, 127, 128, 65_535, LARGEST)
OPCODES = (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG)
ASKED = client_frame(b'{"op": 1}')
ANSWER, MALFORMED = "1", "malformed_message"
GOODBYE = close_frame(1000)


@frozen
class Heard:
    """What the server sends: replies (the code of an error, else `res`), pongs, the close frame."""

    replies: tuple[str, ...]
    pongs: tuple[bytes, ...] = ()
    close: int = 1000


PROTOCOL_ERROR = Heard((ANSWER,), close=1002)
NOT_UTF_8 = Heard((ANSWER,), close=1007)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Run one server for all tests of this file, watched from a thread of its own."""
    started: Queue[tuple[Process, Callable[[], None]]] = Queue()

    async def serve() -> None:
        async with Process(tmp_path_factory.mktemp("server"), "--rate-limit", "0") as process:
            process.add_user("ann")
            stop, token = trio.Event(), trio.lowlevel.current_trio_token()
            started.put((process, lambda: token.run_sync_soon(stop.set)))
            await stop.wait()

    thread = Thread(target=trio.run, args=(serve,))
    thread.start()
    process, stop = started.get(timeout=PATIENCE_S)
    try:
        yield process
        assert process.process.returncode is None
    finally:
        stop()
        thread.join()
    assert not [line for line in process.lines if line["level"] in ("warning", "error")]
    assert process.stderr == b""


async def conversation(server: Process, chunks: Iterable[bytes]) -> Heard:
    """Sign in, send the chunks one after the other, and receive until the server closes."""
    hello = Request(host="toteboard.test", target=signed_url("/", *server.keys["ann"]))
    handshake = WSConnection(ConnectionType.CLIENT).send(hello)
    received = b""
    with trio.fail_after(PATIENCE_S):
        async with await server.socket() as stream:
            stream.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
            with suppress(trio.BrokenResourceError):  # it may have closed: read what it sent
                for chunk in (handshake, *chunks):
                    await stream.send_all(chunk)
            while data := await stream.receive_some():
                received += data
    return heard(received)


def heard(received: bytes) -> Heard:
    answer, _, data = received.partition(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    frames, rest = split(data)  # none of them masked, nor with reserved bits
    *before, last = frames
    assert (last.opcode, rest) == (CLOSE, b""), "a close frame, and nothing after it"
    assert CLOSE not in [frame.opcode for frame in before]
    messages = [orjson.loads(frame.payload) for frame in before if frame.opcode == TEXT]
    replies = tuple(str(message.get("code", message["res"])) for message in messages)
    pongs = tuple(frame.payload for frame in before if frame.opcode == PONG)
    return Heard(replies, pongs, last.close_code)


async def all_heard(server: Process, cases: Mapping[str, bytes]) -> dict[str, Heard]:
    """Return the server's answer in each case. The client closes each connection."""
    return {name: await conversation(server, [data + GOODBYE]) for name, data in cases.items()}


async def all_are(server: Process, cases: Mapping[str, bytes], expected: Heard) -> bool:
    """Check that the answer is the same in each case, after a valid message at the beginning."""
    found = await all_heard(server, {name: ASKED + data for name, data in cases.items()})
    assert found == dict.fromkeys(cases, expected)
    return bool(cases)


def parts(*payloads: bytes, opcode: int = TEXT) -> list[bytes]:
    """Return the frames of one message in fragments."""
    last = len(payloads) - 1
    return [
        client_frame(payload, CONTINUATION if i else opcode, fin=0x80 if i == last else 0)
        for i, payload in enumerate(payloads)
    ]


def in_parts(*payloads: bytes, opcode: int = TEXT) -> bytes:
    return b"".join(parts(*payloads, opcode=opcode))


def bytewise(payload: bytes) -> bytes:
    """Return one message in which every byte is a fragment."""
    return in_parts(*(payload[i : i + 1] for i in range(len(payload))))


def ping_op(size: int) -> bytes:
    """Return a message of `size` bytes that is answered."""
    return b'{"op": 1}'.ljust(size)


# 5.1 and 5.2: frames.


async def test_messages_of_every_length_of_length_are_taken(server: Process) -> None:
    texts = {f"{size}": client_frame(ping_op(size)) for size in SIZES}
    assert await all_are(server, texts, Heard((ANSWER, ANSWER)))
    binary = {f"{size}": client_frame(ping_op(size), BINARY) for size in SIZES}
    empty = {"no text": client_frame(b""), "no bytes": client_frame(b"", BINARY)}
    assert await all_are(server, binary | empty, Heard((ANSWER, MALFORMED)))


async def test_a_length_in_more_bytes_than_it_needs_is_refused(server: Process) -> None:
    wasteful = {
        "5 in two bytes": b"\x81\xfe\x00\x05" + bytes(4) + b"hello",
        "125 in two bytes": b"\x82\xfe\x00\x7d" + bytes(4 + 125),
        "5 in eight bytes": b"\x81\xff" + (5).to_bytes(8, "big") + bytes(4) + b"hello",
        "65535 in eight bytes": b"\x81\xff" + (65_535).to_bytes(8, "big") + bytes(4 + 65_535),
        "the highest bit": b"\x81\xff" + (2**63).to_bytes(8, "big") + bytes(4),
    }
    assert await all_are(server, wasteful, PROTOCOL_ERROR)


async def test_frames_that_are_not_masked_are_refused(server: Process) -> None:
    bare = {f"opcode {opcode}": bytes([0x80 | opcode, 2]) + b"{}" for opcode in OPCODES}
    assert await all_are(server, bare, PROTOCOL_ERROR)


async def test_reserved_bits_are_refused(server: Process) -> None:
    rsv = {
        f"{bits:03b} opcode {opcode}": client_frame(b"{}", opcode, rsv=bits << 4)
        for bits in range(1, 8)
        for opcode in OPCODES
    }
    assert await all_are(server, rsv, PROTOCOL_ERROR)
    halfway = client_frame(b"{", fin=0) + client_frame(b"}", CONTINUATION, rsv=0x40)
    assert await all_are(server, {"in a fragment": halfway}, PROTOCOL_ERROR)


@pytest.mark.parametrize("payload", [b"", b"x" * 125], ids=["empty", "full"])
async def test_reserved_opcodes_are_refused(server: Process, payload: bytes) -> None:
    reserved = [*range(3, 8), *range(11, 16)]
    unknown = {f"{opcode}": client_frame(payload, opcode) for opcode in reserved}
    assert await all_are(server, unknown, PROTOCOL_ERROR)


# 5.4: fragments.


async def test_fragments_are_one_message_whatever_comes_between(server: Process) -> None:
    three = parts(b'{"o', b'p": ', b"1}")
    ping, pong = client_frame(b"\x00\xff", PING), client_frame(b"unasked", PONG)
    whole = {
        "in two": in_parts(b'{"op"', b": 1}"),
        "byte by byte": bytewise(b'{"op": 1}'),
        "with empty ones": in_parts(b"", b'{"op"', b"", b": 1}", b""),
        "the largest": in_parts(ping_op(LARGEST - 1), b" "),
        "pongs between": pong.join(three),
    }
    assert await all_are(server, whole, Heard((ANSWER, ANSWER)))
    pings = {"pings between": ping.join(three)}
    assert await all_are(server, pings, Heard((ANSWER, ANSWER), (b"\x00\xff",) * 2))
    several = {"one after the other": b"".join(three) + ASKED + b"".join(three)}
    assert await all_are(server, several, Heard((ANSWER,) * 4))


async def test_fragments_of_binary_or_of_nothing_are_a_message_too(server: Process) -> None:
    malformed = {
        "binary": in_parts(b'{"op"', b": 1}", opcode=BINARY),
        "the largest": in_parts(bytes(LARGEST - 1), b"x", opcode=BINARY),
        "nothing at all": in_parts(b"", b"", b""),
    }
    assert await all_are(server, malformed, Heard((ANSWER, MALFORMED)))


async def test_a_message_that_is_never_finished_is_none(server: Process) -> None:
    first, second, _ = parts(b'{"o', b'p": ', b"1}")
    pong = client_frame(b"", PONG)
    unfinished = {"one of three": first, "two of three": first + second, "a pong": first + pong}
    assert await all_are(server, unfinished, Heard((ANSWER,)))


async def test_fragments_out_of_order_are_refused(server: Process) -> None:
    begin, end = parts(b'{"op"', b": 1}")
    middle = client_frame(b": 1}", CONTINUATION, fin=0)
    disorder = {
        "an end without a beginning": end,
        "a middle without a beginning": middle,
        "a text within a text": begin + ASKED,
        "a text within a text, after a pong": begin + client_frame(b"", PONG) + ASKED,
        "a binary within a text": begin + client_frame(b"x", BINARY),
        "a beginning within a message": begin + begin,
        "a binary beginning within a text": begin + client_frame(b"x", BINARY, fin=0),
    }
    assert await all_are(server, disorder, PROTOCOL_ERROR)
    after = {"an end too many": begin + end + end, "after a whole one": ASKED + end}
    assert await all_are(server, after, Heard((ANSWER, ANSWER), close=1002))


# 5.5: control frames.


async def test_every_ping_is_answered_with_what_was_in_it(server: Process) -> None:
    payloads = tuple(bytes(range(255, 255 - size, -1)) for size in range(126))
    pings = b"".join(client_frame(payload, PING) for payload in payloads)
    assert await all_are(server, {"all sizes": pings}, Heard((ANSWER,), payloads))


async def test_pongs_that_nobody_asked_for_are_ignored(server: Process) -> None:
    pongs = client_frame(b"", PONG) + client_frame(bytes(125), PONG)
    ping = client_frame(b"you", PING)
    assert await all_are(server, {"pongs": pongs + ping + pongs}, Heard((ANSWER,), (b"you",)))


async def test_control_frames_are_short_and_whole(server: Process) -> None:
    kinds = {"ping": PING, "pong": PONG, "close": CLOSE}
    long = {name: client_frame(b"\x03\xe8".ljust(126), kind) for name, kind in kinds.items()}
    cut = {name: client_frame(b"\x03\xe8", kind, fin=0) for name, kind in kinds.items()}
    assert await all_are(server, long, PROTOCOL_ERROR)
    assert await all_are(server, cut, PROTOCOL_ERROR)


# 5.5.1 and 7.4: closing.


async def test_a_goodbye_is_returned(server: Process) -> None:
    codes = (1000, 1001, 1002, 1003, *range(1007, 1012), 3000, 3999, 4000, 4999)
    for code in codes:
        for reason in (b"", b"bye", "\u20ac".encode() * 41):
            goodbye = close_frame(code, reason)
            assert await conversation(server, [ASKED + goodbye]) == Heard((ANSWER,), close=code)
    silent = client_frame(b"", CLOSE)
    assert (await conversation(server, [ASKED + silent])).close in (NO_STATUS, 1000)


async def test_goodbyes_that_cannot_be_are_refused(server: Process) -> None:
    codes = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
    wrong = {f"{code}": close_frame(code) for code in codes}
    wrong["half a code"] = client_frame(b"\x03", CLOSE)
    assert await all_are(server, wrong, PROTOCOL_ERROR)
    assert await all_are(server, {"reason": close_frame(1000, b"\xce\xba\xff")}, NOT_UTF_8)


async def test_nothing_after_a_goodbye_is_looked_at(server: Process) -> None:
    more = {
        "a text": ASKED,
        "a ping": client_frame(b"", PING),
        "another goodbye": close_frame(3000),
        "a broken frame": client_frame(b"", 3),
        "no frame at all": b"\xff" * 99,
        "the rest of a message": in_parts(b'{"op"', b": 1}")[-8:],
    }
    after = {name: GOODBYE + data for name, data in more.items()}
    assert await all_are(server, after, Heard((ANSWER,)))


async def test_nothing_after_an_error_is_looked_at(server: Process) -> None:
    after = {"an opcode": client_frame(b"", 3) + ASKED + client_frame(b"", PING)}
    assert await all_are(server, after, PROTOCOL_ERROR)
    assert await all_are(server, {"a text": client_frame(b"\xff") + ASKED}, NOT_UTF_8)


# 8.1: UTF-8. The texts are not JSON, so a valid text receives an error.

VALID = (
    "00 7f c280 dfbf e0a080 e18080 ed9fbf ee8080 efbbbf efbfbd efbfbe efbfbf f0908080 f09f8f86"
    " f48fbfbf f09fbfbf cebae1bdb9cf83cebcceb5"
)
INVALID = (
    "80 bf 8080 c080 c1bf e08080 e09fbf f0808080 f08fbfbf f8888080 fc8480808080"  # overlong
    " eda080 edadbf edbfbf eda080edb080"  # surrogates
    " f4908080 f5808080 f7bfbfbf f8 fe ff feff"  # beyond Unicode
    " c2 df e0a0 ef ed9f f0 f090 f09f8f cebae1bdb9cf83cebcce"  # cut off
    " c278 e0a078 f09f8f78 c2c280 efbff0908080"  # followed by something else
)


def samples(wanted: str) -> dict[str, bytes]:
    return {each: bytes.fromhex(each) for each in wanted.split()}


async def test_valid_utf_8_is_text_however_it_is_cut(server: Process) -> None:
    taken, valid = Heard((ANSWER, MALFORMED)), samples(VALID)
    assert await all_are(server, {name: client_frame(x) for name, x in valid.items()}, taken)
    assert await all_are(server, {name: bytewise(x) for name, x in valid.items()}, taken)


async def test_invalid_utf_8_is_refused_however_it_is_cut(server: Process) -> None:
    invalid = samples(INVALID)
    whole = {name: client_frame(b"<" + x) for name, x in invalid.items()}
    assert await all_are(server, whole, NOT_UTF_8)
    assert await all_are(server, {name: bytewise(x) for name, x in invalid.items()}, NOT_UTF_8)


async def test_only_text_has_to_be_utf_8(server: Process) -> None:
    data = b"".join(samples(INVALID).values())
    binary = {"binary": client_frame(data, BINARY), "in parts": in_parts(data, data, opcode=BINARY)}
    assert await all_are(server, binary, Heard((ANSWER, MALFORMED)))
    ping = client_frame(data[:125], PING)
    assert await all_are(server, {"ping": ping}, Heard((ANSWER,), (data[:125],)))


async def test_what_cannot_become_utf_8_any_more_is_refused_at_once(server: Process) -> None:
    for start in (b"\xff", b"abc\xc0", b"\xf4\x90", b"\xed\xa0\x80"):
        unfinished = client_frame(b"<", fin=0) + client_frame(start, CONTINUATION, fin=0)
        assert await conversation(server, [ASKED + unfinished]) == NOT_UTF_8, start


# How the bytes are split has no effect.


async def test_byte_by_byte_is_all_the_same(server: Process) -> None:
    ping, fragments = client_frame(b"you", PING), parts(b'{"op"', b": ", b"1}")
    good = ASKED + ping.join(fragments) + client_frame(b"x", BINARY) + bytewise(b"\xf0\x9f\x8f\x86")
    replies = Heard((ANSWER, ANSWER, MALFORMED, MALFORMED), (b"you", b"you"))
    ends = {
        GOODBYE: 1000,
        client_frame(b"", 3): 1002,
        client_frame(b"\xff"): 1007,
        b"\x81\x02{}": 1002,
    }
    for end, code in ends.items():
        data, expected = good + end, Heard(replies.replies, replies.pongs, code)
        assert await conversation(server, [data]) == expected
        assert await conversation(server, [data[i : i + 1] for i in range(len(data))]) == expected

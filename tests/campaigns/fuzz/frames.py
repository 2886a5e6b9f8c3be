"""Conversations with malformed frames, each with the server's expected answers.

A seed determines all of it. Valid and invalid messages that are answered come first. The last thing
that the client sends ends the connection as RFC 6455 and the contract (section 1) require.
"""

import struct
from collections.abc import Callable, Sequence
from random import Random

from attrs import frozen

from tests.campaigns.fuzz.bad import BAD
from tests.support.raw_client import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    client_frame,
    close_frame,
)

LARGEST = 65_536
NORMAL, BROKEN, NOT_UTF_8, TOO_BIG = 1000, 1002, 1007, 1009
INVALID = (
    b"\xff",
    b"abc\xc3",
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
)
NO_CODES = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)
BAD_TEXTS = {text: code for text, code in BAD.items() if len(text) < LARGEST}
OPCODES = (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG)


@frozen
class Said:
    """Bytes from a client and the expected answers: replies (a code, or else the `res`) and pongs.

    `close`: the code with which the server closes the connection, or None if it stays open.
    `is_bad`: counts as malformed. `cut`: the client closes the connection afterwards, because the
    bytes are incomplete.
    """

    kind: str
    data: bytes
    replies: tuple[str, ...] = ()
    pongs: tuple[bytes, ...] = ()
    close: int | None = None
    is_bad: bool = True
    cut: bool = False


Maker = Callable[[Random], Said]


def conversation(chance: Random) -> list[Said]:
    """Return some messages that are answered, followed by one that ends the connection."""
    said = [chance.choice(ANSWERED)(chance) for _ in range(chance.choice((0, 1, 2, 4, 8)))]
    last = chance.choices(LAST, WEIGHTS)[0](chance)
    more = [chance.choice(ANSWERED)(chance)] if last.close is not None and not last.cut else []
    unheard = [Said("after the end", each.data, is_bad=False) for each in more]
    return [*said, last, *unheard]


def pieces(data: bytes, chance: Random) -> list[bytes]:
    """Split bytes for sending: not at all, into a few pieces, or, if few, one by one."""
    how = chance.random()
    if how < 0.7:
        return [data]
    if how > 0.97 and len(data) < 300:
        return [data[i : i + 1] for i in range(len(data))]
    cuts = sorted(chance.randint(0, len(data)) for _ in range(chance.randint(1, 5)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True) if a < b]


# Messages that are answered.


def _good(chance: Random) -> Said:
    return Said("good", client_frame(b'{"op": 1}'), ("1",), is_bad=False)


def _bad_message(chance: Random) -> Said:
    text, code = chance.choice([*BAD_TEXTS.items()])
    return Said("bad message", client_frame(text.encode()), (code,))


def _binary(chance: Random) -> Said:
    payload = chance.randbytes(chance.choice((0, 1, 125, 126, 300)))
    return Said("binary", client_frame(payload, BINARY), ("malformed_message",))


def _bad_in_parts(chance: Random) -> Said:
    """Split a message anywhere, also within a character, with pings and pongs in between."""
    text, code = chance.choice([*BAD_TEXTS.items()])
    payload, pongs, data = text.encode()[:3_000], [], b""
    code = code if len(payload) == len(text.encode()) else "malformed_message"
    parts = pieces(payload, chance) or [b""]
    for number, part in enumerate(parts):
        fin = 0x80 if number == len(parts) - 1 else 0
        data += client_frame(part, CONTINUATION if number else TEXT, fin=fin)
        if not fin and chance.random() < 0.5:
            pongs.append(chance.randbytes(chance.choice((0, 3, 125))))
            data += client_frame(pongs[-1], PING)
    return Said("bad message in parts", data, (code,), tuple(pongs))


def _stray_pong(chance: Random) -> Said:
    return Said("pong", client_frame(chance.randbytes(9), PONG), is_bad=False)


ANSWERED: Sequence[Maker] = (_good, _bad_message, _bad_message, _binary, _bad_in_parts, _stray_pong)

# Messages that end the connection.


def _unmasked(chance: Random) -> Said:
    payload = chance.choice((b"", b"{}", b'{"op": 1}', bytes(125)))
    return _broken("not masked", bytes([0x80 | chance.choice(OPCODES), len(payload)]) + payload)


def _reserved_bits(chance: Random) -> Said:
    rsv = chance.randint(1, 7) << 4
    return _broken("reserved bits", client_frame(b"{}", chance.choice(OPCODES), rsv=rsv))


def _reserved_opcode(chance: Random) -> Said:
    opcode = chance.choice([*range(3, 8), *range(11, 16)])
    fin = chance.choice((0, 0x80))
    return _broken("reserved opcode", client_frame(chance.randbytes(5), opcode, fin=fin))


def _wasteful_length(chance: Random) -> Said:
    opcode = chance.choice((TEXT, BINARY))
    if chance.random() < 0.5:
        size, form = chance.randint(0, 125), "!BBH"
    else:
        size, form = chance.choice((0, 125, 126, 65_535)), "!BBQ"
    short = 0xFE if form == "!BBH" else 0xFF
    head = struct.pack(form, 0x80 | opcode, short, size) + chance.randbytes(4)
    return _broken("length in too many bytes", head + bytes(size))


def _impossible_length(chance: Random) -> Said:
    size = 2**63 + chance.choice((0, 1, 2**62, 2**63 - 1))
    head = struct.pack("!BBQ", 0x80 | chance.choice((TEXT, BINARY)), 0xFF, size)
    return _broken("length of 2^63 or more", head + chance.randbytes(4))


def _long_control(chance: Random) -> Said:
    kind, size = chance.choice((PING, PONG, CLOSE)), chance.choice((126, 127, 200, 65_535, 65_536))
    return _broken("long control frame", client_frame(b"\x03\xe8".ljust(size), kind))


def _control_in_parts(chance: Random) -> Said:
    kind = chance.choice((PING, PONG, CLOSE))
    return _broken("control frame in parts", client_frame(b"\x03\xe8", kind, fin=0))


def _parts_out_of_order(chance: Random) -> Said:
    begin, end = client_frame(b'{"op"', fin=0), client_frame(b": 1}", CONTINUATION)
    middle, pong = client_frame(b"x", CONTINUATION, fin=0), client_frame(b"", PONG)
    wrong = (
        *(end, middle, begin + begin, begin + client_frame(b"{}"), begin + pong + begin),
        *(begin + client_frame(b"x", BINARY), begin + middle + client_frame(b"x", BINARY, fin=0)),
    )
    return _broken("parts out of order", chance.choice(wrong))


def _no_close_code(chance: Random) -> Said:
    data = chance.choice((client_frame(b"\x03", CLOSE), close_frame(chance.choice(NO_CODES))))
    return _broken("close frame without a code that can be", data)


def _not_utf_8(chance: Random) -> Said:
    invalid, before = chance.choice(INVALID), chance.choice((b"", b"{", "\u20ac".encode()))
    in_parts = client_frame(before, fin=0) + client_frame(invalid, CONTINUATION)
    reason = close_frame(1000, chance.choice((b"\xff", b"ab\xc3")))
    data = chance.choice((client_frame(before + invalid), in_parts, reason))
    return Said("not UTF-8", data, close=NOT_UTF_8)


def _too_big(chance: Random) -> Said:
    opcode = chance.choice((TEXT, BINARY))
    return Said("too big", client_frame(bytes(LARGEST + 1), opcode), close=TOO_BIG)


def _too_big_in_parts(chance: Random) -> Said:
    at = chance.randint(1, LARGEST)
    data = client_frame(b" " * at, fin=0) + client_frame(b" " * (LARGEST + 1 - at), CONTINUATION)
    return Said("too big in parts", data, close=TOO_BIG)


def _lying_length(chance: Random) -> Said:
    """Announce a payload above the limit. Its bytes need not be sent."""
    size = chance.choice((LARGEST + 1, 2**17, 2**32, 2**62, 2**63 - 1))
    head = struct.pack("!BBQ", 0x80 | chance.choice((TEXT, BINARY)), 0xFF, size)
    return Said("length beyond the limit", head + chance.randbytes(4), close=TOO_BIG)


def _goodbye(chance: Random) -> Said:
    code = chance.choice((1000, 1001, 1003, 1011, 3000, 4999))
    return Said("goodbye", close_frame(code, b"bye"), close=code, is_bad=False)


def _cut_off(chance: Random) -> Said:
    whole = chance.choice(
        (client_frame(bytes(300)), client_frame(b'{"op": 1}', fin=0), client_frame(b"x" * 50, PING))
    )
    return Said("cut off within a frame", whole[: chance.randint(1, len(whole) - 1)], cut=True)


def _broken(kind: str, data: bytes) -> Said:
    return Said(kind, data, close=BROKEN)


LAST: Sequence[Maker] = (
    *(_unmasked, _reserved_bits, _reserved_opcode, _wasteful_length, _impossible_length),
    *(_control_in_parts, _parts_out_of_order, _no_close_code, _not_utf_8, _lying_length),
    *(_goodbye, _cut_off, _long_control, _too_big, _too_big_in_parts),
)
WEIGHTS = (*[10] * 10, 5, 20, 3, 1, 1)
"""Messages of 64 KiB are chosen less often."""

"""WebSocket frames as bytes (RFC 6455, section 5.2): make text frames, read plain ones. Pure.

Only whole, masked, unfragmented text frames of a client are read here. Everything else is left to
trio-websocket (`actors/edge/frame_splitter.py`).
"""

import struct
from typing import NamedTuple

TEXT = 0x81
"""FIN and the opcode of a text frame."""
CLOSE = 0x88
_MASKED = 0x80
_CONTROL = 0x08
_FIN = 0x80
_RESERVED = 0x70
_OPCODE = 0x0F


def text_frame(text: bytes) -> bytes:
    """Return a server's text frame: whole, not masked."""
    size = len(text)
    if size < 126:
        return bytes((TEXT, size)) + text
    if size < 65_536:
        return struct.pack("!BBH", TEXT, 126, size) + text
    return struct.pack("!BBQ", TEXT, 127, size) + text


class FrameHeader(NamedTuple):
    """The header of a client's frame: `length` bytes, before `size` bytes of payload."""

    first: int
    length: int
    size: int
    mask: bytes

    @property
    def is_sound(self) -> bool:
        """Whether it is masked, uses no extension, and gives its size in the fewest bytes."""
        shortest = 6 if self.size < 126 else 8 if self.size < 65_536 else 14
        return self.length == shortest and not self.first & _RESERVED and self.size < 2**63

    @property
    def is_plain_text(self) -> bool:
        """Whether the frame is a whole text message."""
        return self.first == TEXT and self.is_sound

    @property
    def is_continuation(self) -> bool:
        """Whether the frame continues a fragmented message."""
        return not self.first & _OPCODE

    @property
    def is_data(self) -> bool:
        """Whether the frame belongs to a message, and is not a control frame."""
        return not self.first & _CONTROL

    @property
    def ends_message(self) -> bool:
        """Whether the frame is the last, or only, one of its message."""
        return self.is_data and bool(self.first & _FIN)


def read_frame_header(data: bytes | bytearray, at: int = 0) -> FrameHeader | None:
    """Return the header of the frame at an offset, or None if it is incomplete."""
    if len(data) - at < 2:
        return None
    first, second = data[at], data[at + 1]
    size, extra = second & 0x7F, {126: 2, 127: 8}.get(second & 0x7F, 0)
    mask_at = at + 2 + extra
    length = 2 + extra + (4 if second & _MASKED else 0)
    if len(data) - at < length:
        return None
    if extra:
        size = int.from_bytes(data[at + 2 : mask_at], "big")
    return FrameHeader(first, length, size, bytes(data[mask_at : at + length]))


def plain_texts(data: bytes | bytearray, longest: int, most: int) -> tuple[list[str], int]:
    """Return the plain texts that `data` begins with, at most `most`, and the size of their frames.

    A plain text is whole and has at most `longest` bytes. Any other frame ends the list.
    """
    texts: list[str] = []
    at = 0
    while len(texts) < most and (place := _plain_text(data, at, longest)) is not None:
        start, end = place
        try:
            texts.append(unmasked(data[start:end], data[start - 4 : start]).decode())
        except UnicodeDecodeError:
            break
        at = end
    return texts, at


def _plain_text(data: bytes | bytearray, at: int, longest: int) -> tuple[int, int] | None:
    """Return where the payload of a whole plain text begins and ends, or None if there is none."""
    if len(data) - at < 6 or data[at] != TEXT:
        return None
    size = data[at + 1] ^ _MASKED
    if size < 126:  # fast path: the header of a short frame has a fixed size
        start, end = at + 6, at + 6 + size
    else:
        header = read_frame_header(data, at)
        if header is None or not header.is_plain_text:
            return None
        start, size = at + header.length, header.size
        end = start + size
    return (start, end) if size <= longest and end <= len(data) else None


def unmasked(payload: bytes | bytearray, mask: bytes | bytearray) -> bytes:
    """Return a payload without its mask: one exclusive or of large integers."""
    size = len(payload)
    if not size:
        return b""
    key = (mask * (size // 4 + 1))[:size]
    xored = int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")
    return xored.to_bytes(size, "little")

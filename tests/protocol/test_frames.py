"""Our frames and wsproto's have the same bytes (RFC 6455, section 5.2)."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import Event, TextMessage
from wsproto.frame_protocol import XorMaskerSimple

from protocol.frames import TEXT, read_frame_header, text_frame, unmasked

BOUNDARIES = sorted(
    {size + near for size in (0, 125, 65_535) for near in (-1, 0, 1, 2) if size + near >= 0}
)


def from_client(event: Event) -> bytes:
    """Return an event as a client's wsproto sends it, masked."""
    return bytes(Connection(ConnectionType.CLIENT).send(event))


@pytest.mark.parametrize("size", BOUNDARIES)
def test_a_text_frame_is_the_one_that_wsproto_makes(size: int) -> None:
    text = "x" * size
    theirs = Connection(ConnectionType.SERVER).send(TextMessage(text))
    assert text_frame(text.encode()) == theirs


@pytest.mark.parametrize("size", BOUNDARIES)
def test_a_clients_frame_is_read_as_wsproto_made_it(size: int) -> None:
    text = "y" * size
    data = b"before" + from_client(TextMessage(text)) + b"and after"
    header = read_frame_header(data, 6)
    assert header is not None
    assert (header.is_plain_text, header.size) == (True, size)
    payload = data[6 + header.length : 6 + header.length + header.size]
    assert unmasked(payload, header.mask) == text.encode()
    assert data[6 + header.length + header.size :] == b"and after"


@pytest.mark.parametrize("size", BOUNDARIES)
def test_a_header_is_read_only_when_it_is_complete(size: int) -> None:
    data = from_client(TextMessage("z" * size))
    header = read_frame_header(data)
    assert header is not None
    for cut in range(header.length):
        assert read_frame_header(data[:cut]) is None
    assert read_frame_header(data[: header.length]) == header


@pytest.mark.parametrize("first", range(256))
def test_only_a_whole_text_message_without_extensions_is_plain(first: int) -> None:
    header = read_frame_header(bytes([first, 0x85]) + b"mask" + b"hello")
    assert header is not None
    assert header.is_plain_text == (first == TEXT)
    is_control = first & 0x0F >= 8
    assert header.is_data is not is_control
    assert header.ends_message == (not is_control and first >= 0x80)


@pytest.mark.parametrize(
    "head",
    [
        b"\x81\x05",
        b"\x81\x7e" + struct.pack("!H", 200),
        b"\x81\xfe" + struct.pack("!H", 125) + b"mask",
        b"\x81\xff" + struct.pack("!Q", 125) + b"mask",
        b"\x81\xff" + struct.pack("!Q", 65_535) + b"mask",
    ],
    ids=["unmasked", "unmasked, long", "125 in 2 bytes", "125 in 8 bytes", "65,535 in 8 bytes"],
)
def test_a_frame_that_breaks_the_protocol_is_not_plain(head: bytes) -> None:
    header = read_frame_header(head)
    assert header is not None
    assert not header.is_plain_text


@given(st.binary(max_size=400), st.binary(min_size=4, max_size=4))
def test_unmasking_returns_the_payload(payload: bytes, mask: bytes) -> None:
    masked = bytes(XorMaskerSimple(mask).process(bytearray(payload)))
    assert unmasked(masked, mask) == payload
    assert unmasked(bytearray(masked), mask) == payload
    assert unmasked(unmasked(payload, mask), mask) == payload

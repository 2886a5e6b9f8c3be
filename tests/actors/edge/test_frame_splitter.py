"""Which bytes of a client are plain texts, and which are left to trio-websocket, without I/O."""

from attrs import Factory, define, frozen
from hypothesis import given
from hypothesis import strategies as st

from actors.edge.frame_splitter import TEXTS_AT_ONCE, FrameSplitter
from tests.support.raw_client import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    client_frame,
    close_frame,
)

LONGEST = 1_000


@define
class Split:
    """The results of a splitter, in order."""

    texts: list[str] = Factory(list)
    other: bytes = b""
    messages: int = 0
    """Messages that were passed on completely."""


def split(splitter: FrameSplitter, into: Split) -> None:
    """Take everything that is available."""
    while True:
        if texts := splitter.take_texts():
            into.texts += texts
            continue
        other = splitter.take_other()
        into.messages += splitter.has_passed_message
        into.other += other
        if not other:
            return


@frozen
class Unit:
    """A message or control frame of a client, and the expected result."""

    data: bytes
    text: str | None = None
    messages: int = 0


TEXTS = st.text(max_size=300).map(lambda text: Unit(client_frame(text.encode()), text))
MESSAGES = st.one_of(
    st.binary(max_size=300).map(lambda payload: client_frame(payload, BINARY)),
    st.just(client_frame(b"fragment", fin=0) + client_frame(b"ed", CONTINUATION)),
    st.just(client_frame(b"a", fin=0) + client_frame(b"", PING) + client_frame(b"b", CONTINUATION)),
    st.just(client_frame(b"\xff")),
).map(lambda data: Unit(data, messages=1))
PINGS = st.binary(max_size=125).map(lambda payload: Unit(client_frame(payload, PING)))


@given(st.lists(TEXTS | MESSAGES | PINGS, max_size=8), st.data())
def test_bytes_are_split_the_same_in_whatever_pieces_they_arrive(
    units: list[Unit], draw: st.DataObject
) -> None:
    data = b"".join(unit.data for unit in units)
    expected = Split(
        [unit.text for unit in units if unit.text is not None],
        b"".join(unit.data for unit in units if unit.text is None),
        sum(unit.messages for unit in units),
    )
    splitter, found, at = FrameSplitter(LONGEST), Split(), 0
    while at < len(data):
        size = draw.draw(st.integers(1, len(data) - at))
        splitter.feed(data[at : at + size])
        split(splitter, found)
        at += size
    assert found == expected


def test_texts_are_taken_together_but_not_without_end() -> None:
    splitter = FrameSplitter(LONGEST, client_frame(b"x") * (TEXTS_AT_ONCE + 1))
    assert splitter.take_texts() == ["x"] * TEXTS_AT_ONCE
    assert splitter.take_texts() == ["x"]
    assert splitter.take_texts() == []
    assert splitter.take_other() == b""


def test_the_fast_path_is_only_for_whole_plain_texts_with_nothing_before_them() -> None:
    splitter, text = FrameSplitter(LONGEST), client_frame(b"text")
    assert splitter.only_texts(text * 2) == ["text", "text"]
    assert splitter.only_texts(text + text[:3]) is None
    assert splitter.only_texts(client_frame(b"", PING)) is None
    splitter.feed(text[:3])
    assert splitter.only_texts(text) is None
    for begun in (client_frame(b"fragment", fin=0), client_frame(b"binary", BINARY)[:-1]):
        amid = FrameSplitter(LONGEST, begun)
        assert amid.take_other() == begun
        assert amid.only_texts(text) is None
        amid.feed(text)
        assert amid.take_texts() == []


def test_a_message_is_too_big_by_its_bytes_or_its_fragments() -> None:
    fits = FrameSplitter(10, client_frame(bytes(10), BINARY))
    assert fits.take_other()
    assert not fits.is_too_big
    for data in (
        client_frame(bytes(11), BINARY),
        client_frame(bytes(11)),
        client_frame(bytes(6), fin=0) + client_frame(bytes(5), CONTINUATION),
        client_frame(b"", fin=0) + client_frame(b"", CONTINUATION, fin=0) * 10,
    ):
        splitter = FrameSplitter(10, data)
        while splitter.take_other():
            assert not splitter.is_too_big
        assert splitter.is_too_big


def test_everything_is_dropped_up_to_the_close_frame() -> None:
    before = client_frame(b"text") + client_frame(b"", PING) + client_frame(b"a", fin=0)
    splitter = FrameSplitter(LONGEST, client_frame(bytes(20), BINARY)[:9])
    assert splitter.take_other()
    splitter.feed(client_frame(bytes(20), BINARY)[9:] + before)
    assert not splitter.skip_to_close()
    close = close_frame(1000)
    splitter.feed(close[:1])
    assert not splitter.skip_to_close()
    splitter.feed(close[1:])
    assert splitter.skip_to_close()
    assert close[0] & 0x0F == CLOSE

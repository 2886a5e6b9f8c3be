"""The encoding of link messages: what is written is read again, and nothing else is."""

from itertools import pairwise
from typing import Any, get_type_hints

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.link import encoding
from actors.link.encoding import MOST_MESSAGE, BadLinkError, Decoder, pack, unpack
from actors.link.messages import (
    LINK_MESSAGES,
    Alive,
    ClientMessage,
    ConnectionFrames,
    GameFrames,
    LinkMessage,
)

NUMBERS = st.integers(-(2**53), 2**53)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: NUMBERS,
    bool: st.booleans(),
    str: st.text(max_size=50),
    bytes: st.binary(max_size=200),
    tuple[int, ...]: st.lists(NUMBERS, max_size=5).map(tuple),
}


def _messages_of(cls: type[LinkMessage]) -> st.SearchStrategy[LinkMessage]:
    hints = get_type_hints(cls)
    fields = attrs.fields(cls)  # type: ignore[arg-type]
    return st.builds(cls, **{field.name: VALUES[hints[field.name]] for field in fields})


MESSAGES = st.sampled_from(list(LINK_MESSAGES.values())).flatmap(_messages_of)


@given(st.lists(MESSAGES, max_size=5), st.lists(st.integers(0, 1_000), max_size=8))
def test_messages_are_read_as_they_were_sent_however_the_stream_is_cut(
    sent: list[LinkMessage], cuts: list[int]
) -> None:
    stream = b"".join(map(pack, sent))
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    decoder, received = Decoder(), list[LinkMessage]()
    for start, end in pairwise(places):
        received += decoder.feed(stream[start:end])
    assert received == sent


@given(MESSAGES, st.data())
def test_a_message_that_was_cut_off_is_never_read(
    message: LinkMessage, data: st.DataObject
) -> None:
    whole = pack(message)
    end = data.draw(st.integers(0, len(whole) - 1))
    assert list(Decoder().feed(whole[:end])) == []


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_bad_link(body: bytes) -> None:
    try:
        message = unpack(body)
    except BadLinkError:
        return
    assert unpack(pack(message)[4:]) == message


@pytest.mark.parametrize("length", [0, 1, MOST_MESSAGE + 1, 2**32 - 1])
def test_a_hostile_length_is_refused_before_its_bytes_arrive(length: int) -> None:
    with pytest.raises(BadLinkError):
        list(Decoder().feed(length.to_bytes(4)))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"[true]",
        b'["2"]',
        b"[2.0]",
        b"[0]",
        b"[99]",
        b"[2, 1]",  # a field too many
        b"[6]",  # one too few
        b'[6, "1"]',
        b"[6, 1.0]",
        b"[6, true]",
        b'[9, "g", 1]',
        b'[9, "g", ["1"]]',
        b"[9, 7, []]",
        b"[7, 1, 1]",
        b"[6, 1",
        b"[6, NaN]",
        b"\xff",
    ],
)
def test_a_head_that_is_not_listed_is_refused(head: bytes) -> None:
    with pytest.raises(BadLinkError):
        unpack(len(head).to_bytes(4) + head)


def test_bytes_behind_a_message_that_has_none_are_refused() -> None:
    head = orjson.dumps([Alive.kind])
    with pytest.raises(BadLinkError):
        unpack(len(head).to_bytes(4) + head + b"x")


def test_a_head_that_is_longer_than_its_message_is_refused() -> None:
    with pytest.raises(BadLinkError):
        unpack((500).to_bytes(4) + b"[2]")


def test_a_message_that_is_too_long_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MOST_MESSAGE", 1_000)
    with pytest.raises(BadLinkError):
        pack(ClientMessage(1, 1, bytes(1_000)))


def test_a_head_may_be_as_long_as_a_message() -> None:
    message = GameFrames("g", 1, tuple(range(100_000)), b"frames")
    assert list(Decoder().feed(pack(message))) == [message]


def test_messages_before_a_bad_one_are_read() -> None:
    good = [ConnectionFrames(1, "g", True, b"frames"), GameFrames("g", 1, (1, 2), b"frames")]
    messages = Decoder().feed(b"".join(map(pack, good)) + bytes(4))
    assert [next(messages), next(messages)] == good
    with pytest.raises(BadLinkError):
        next(messages)


def test_each_kind_has_a_number_of_its_own_and_bytes_only_as_its_last_field() -> None:
    assert [cls.kind for cls in LINK_MESSAGES.values()] == list(LINK_MESSAGES)
    for cls in LINK_MESSAGES.values():
        hints = get_type_hints(cls)
        types = [hints[field.name] for field in attrs.fields(cls)]  # type: ignore[arg-type]
        assert bytes not in types[:-1]

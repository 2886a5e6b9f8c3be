"""Check the parser of request heads on any bytes.

The parser is pure, so it is called directly. Its results are compared with another parser, h11, and
with rules that are written independently here.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

import h11

from protocol.request_head import (
    END,
    MOST_BYTES,
    MOST_FIELDS,
    BadHeadError,
    RequestHead,
    split_head,
)
from protocol.request_head import parse_head as parsed

STATUSES = {400, 431, 501, 505}
LOOSE = {
    "a line that ends otherwise than with CR LF": re.compile(rb"(?<!\r)\n|\r(?!\n)"),
    "a line that goes on in the next": re.compile(rb"\r\n[ \t]"),
    "a control character": re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"),
    "a space before a colon": re.compile(rb"\n[^:\r]*[ \t]:"),
}
"""Bytes that no accepted head contains."""
STRICTER = (
    *("Every line of an HTTP head must end with CR LF.", "A header field is malformed."),
    *("The request line is malformed.", "This server supports HTTP/1.1 only."),
    *("The target of the request must be a path or a URL.", "The Host field is malformed."),
    *("The length of the body is given more than once.", "Content-Length is malformed."),
    *(
        "The request has more than 100 header fields.",
        "An HTTP/1.1 request must have exactly one Host field.",
    ),
)
"""Reasons to refuse what h11 accepts. h11 allows bare LF, folded lines and a repeated equal length.
It accepts other HTTP versions, and does not check target and host."""
ONCE = (b"content-length", b"transfer-encoding", b"host")


def read(data: bytes) -> tuple[RequestHead, int] | int | None:
    """Return a head and its length, the status of the refusal, or None if more bytes are needed.

    Raise `AssertionError` if a check fails.
    """
    try:
        split = split_head(data)
    except BadHeadError as refused:
        _is_refused_for_a_reason(refused, data)
        return refused.status
    if split is None:
        assert len(data) < MOST_BYTES, ("waits for more than a head may have", len(data))
    else:
        _is_strict(split[0], data[: split[1]])
        _is_handed_on_as_it_is(split[0])
        _is_read_so_by_others(split[0], data[: split[1]])
    return split


def is_the_same_in_pieces(data: bytes, at: int) -> None:
    """Check that a prefix is refused or parsed only if the whole is, with the same result."""
    beginning, whole = read(data[:at]), read(data)
    if isinstance(beginning, int):
        assert isinstance(whole, int), ("refused before it was whole", beginning, whole)
    elif beginning is not None:
        assert beginning == whole, ("read otherwise in pieces", beginning, whole)


def _is_refused_for_a_reason(refused: BadHeadError, data: bytes) -> None:
    assert refused.status in STATUSES, ("refused with another status", refused.status)
    is_agreed = END not in data[:MOST_BYTES] or _by_h11(data) is None
    assert is_agreed or refused.text in STRICTER, ("h11 accepts it", refused.text, data)


def _is_strict(head: RequestHead, raw: bytes) -> None:
    raw = raw.removeprefix(b"\r\n")
    assert len(raw) <= MOST_BYTES, ("too large", len(raw))
    assert len(head.fields) <= MOST_FIELDS, ("too many fields", len(head.fields))
    for what, loose in LOOSE.items():
        assert not loose.search(raw.removesuffix(END)), (what, raw)
    stated = {name: len(head.values(name)) for name in ONCE}
    assert max(stated.values()) <= 1, ("stated twice", head)
    assert stated[b"content-length"] + stated[b"transfer-encoding"] <= 1, ("framed twice", head)
    assert stated[b"host"] or head.version == b"1.0", ("no host", head)
    assert head.target.startswith(b"/"), ("not in origin form", head)


def _is_handed_on_as_it_is(head: RequestHead) -> None:
    encoded = head.encoded()
    assert parsed(encoded.removesuffix(END)) == head, ("handed on otherwise", head)
    assert _by_h11(encoded) == _in_short(head), ("h11 reads what is handed on otherwise", head)


def _is_read_so_by_others(head: RequestHead, raw: bytes) -> None:
    """Check that h11 accepts the head and parses it the same. It keeps targets in absolute form."""
    got, expected = _by_h11(raw.removeprefix(b"\r\n")), _in_short(head)
    if got is not None and not got[1].startswith(b"/"):
        got, expected = _but_where_to(got), _but_where_to(expected)
    assert got == expected, ("h11 reads it otherwise", got, expected)


def _but_where_to(short: "Short") -> "Short":
    method, _, fields = short
    return method, b"", frozenset(field for field in fields if field[0] != b"host")


Short = tuple[bytes, bytes, frozenset[tuple[bytes, bytes]]]


def _in_short(head: RequestHead) -> Short:
    return head.method, head.target, frozenset(map(_lowered, head.fields))


def _lowered(field: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return a field as h11 does, with known values in lower case."""
    name, value = field
    return name, value.lower() if name == b"transfer-encoding" else value


def _by_h11(raw: bytes) -> Short | None:
    with suppress(h11.RemoteProtocolError):
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(raw)
        event = connection.next_event()
        if isinstance(event, h11.Request):
            return event.method, event.target, frozenset(event.headers)
    return None


def requests_in(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the method and path of each request on a connection, as parsed by h11 alone."""
    with suppress(h11.RemoteProtocolError):
        while data:
            connection = h11.Connection(h11.SERVER, max_incomplete_event_size=2 * MOST_BYTES)
            connection.receive_data(data.removeprefix(b"\r\n"))
            while (event := connection.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Request):
                    yield event.method, _path(event.target)
                if isinstance(event, h11.EndOfMessage):
                    break
            if event is h11.NEED_DATA:
                return
            data = connection.trailing_data[0]


def _path(target: bytes) -> bytes:
    without_authority = re.sub(rb"^[A-Za-z]+://[^/?]*", b"", target)
    return without_authority.partition(b"?")[0] or b"/"

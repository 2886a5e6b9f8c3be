"""A head has one meaning or is refused, and is passed on with the same meaning."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.request_head import MOST_BYTES, BadHeadError, RequestHead, parse_head, split_head

HOST = b"Host: tote.test\r\n"


def head(request_line: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join((request_line, *fields)) + b"\r\n\r\n"


def read(received: bytes) -> RequestHead:
    split = split_head(received)
    assert split is not None
    return split[0]


def status_of(received: bytes) -> int:
    with pytest.raises(BadHeadError) as refused:
        split_head(received)
    return refused.value.status


def test_a_head_is_its_request_line_and_its_fields() -> None:
    got = read(head(b"POST /r/login/?a=1&b HTTP/1.1", b"Host: h", b"X-Y:  two words\t", b"x-y:3"))
    assert (got.method, got.path, got.query, got.version) == (
        b"POST",
        b"/r/login/",
        b"a=1&b",
        b"1.1",
    )
    assert got.values(b"x-y") == [b"two words", b"3"]


def test_what_follows_a_head_is_left() -> None:
    whole = head(b"GET / HTTP/1.1", b"Host: h")
    assert split_head(whole + b"\x81\x85") == (read(whole), len(whole))


@pytest.mark.parametrize(
    ("target", "host", "path", "query"),
    [
        (b"http://x/healthz", b"x", b"/healthz", b""),
        (b"HTTPS://x:443/?a", b"x:443", b"/", b"a"),
        (b"ws://[::1]:9999?id=1", b"[::1]:9999", b"/", b"id=1"),
        (b"http://x", b"x", b"/", b""),
    ],
)
def test_a_target_in_absolute_form_is_read_as_its_path_and_host(
    target: bytes, host: bytes, path: bytes, query: bytes
) -> None:
    got = read(head(b"GET " + target + b" HTTP/1.1", b"Host: other"))
    assert (got.values(b"host"), got.path, got.query) == ([host], path, query)


BAD = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00",
    "a space too many": head(b"GET  / HTTP/1.1", b"Host: h"),
    "a target with a space": head(b"GET /a b HTTP/1.1", b"Host: h"),
    "a target that is no path": head(b"GET nowhere HTTP/1.1", b"Host: h"),
    "an asterisk": head(b"OPTIONS * HTTP/1.1", b"Host: h"),
    "an authority": head(b"CONNECT h:80 HTTP/1.1", b"Host: h"),
    "another scheme": head(b"GET ftp://h/ HTTP/1.1", b"Host: h"),
    "a URL without a host": head(b"GET http:///healthz HTTP/1.1", b"Host: h"),
    "a URL with a port and no host": head(b"GET http://:80/ HTTP/1.1", b"Host: h"),
    "a URL with a query and no host": head(b"GET http://?x HTTP/1.1", b"Host: h"),
    "a user in the URL": head(b"GET http://me@h/ HTTP/1.1", b"Host: h"),
    "a fragment": head(b"GET /#x HTTP/1.1", b"Host: h"),
    "no host": head(b"GET / HTTP/1.1"),
    "two hosts": head(b"GET / HTTP/1.1", b"Host: a", b"Host: a"),
    "a host that is none": head(b"GET / HTTP/1.1", b"Host: a b"),
    "a host in brackets that is no address": head(b"GET / HTTP/1.1", b"Host: [D:1]"),
    "the same in a URL": head(b"GET http://[D:1]/ HTTP/1.1", b"Host: h"),
    "two lengths": head(b"POST / HTTP/1.1", b"Host: h", b"Content-Length: 1", b"Content-Length: 1"),
    "a list of lengths": head(b"POST / HTTP/1.1", b"Host: h", b"Content-Length: 1, 1"),
    "a length with a sign": head(b"POST / HTTP/1.1", b"Host: h", b"Content-Length: +1"),
    "a length and a coding": head(
        b"POST / HTTP/1.1", b"Host: h", b"Content-Length: 1", b"Transfer-Encoding: chunked"
    ),
    "a coding in HTTP/1.0": head(b"POST / HTTP/1.0", b"Transfer-Encoding: chunked"),
    "a folded field": head(b"GET / HTTP/1.1", b"Host: h", b"X: a", b" b"),
    "a space before the colon": head(b"GET / HTTP/1.1", b"Host : h"),
    "a field without a name": head(b"GET / HTTP/1.1", b"Host: h", b": a"),
    "a NUL": head(b"GET / HTTP/1.1", b"Host: h", b"X: \0"),
    "a bare LF": b"GET / HTTP/1.1\nHost: h\r\n\r\n",
    "a bare CR": b"GET / HTTP/1.1\rX: 1\r\nHost: h\r\n\r\n",
    "a bare LF in a value": head(b"GET / HTTP/1.1", b"Host: h", b"X: a\nY: b"),
    "two empty lines": b"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
}


@pytest.mark.parametrize("why", BAD)
def test_a_malformed_head_is_refused(why: str) -> None:
    assert status_of(BAD[why]) == 400


def test_other_versions_are_refused() -> None:
    assert status_of(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505
    assert status_of(head(b"GET / HTTP/0.9", b"Host: h")) == 505


def test_other_codings_are_refused() -> None:
    assert status_of(head(b"POST / HTTP/1.1", b"Host: h", b"Transfer-Encoding: gzip")) == 501


def test_a_head_is_at_most_16_kib_and_100_fields() -> None:
    start, end = b"GET / HTTP/1.1\r\nHost: h\r\nX: ", b"\r\n\r\n"
    longest = start + b"x" * (MOST_BYTES - len(start) - len(end)) + end
    assert split_head(longest) is not None
    assert status_of(longest[: -len(end)] + b"x" + end) == 431
    assert status_of(b"GET /" + b"x" * MOST_BYTES) == 431
    assert status_of(head(b"GET / HTTP/1.1", b"Host: h", *[b"X: y"] * 100)) == 431


@pytest.mark.parametrize(
    "beginning", [b"\x81\x85", b"\0", b"GET / HTTP/1.1\nHost", b"\r\n\n", b"\r\n\r\n", b" GET"]
)
def test_what_cannot_become_a_head_is_refused_before_its_end(beginning: bytes) -> None:
    assert status_of(beginning) == 400


@given(st.integers(0, 200))
def test_a_good_head_that_is_not_complete_is_waited_for(cut: int) -> None:
    whole = b"\r\n" + head(b"GET /some/where?x=1 HTTP/1.1", b"Host: tote.test:9999", b"X: y")
    assert split_head(whole[: min(cut, len(whole) - 1)]) is None


TOKENS = st.text("abcXYZ-!#$%&'*+.^_`|~09", min_size=1, max_size=8).map(str.encode)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(
    lambda text: text.strip().encode()
)


@given(TOKENS, VALUES, st.lists(st.tuples(TOKENS, VALUES), max_size=5))
def test_what_is_handed_on_is_read_as_it_was(
    method: bytes, path: bytes, fields: list[tuple[bytes, bytes]]
) -> None:
    framing = {b"host", b"content-length", b"transfer-encoding"}
    lines = [b"%b: %b" % pair for pair in fields if pair[0].lower() not in framing]
    target = b"/" + path.replace(b" ", b"").replace(b"#", b"")
    try:
        got = parse_head(b"\r\n".join([method + b" " + target + b" HTTP/1.1", b"Host: h", *lines]))
    except BadHeadError:
        return
    assert read(got.encoded()) == got
    http = h11.Connection(h11.SERVER)
    http.receive_data(got.encoded())
    request = http.next_event()
    assert isinstance(request, h11.Request)
    assert (request.method, request.target) == (got.method, got.target)
    assert [(name, value) for name, value in request.headers] == [*got.fields]


def test_what_has_been_looked_at_is_not_looked_at_again() -> None:
    """A head that arrives byte by byte costs as much as one in a single piece."""
    begun = b"GET / HTTP/1.1\nHost: h"
    assert status_of(begun) == 400
    assert split_head(begun, seen=len(begun)) is None
    whole = head(b"GET / HTTP/1.1", b"Host: h")
    for seen in range(len(whole) - 4, len(whole)):
        assert split_head(whole, seen=seen) is not None

"""A client's address is that of the connection, or the one that trusted proxies report."""

import pytest
from trio.testing import memory_stream_pair

from actors.edge.gate import Visitor
from protocol.request_head import parse_head
from toteboard.http.proxies import RequestOrigin, request_origin

PEER = "192.0.2.1"


def seen(*fields: str, hops: int) -> RequestOrigin:
    head = parse_head("\r\n".join(("GET / HTTP/1.1", "Host: inner", *fields)).encode())
    return request_origin(Visitor(memory_stream_pair()[0], head, bytearray(), PEER), head, hops)


FORWARDED = (
    "X-Forwarded-For: 203.0.113.7, 198.51.100.9",
    "X-Forwarded-Proto: http, https",
    "X-Forwarded-Host: forged, games.example",
)


def test_without_a_proxy_nothing_that_is_claimed_counts() -> None:
    origin = seen(*FORWARDED, hops=0)
    assert (origin.address, origin.scheme) == (PEER, "http")
    assert (b"host", b"inner") in origin.fields


def test_each_trusted_proxy_is_one_entry_from_the_right() -> None:
    one = seen(*FORWARDED, hops=1)
    assert (one.address, one.scheme, one.fields[0]) == (
        "198.51.100.9",
        "https",
        (b"host", b"games.example"),
    )
    two = seen(*FORWARDED, hops=2)
    assert (two.address, two.scheme, two.fields[0]) == (
        "203.0.113.7",
        "http",
        (b"host", b"forged"),
    )
    assert seen(*FORWARDED, hops=3).address == PEER


@pytest.mark.parametrize("entry", ["", "unknown", "x" * 300, "1.2.3.4:80", "\xe9", "[::1", "1.2.3"])
def test_an_address_that_is_none_does_not_count(entry: str) -> None:
    assert seen(f"X-Forwarded-For: {entry}", hops=1).address in (PEER, "::1")


def test_an_ipv6_address_counts() -> None:
    assert seen("X-Forwarded-For: [2001:db8::1]", hops=1).address == "2001:db8::1"


@pytest.mark.parametrize("proto", ["ftp", "https://", "javascript", ""])
def test_a_scheme_that_is_none_does_not_count(proto: str) -> None:
    assert seen(f"X-Forwarded-Proto: {proto}", hops=1).scheme == "http"


@pytest.mark.parametrize("host", ["a b", "x;script-src *", "a@b", "", "a/b", "[D:1]"])
def test_a_host_that_is_none_does_not_count(host: str) -> None:
    assert (b"host", b"inner") in seen(f"X-Forwarded-Host: {host}", hops=1).fields


def test_fields_given_twice_are_one_list() -> None:
    origin = seen("X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 198.51.100.9", hops=1)
    assert origin.address == "198.51.100.9"

"""Which requests are WebSocket handshakes (RFC 6455, section 4.2.1)."""

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import Request

from protocol.handshake import bare, check_handshake, refuse_other_upgrades
from protocol.request_head import BadHeadError, RequestHead, split_head

GOOD = {
    "Host": "h",
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "WebSocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def head(line: str = "GET / HTTP/1.1", more: str = "", **changed: str) -> RequestHead:
    fields = GOOD | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [line, *(f"{name}: {value}" for name, value in fields.items() if value), more]
    split = split_head("\r\n".join(each for each in lines if each).encode() + b"\r\n\r\n")
    assert split is not None
    return split[0]


def check(given: RequestHead) -> int:
    """Return the status of the refusal, or 101."""
    try:
        refuse_other_upgrades(given)
        check_handshake(given)
    except BadHeadError as error:
        return error.status
    return 101


def test_a_good_one_passes() -> None:
    assert head().is_upgrade
    assert check(head()) == 101
    assert check(head("GET ws://h/?id=1 HTTP/1.1")) == 101


REFUSED = {
    "another path": (head("GET /live HTTP/1.1"), 404),
    "another path, and no key": (head("GET /live HTTP/1.1", Sec_WebSocket_Key=""), 404),
    "another protocol": (head(Upgrade="h2c"), 400),
    "one protocol or another": (head(Upgrade="websocket, h2c"), 400),
    "no protocol": (head(Upgrade=""), 400),
    "a post": (head("POST / HTTP/1.1"), 400),
    "HTTP/1.0": (head("GET / HTTP/1.0"), 400),
    "a body": (head(Content_Length="2"), 400),
    "a chunked body": (head(Transfer_Encoding="chunked"), 400),
    "no connection": (head(Connection=""), 400),
    "another connection": (head(Connection="close"), 400),
    "another version": (head(Sec_WebSocket_Version="8"), 426),
    "two versions": (head(more="Sec-WebSocket-Version: 13"), 426),
    "no key": (head(Sec_WebSocket_Key=""), 400),
    "a key that is no base64": (head(Sec_WebSocket_Key="zz"), 400),
    "a short key": (head(Sec_WebSocket_Key="AAAA"), 400),
    "a key with a comma": (head(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==, x"), 400),
    "two keys": (head(more="Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_bad_one_is_refused(why: str) -> None:
    given, status = REFUSED[why]
    assert check(given) == status


def test_a_body_of_no_bytes_is_none() -> None:
    assert check(head(Content_Length="0")) == 101


@pytest.mark.parametrize(
    "field",
    [
        "Sec-WebSocket-Extensions: ;;;",
        "Sec-WebSocket-Protocol: ,",
        "Origin: \xe9",
        "Connection: close",
        "Upgrade: websocket",
    ],
)
def test_no_other_field_reaches_the_library(field: str) -> None:
    """The nonce is spent by then, so trio-websocket must find nothing to refuse."""
    protocol = WSConnection(ConnectionType.SERVER)
    protocol.receive_data(bare(head(more=field)).encoded())
    (event,) = protocol.events()
    assert isinstance(event, Request)
    assert (event.extensions, event.subprotocols) == ([], [])

"""Check everything that the server sends on an HTTP connection."""

import json
from collections.abc import Iterator, Mapping

import h11
from attrs import frozen

from game.refusals import Code

SECRET = b"what nobody may read"
"""The content of files next to and within the page's folder that must never be served."""
EXPECTED = {
    *(200, 304, 400, 401, 403, 404, 405, 408, 409, 413, 415, 426, 429, 431),
    *(501, 503, 505),
}
GUARDED = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-",
}
NEEDED = {405: "allow", 426: "sec-websocket-version", 429: "retry-after"}
CODES = {str(code) for code in Code}


@frozen
class Answer:
    """One answer. `is_last`: it announces that the connection ends."""

    status: int
    fields: Mapping[str, str]
    body: bytes

    @property
    def is_last(self) -> bool:
        return "close" in self.fields.get("connection", "").lower()


def answers(heard: bytes, methods: list[str]) -> Iterator[Answer]:
    """Parse the server's bytes into answers. `methods` are those of the requests, if known.

    Raise `AssertionError` for anything that is not HTTP/1.1.
    """
    asked = [*methods]
    while heard:
        answer, heard = _first(heard, asked.pop(0) if asked else "GET")
        yield answer


def _first(heard: bytes, method: str) -> tuple[Answer, bytes]:
    reader = h11.Connection(h11.CLIENT)
    # The answer to CONNECT has another framing only with a 2xx, which the server never sends.
    asked = "HEAD" if method == "HEAD" else "GET"
    reader.send(h11.Request(method=asked, target="/", headers=[("Host", "h")]))
    reader.send(h11.EndOfMessage())
    reader.receive_data(heard)
    answer, body = None, b""
    try:
        while not isinstance(event := reader.next_event(), h11.EndOfMessage):
            assert event is not h11.NEED_DATA, ("half an answer", heard[:300])
            if isinstance(event, h11.Response):
                answer = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
    except h11.RemoteProtocolError as error:
        raise AssertionError("no HTTP/1.1", str(error), heard[:300]) from None
    assert answer is not None
    assert answer.http_version == b"1.1", ("another version", answer)
    names = [name for name, _ in answer.headers]
    assert len(names) == len({*names} | {b"vary"}) - (b"vary" not in names), ("twice", names)
    fields = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
    return Answer(answer.status_code, fields, body), reader.trailing_data[0]


def is_as_it_has_to_be(answer: Answer) -> None:
    """Check an answer. Raise `AssertionError`."""
    assert answer.status in EXPECTED, ("an unexpected status", answer)
    for name, beginning in GUARDED.items():
        assert answer.fields.get(name, "").startswith(beginning), (f"without {name}", answer)
    if needed := NEEDED.get(answer.status):
        assert needed in answer.fields, (f"{answer.status} without {needed}", answer)
    assert SECRET not in answer.body, ("a file that is not to be served", answer)
    if answer.status >= 400 and answer.fields.get("content-type") == "application/json":
        told = json.loads(answer.body or b'{"status": 0}')
        assert told.get("code") in CODES or "status" in told, ("another code", answer)
        assert len(answer.body) < 500, ("says too much", answer)

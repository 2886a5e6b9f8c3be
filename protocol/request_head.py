"""The head of an HTTP request: request line and header fields, read strictly.

The public port reads a head once, before any library reads from the connection. It passes on what
`RequestHead.encoded` writes, never the client's own bytes, so that no two readers can interpret a
request differently: a line ends with CR LF, a field is on one line, the framing of a body is
stated once, and the target has the origin form, whatever its form was (RFC 9112, section 3.2).

Pure: bytes in, a head or a `BadHeadError` out. `actors/edge/gate.py` reads from the stream, and
`protocol/handshake.py` checks WebSocket handshakes.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv6Address
from typing import Final

from attrs import evolve, frozen

MOST_BYTES: Final = 16_384
"""The limit of a whole head (docs/reference/http.md, "Limits")."""
MOST_FIELDS: Final = 100
END: Final = b"\r\n\r\n"

_TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_BEGINNING: Final = re.compile(_TOKEN)
_BARE_LINE_END: Final = re.compile(rb"(?<!\r)\n|\r(?=[^\n])")
_REQUEST_LINE: Final = re.compile(rb"(%b{1,32}) ([!-~]{1,16384}) HTTP/([0-9])\.([0-9])" % _TOKEN)
_FIELD: Final = re.compile(rb"(%b+):([\t -~\x80-\xff]*)" % _TOKEN)
_AUTHORITY: Final = (
    rb"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~%!$&'()*+,;=\-]{0,255})(?::[0-9]{0,5})?"
)
_HOST: Final = re.compile(_AUTHORITY)
_ORIGIN_FORM: Final = re.compile(rb"/[^#]*")
_ABSOLUTE_FORM: Final = re.compile(
    rb"(?i:https?|wss?)://(?=[^:/?])(%b)(/[^#?]*)?(\?[^#]*)?" % _AUTHORITY
)
"""A URL, whose host must not be empty (RFC 9110, section 4.2.1)."""
_LENGTH: Final = re.compile(rb"[0-9]{1,15}")


class BadHeadError(Exception):
    """A head is refused, with an HTTP status and a sentence for a person."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@frozen
class RequestHead:
    """A request line and its fields, names in lower case. `target`: a path, maybe with a query."""

    method: bytes
    target: bytes
    version: bytes
    fields: Sequence[tuple[bytes, bytes]]

    @property
    def path(self) -> bytes:
        """Return the target without its query, still percent-encoded."""
        return self.target.partition(b"?")[0]

    @property
    def query(self) -> bytes:
        """Return the part of the target after its first `?`."""
        return self.target.partition(b"?")[2]

    def values(self, name: bytes) -> list[bytes]:
        """Return every value of a field in order. `name` is in lower case."""
        return [value for each, value in self.fields if each == name]

    def tokens(self, name: bytes) -> set[bytes]:
        """Return the members of a field that is a comma-separated list, in lower case."""
        members = b",".join(self.values(name)).lower().split(b",")
        return {member.strip(b" \t") for member in members} - {b""}

    @property
    def is_upgrade(self) -> bool:
        """Return whether the client requests another protocol than HTTP."""
        return bool(self.values(b"upgrade")) or b"upgrade" in self.tokens(b"connection")

    @property
    def has_body(self) -> bool:
        """Return whether a body follows."""
        lengths = self.values(b"content-length")
        return bool(self.values(b"transfer-encoding")) or any(int(each) for each in lengths)

    def encoded(self) -> bytes:
        """Return the head as bytes for a library."""
        lines = [b"%b %b HTTP/%b" % (self.method, self.target, self.version)]
        lines += [b"%b: %b" % field for field in self.fields]
        return b"\r\n".join(lines) + END


def is_host(authority: bytes) -> bool:
    """Return whether this is a host, possibly with a port. Brackets must hold an IPv6 address."""
    if not _HOST.fullmatch(authority):
        return False
    if not authority.startswith(b"["):
        return True
    try:
        IPv6Address(authority[1:].partition(b"]")[0].decode())
    except ValueError:
        return False
    return True


def split_head(received: bytes | bytearray, seen: int = 0) -> tuple[RequestHead, int] | None:
    """Read the head at the start of `received`. Return it and its length in bytes.

    Return None if the head is incomplete. `seen` is the number of bytes that an earlier call has
    read; they are not read again, because a head that arrives byte by byte would cost a second of
    CPU time. One empty line before the head is skipped (RFC 9112, section 2.2). Raise
    `BadHeadError` as soon as the bytes cannot become a valid head of at most `MOST_BYTES`.
    """
    start = 2 if received[:2] == b"\r\n" else 0
    end = received.find(END, max(start, seen - len(END) + 1), MOST_BYTES)
    if end < 0:
        _refuse_a_bad_beginning(received, start, seen)
        return None
    return parse_head(bytes(received[start:end])), end + len(END)


def _refuse_a_bad_beginning(received: bytes | bytearray, start: int, seen: int) -> None:
    """Refuse bytes that cannot become a valid head without waiting for its end."""
    if len(received) >= MOST_BYTES:
        raise BadHeadError(431, f"The head of the request is longer than {MOST_BYTES} bytes.")
    is_begun = len(received) > start and received != b"\r"
    if is_begun and not _BEGINNING.match(received, start):
        raise BadHeadError(400, "This is not an HTTP request.")
    if _BARE_LINE_END.search(received, max(start, seen - 1)):
        raise BadHeadError(400, "Every line of an HTTP head must end with CR LF.")


def parse_head(head: bytes) -> RequestHead:
    """Parse a head without the empty line at its end. Raises `BadHeadError`."""
    request_line, *lines = head.split(b"\r\n")
    method, target, version = _request_line(request_line)
    if len(lines) > MOST_FIELDS:
        raise BadHeadError(431, f"The request has more than {MOST_FIELDS} header fields.")
    parsed = RequestHead(method, target, version, [_field(line) for line in lines])
    _check_framing(parsed)
    return _in_origin_form(parsed)


def _request_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    parts = _REQUEST_LINE.fullmatch(line)
    if parts is None:
        raise BadHeadError(400, "The request line is malformed.")
    method, target, major, minor = parts.groups()
    if major != b"1":
        raise BadHeadError(505, "This server supports HTTP/1.1 only.")
    return method, target, b"1.0" if minor == b"0" else b"1.1"


def _field(line: bytes) -> tuple[bytes, bytes]:
    parts = _FIELD.fullmatch(line)
    if parts is None:
        raise BadHeadError(400, "A header field is malformed.")
    return parts[1].lower(), parts[2].strip(b" \t")


def _check_framing(head: RequestHead) -> None:
    """Refuse a body whose length is not stated exactly once (RFC 9112, section 6)."""
    lengths, codings = head.values(b"content-length"), head.values(b"transfer-encoding")
    if len(lengths) + len(codings) > 1 or (codings and head.version == b"1.0"):
        raise BadHeadError(400, "The length of the body is given more than once.")
    if any(not _LENGTH.fullmatch(length) for length in lengths):
        raise BadHeadError(400, "Content-Length is malformed.")
    if any(coding.lower() != b"chunked" for coding in codings):
        raise BadHeadError(501, "This server supports only the transfer coding chunked.")


def _in_origin_form(head: RequestHead) -> RequestHead:
    """Return the head with a target in origin form. The host of an absolute form replaces Host."""
    hosts = head.values(b"host")
    if len(hosts) > 1 or (not hosts and head.version == b"1.1"):
        raise BadHeadError(400, "An HTTP/1.1 request must have exactly one Host field.")
    if not all(map(is_host, hosts)):
        raise BadHeadError(400, "The Host field is malformed.")
    if _ORIGIN_FORM.fullmatch(head.target):
        return head
    parts = _ABSOLUTE_FORM.fullmatch(head.target)
    if parts is None or not is_host(parts[1]):
        raise BadHeadError(400, "The target of the request must be a path or a URL.")
    authority, path, query = parts.groups(default=b"")
    others = [field for field in head.fields if field[0] != b"host"]
    return evolve(head, target=(path or b"/") + query, fields=[(b"host", authority), *others])

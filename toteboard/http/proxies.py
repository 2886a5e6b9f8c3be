"""The client's address, scheme and host: from the connection, or from the proxies in front of it.

`trusted_hops` is the number of proxies in front of the server. Each one appends what it saw to
`X-Forwarded-For`, `-Proto` and `-Host`. So the entry that counts is that many from the right; the
client can have written those to the left of it. Every value may be hostile.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from attrs import frozen

from actors.edge.gate import Visitor
from protocol.request_head import RequestHead, is_host
from toteboard.http.addresses import HOST_FIELD


@frozen
class RequestOrigin:
    """The source of a request. `fields`: its header, with the host that the client requested."""

    address: str
    scheme: str
    fields: Sequence[tuple[bytes, bytes]]


def request_origin(visitor: Visitor, head: RequestHead, trusted_hops: int) -> RequestOrigin:
    """Return the source of a request."""
    scheme = "https" if visitor.is_secure else "http"
    if not trusted_hops:
        return RequestOrigin(visitor.address, scheme, head.fields)
    forwarded = {
        name: _entry(head, b"x-forwarded-" + name, trusted_hops)
        for name in (b"for", b"proto", b"host")
    }
    host = forwarded[b"host"]
    fields = head.fields
    if HOST_FIELD.fullmatch(host.decode("latin-1")) and is_host(host):
        fields = [(b"host", host), *(field for field in fields if field[0] != b"host")]
    proto = forwarded[b"proto"].lower()
    return RequestOrigin(
        _address(forwarded[b"for"]) or visitor.address,
        proto.decode() if proto in (b"http", b"https") else scheme,
        fields,
    )


def _entry(head: RequestHead, name: bytes, trusted_hops: int) -> bytes:
    """Return the entry that the outermost trusted proxy wrote; b"" if there are too few."""
    entries = b",".join(head.values(name)).split(b",")
    return entries[-trusted_hops].strip() if len(entries) >= trusted_hops else b""


def _address(entry: bytes) -> str:
    try:
        return str(ip_address(entry.decode("ascii").strip("[]")))
    except ValueError:
        return ""

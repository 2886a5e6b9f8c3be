"""Who asks, and at which address: as the connection has it, or as the proxies in front say.

`trusted_hops` is how many proxies stand before the server. Each adds what it saw to the right of
`X-Forwarded-For`, `-Proto` and `-Host`, so the entry that counts is that many from the right; what
is left of it was written by the client. Every value is read as hostile.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from attrs import frozen

from actors.edge.gate import Visitor
from protocol.request_head import RequestHead, is_host
from toteboard.http.addresses import HOST


@frozen
class Origin:
    """Where a request comes from. `fields`: its header, with the host that the client asked for."""

    address: str
    scheme: str
    fields: Sequence[tuple[bytes, bytes]]


def origin_of(visitor: Visitor, head: RequestHead, trusted_hops: int) -> Origin:
    """Tell where a request of a visitor comes from."""
    scheme = "https" if visitor.is_secure else "http"
    if not trusted_hops:
        return Origin(visitor.address, scheme, head.fields)
    forwarded = {
        name: _entry(head, b"x-forwarded-" + name, trusted_hops)
        for name in (b"for", b"proto", b"host")
    }
    host = forwarded[b"host"]
    fields = head.fields
    if HOST.fullmatch(host.decode("latin-1")) and is_host(host):
        fields = [(b"host", host), *(field for field in fields if field[0] != b"host")]
    proto = forwarded[b"proto"].lower()
    return Origin(
        _address(forwarded[b"for"]) or visitor.address,
        proto.decode() if proto in (b"http", b"https") else scheme,
        fields,
    )


def _entry(head: RequestHead, name: bytes, trusted_hops: int) -> bytes:
    """The entry that the outermost trusted proxy has written, empty if there are too few."""
    entries = b",".join(head.values(name)).split(b",")
    return entries[-trusted_hops].strip() if len(entries) >= trusted_hops else b""


def _address(entry: bytes) -> str:
    try:
        return str(ip_address(entry.decode("ascii").strip("[]")))
    except ValueError:
        return ""

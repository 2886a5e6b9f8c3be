"""Who is at the other end of a connection, and what counts as one client there."""

from ipaddress import IPv6Address, ip_address

import trio


def peer_address(stream: trio.abc.Stream) -> str:
    """The IP address at the other end, empty if there is none or it has gone."""
    if isinstance(stream, trio.SSLStream):
        stream = stream.transport_stream
    if not isinstance(stream, trio.SocketStream):
        return ""
    try:
        return str(stream.socket.getpeername()[0])
    except (OSError, IndexError):
        return ""


def neighbourhood(address: str) -> str:
    """What attempts from an address are counted by: of IPv6, one customer has a whole /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{int(parsed) >> 64:x}/64"
    return str(parsed)

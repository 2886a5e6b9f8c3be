"""The address at the other end of a connection, and which addresses count as one client."""

from ipaddress import IPv6Address, ip_address

import trio


def peer_address(stream: trio.abc.Stream) -> str:
    """Return the peer's IP address, empty if there is none or the peer has disconnected."""
    if isinstance(stream, trio.SSLStream):
        stream = stream.transport_stream
    if not isinstance(stream, trio.SocketStream):
        return ""
    try:
        return str(stream.socket.getpeername()[0])
    except (OSError, IndexError):
        return ""


def neighbourhood(address: str) -> str:
    """Return the key to count attempts from an address by.

    An IPv6 customer has a whole /64, so all its addresses have one key.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{int(parsed) >> 64:x}/64"
    return str(parsed)

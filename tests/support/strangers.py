"""Send bytes from outside on a connection of their own, and read the answer."""

import trio
from wsproto import ConnectionType, WSConnection
from wsproto.events import Request

from tests.support.world import World

PATIENCE_S = 60.0
"""The timeout of a test, in simulated seconds. It promises nothing."""


def handshake(target: str) -> bytes:
    """Return a complete opening handshake for a path and query."""
    request = Request(host="toteboard.test", target=target)
    return WSConnection(ConnectionType.CLIENT).send(request)


async def answer_to(world: World, said: bytes) -> bytes:
    """Send bytes and return everything that the server sends until it closes."""
    stream = await world.listener.open()
    await stream.send_all(said)
    return await heard_until_hung_up(stream)


async def heard_until_hung_up(stream: trio.abc.Stream) -> bytes:
    """Read until the connection is closed."""
    heard = b""
    with trio.fail_after(PATIENCE_S):
        while data := await stream.receive_some():
            heard += bytes(data)
    await stream.aclose()
    return heard


def is_unauthorized(answer: bytes) -> bool:
    """Return whether the answer is exactly one HTTP 401."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 401 ") and body.count(b"\n") <= 3 and b'"res"' not in body

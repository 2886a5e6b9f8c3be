"""Bytes from outside, on a connection of their own, and all that is answered to them."""

import trio
from wsproto import ConnectionType, WSConnection
from wsproto.events import Request

from tests.support.world import World

PATIENCE_S = 60.0
"""Simulated: how long before a test gives up. Never a promise."""


def handshake(target: str) -> bytes:
    """A whole opening handshake for a path and query."""
    request = Request(host="toteboard.test", target=target)
    return WSConnection(ConnectionType.CLIENT).send(request)


async def answer_to(world: World, said: bytes) -> bytes:
    """What is answered to this until we are hung up on."""
    stream = await world.listener.open()
    await stream.send_all(said)
    return await heard_until_hung_up(stream)


async def heard_until_hung_up(stream: trio.abc.Stream) -> bytes:
    """Everything that still comes."""
    heard = b""
    with trio.fail_after(PATIENCE_S):
        while data := await stream.receive_some():
            heard += bytes(data)
    await stream.aclose()
    return heard


def is_unauthorized(answer: bytes) -> bool:
    """Whether it is one HTTP 401 and not a message more."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 401 ") and body.count(b"\n") <= 3 and b'"res"' not in body

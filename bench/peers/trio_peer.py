"""A server with trio-websocket in its simplest form: a channel and a writer task per subscriber."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, WebSocketRequest, serve_websocket

JOIN = 363
WAITING = 10_000
"""Messages that may wait for a subscriber."""
script: dict[str, Any] = orjson.loads(Path(sys.argv[1]).read_bytes())
joined: set[trio.MemorySendChannel[str]] = set()


def encoded(body: dict[str, Any]) -> str:
    """A message as text, with the time of now."""
    return orjson.dumps({"response_header": {"t": time.time_ns() // 1_000_000}, **body}).decode()


async def write(connection: WebSocketConnection, outbox: trio.MemoryReceiveChannel[str]) -> None:
    """Send what waits, one message after the other."""
    async for text in outbox:
        await connection.send_message(text)


async def talk(request: WebSocketRequest) -> None:
    """Answer a connection until it ends."""
    connection = await request.accept()
    outbox, waiting = trio.open_memory_channel[str](WAITING)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(write, connection, waiting)
            await read(connection, outbox)
    except* ConnectionClosed:
        pass
    finally:
        joined.discard(outbox)


async def read(connection: WebSocketConnection, outbox: trio.MemorySendChannel[str]) -> None:
    """Reply to each request and publish to the connections that have joined."""
    while True:
        request = orjson.loads(await connection.get_message())
        said = script[str(request["op"])]
        if request["op"] == JOIN:
            joined.add(outbox)
        await outbox.send(encoded(said["reply"]))
        if said["publication"]:
            text = encoded(said["publication"])
            for each in joined - {outbox}:
                await each.send(text)


async def main() -> None:
    """Serve until killed."""
    async with trio.open_nursery() as nursery:
        listen = partial(serve_websocket, talk, "127.0.0.1", 0, ssl_context=None)
        server = await nursery.start(listen)
        print(server.port, flush=True)


trio.run(main)

"""The Python library websockets (asyncio), with its `broadcast()`."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import orjson
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosedError

JOIN = 363
script: dict[str, Any] = orjson.loads(Path(sys.argv[1]).read_bytes())
joined: set[ServerConnection] = set()


def encoded(body: dict[str, Any]) -> str:
    """A message as text, with the time of now."""
    return orjson.dumps({"response_header": {"t": time.time_ns() // 1_000_000}, **body}).decode()


async def talk(connection: ServerConnection) -> None:
    """Answer a connection until it ends."""
    try:
        await answer(connection)
    except ConnectionClosedError:
        pass  # the crowd sends no close frames
    finally:
        joined.discard(connection)


async def answer(connection: ServerConnection) -> None:
    """Answer all requests of a connection."""
    async for text in connection:
        request = orjson.loads(text)
        said = script[str(request["op"])]
        if request["op"] == JOIN:
            joined.add(connection)
        await connection.send(encoded(said["reply"]))
        if said["publication"]:
            broadcast(joined - {connection}, encoded(said["publication"]))


async def main() -> None:
    """Serve until killed."""
    async with serve(
        talk, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=1_024
    ) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())

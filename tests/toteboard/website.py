"""The HTTP side of a server in the same process, on a real socket, with a client that asks it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import trio
from attrs import frozen

from storage.database import open_for_reading
from tests.world import World
from toteboard.http.side import HttpSide
from toteboard.settings import Settings

PASSWORD = "hunter2 hunter2"
WEBSOCKET_PORT = 9_999
NO_LIMITS: Mapping[str, Any] = {}


@frozen
class Website:
    """A world whose server has an HTTP side; `stop` is set when it is to say that it stops."""

    world: World
    side: HttpSide
    http: httpx.AsyncClient
    stop: trio.Event

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Send a JSON object."""
        return await self.http.post(path, json=body, headers=headers)

    async def sign_up(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Sign up."""
        return await self.post("/r/signup/", {"username": name, "password": password})

    async def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Sign in; whoever does can be connected by the world."""
        answer = await self.post("/r/login/", {"username": name, "password": password})
        if answer.status_code == 200:
            told = answer.json()
            self.world.keys[told["username"]] = (told["id"], told["user_session_key"])
        return answer


@asynccontextmanager
async def website(
    folder: Path,
    *,
    has_started: bool = True,
    page: Path | None = None,
    limits: Mapping[str, Any] = NO_LIMITS,
    **settings: Any,
) -> AsyncIterator[Website]:
    """Open one, in a folder of its own."""
    async with World(folder, **limits) as world:
        own = Settings(limits=world.limits, **settings)
        stop, over = trio.Event(), trio.Event()
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listener.socket.getsockname()[1]
        with closing(open_for_reading(world.path)) as counting:
            side = HttpSide(own, world.server.services, counting, stop, page or folder)
            async with trio.open_nursery() as nursery:
                await nursery.start(side.run, [listener], WEBSOCKET_PORT, None, over)
                if has_started:
                    side.health.started()
                url = f"http://127.0.0.1:{port}"
                async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                    yield Website(world, side, http, stop)
                over.set()

"""The HTTP side of a server in the same process, on real sockets, with clients for both ports."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import trio
from attrs import frozen

from actors.edge.gate import Gate
from storage.opening import open_for_reading
from tests.support.process import PATIENCE_S
from tests.support.world import World
from toteboard.http.side import HttpSide
from toteboard.settings import Settings
from toteboard.tokens.key_sources import KeySource
from toteboard.tokens.sign_in import TokenDesk

PASSWORD = "hunter2 hunter2"
PORT = 9_999
"""The public port, as the settings contain it."""
NO_LIMITS: Mapping[str, Any] = {}


@frozen
class Website:
    """A world whose server has an HTTP side. Set `stop` to make it report that it shuts down."""

    world: World
    side: HttpSide
    http: httpx.AsyncClient
    operators: httpx.AsyncClient
    stop: trio.Event

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Post a JSON object."""
        return await self.http.post(path, json=body, headers=headers)

    async def sign_up(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Sign up."""
        return await self.post("/r/signup/", {"username": name, "password": password})

    async def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Sign in. The world can then connect this user."""
        return await self._entered("/r/login/", name, password)

    async def sign_out(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Sign out of all devices. The world can then connect this user with the new key."""
        return await self._entered("/r/signout/", name, password)

    async def _entered(self, path: str, name: str, password: str) -> httpx.Response:
        answer = await self.post(path, {"username": name, "password": password})
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
    head_timeout_s: float = 10.0,
    keys: KeySource | None = None,
    **settings: Any,
) -> AsyncIterator[Website]:
    """Run a website in a folder of its own."""
    world = World(folder, **limits)
    own = Settings(limits=world.limits, database=str(world.path), **settings)
    if keys is not None:
        world.make_token_desk = partial(TokenDesk, own.tokens, keys, world.limits.initial_balance)
    async with world:
        stop = trio.Event()
        public, operator = [
            (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0] for _ in range(2)
        ]
        with closing(open_for_reading(world.path)) as counting:
            side = HttpSide(own, world.server, counting, stop, PORT, page or folder, keys=keys)
            gate = Gate(head_timeout_s=head_timeout_s, on_request=side.public.serve)
            async with trio.open_nursery() as nursery:
                await nursery.start(side.run, [operator])
                nursery.start_soon(trio.serve_listeners, gate.receive, [public])
                if has_started:
                    side.health.started()
                async with _client(public) as http, _client(operator) as operators:
                    yield Website(world, side, http, operators, stop)
                nursery.cancel_scope.cancel()


def _client(listener: trio.SocketListener) -> httpx.AsyncClient:
    port = listener.socket.getsockname()[1]
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30)


async def answered(site: Website, said: bytes, *, ends: bool = True) -> bytes:
    """Send bytes and return the answer until the server closes. If `ends`, close the sending
    side."""
    host, port = site.http.base_url.host, site.http.base_url.port
    heard = b""
    async with await trio.open_tcp_stream(host, port or 0) as stream:
        with trio.fail_after(PATIENCE_S), suppress(trio.BrokenResourceError):
            await stream.send_all(said)
            if ends:
                await stream.send_eof()
            while data := await stream.receive_some():
                heard += bytes(data)
    return heard

"""A whole server with pipes for its two ports, on simulated time, with a page to serve.

Work for threads runs immediately, and password hashing uses its minimal cost. So results do not
depend on the machine, and an input takes a millisecond.
"""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, closing, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import trio
from argon2 import PasswordHasher

from actors.clock import SteadyClock
from actors.commit.writer import Writer, inline
from protocol.limits import Limits
from storage.opening import open_for_reading
from storage.store import AddUser, NewUser
from tests.campaigns.dice import seeded
from tests.campaigns.fuzz.caller import Doorstep, Pipe
from tests.campaigns.fuzz.http.answers import SECRET
from tests.campaigns.fuzz.loop import Loop, settled
from tests.campaigns.fuzz.stage import copy_database
from tests.campaigns.sim.house import OpenServer
from tests.support.disks import open_unsynced
from tests.support.world import NOW
from toteboard.http.side import HttpSide
from toteboard.settings import Settings
from toteboard_client import signed_url

NAME, PASSWORD = "ann", "hunter2 hunter2"
HEAD_S: Final = 10.0
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SETTINGS = Settings(
    limits=Limits(
        rate_limit=0,
        ping_interval=10**9,
        handshake_timeout=round(HEAD_S * 1_000),
        allowed_origins=("https://friend.test",),
    ),
    trusted_hops=1,
)
PAGE = {
    "index.html": b"<!doctype html>",
    "style.css": b"body { color: black }" * 500,
    "app/main.js": b"1",
    "vendor/preact.js": b"2",
    ".hidden.js": SECRET,
    "package.json": SECRET,
    "app/secret.py": SECRET,
    "../outside.js": SECRET,
    "../page2/outside.js": SECRET,
}


class Stage:
    """Creates worlds in a folder, all in the same initial state. `address` signs ann in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lives = count(1)
        self._page = folder / "page"
        for name, content in PAGE.items():
            path = self._page / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        with seeded(NOW):
            self.address = self._set_up()

    def _set_up(self) -> str:
        with closing(open_unsynced(self._folder / "stage.db")) as operator:
            write = AddUser(NAME, False, {}, None, CHEAP.hash(PASSWORD))
            user = NewUser(**write.perform(operator, NOW))
        return signed_url("/", user.id, user.session_key)

    def begin(self) -> "Life":
        """Start a new world."""
        path = self._folder / f"{next(self._lives)}.db"
        copy_database(self._folder / "stage.db", path)
        return Life(path, self._page)


class Life:
    """One world from its start to its end. `side` is its HTTP side."""

    side: HttpSide

    def __init__(self, path: Path, page: Path) -> None:
        self._path, self._page = path, page
        self._doors = {"public": Doorstep(), "operator": Doorstep()}
        self._until_the_end = ExitStack()
        self._until_the_end.enter_context(seeded(NOW))
        self._until_the_end.enter_context(_all_at_once())
        self._loop = Loop(self._live)
        self.do = self._loop.do
        self.do(settled)

    def connect(self, port: str, *, is_deaf: bool) -> Pipe:
        """Open a new connection to a port."""
        pipe = Pipe(is_deaf=is_deaf)
        self._doors[port].put(pipe)
        return pipe

    def pass_time(self, seconds: float) -> None:
        """Let simulated time pass."""
        self._loop.pass_time(seconds)

    def tasks(self) -> int:
        """Return the number of all tasks."""

        async def tell() -> int:
            await settled()
            return trio.lowlevel.current_statistics().tasks_living

        living: int = self.do(tell)
        return living

    def end(self) -> None:
        """End the world between two steps, as a kill would."""
        self._loop.end()
        self._until_the_end.close()

    def remove(self) -> None:
        """Delete the file after the end."""
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()

    async def _live(self, loop: Loop) -> None:
        async with AsyncExitStack() as stack:
            reading, writing = (
                stack.enter_context(closing(open_unsynced(self._path))) for _ in range(2)
            )
            counting = stack.enter_context(closing(open_for_reading(self._path)))
            server = OpenServer(
                clock=SteadyClock(NOW),
                limits=SETTINGS.limits,
                reading=reading,
                writer=Writer(writing, off_loop=inline),
                version="fuzzed",
            )
            stop = trio.Event()
            self.side = HttpSide(SETTINGS, server, counting, stop, 9_999, self._page)
            nursery = await stack.enter_async_context(trio.open_nursery())
            await nursery.start(self.side.run, [self._doors["operator"]])
            public = [self._doors["public"]]
            serve = partial(server.serve, site=self.side.public)
            nursery.start_soon(serve, public, stop, self.side.health.started)
            await loop.serve()
            nursery.cancel_scope.cancel()


@contextmanager
def _all_at_once() -> Iterator[None]:
    async def at_once(work: Callable[..., Any], *arguments: Any, **_: Any) -> Any:
        await trio.lowlevel.checkpoint()
        return work(*arguments)

    with (
        patch("trio.to_thread.run_sync", at_once),
        patch("anyio._backends._trio.run_sync", at_once),
        patch("toteboard.hashing.HASHER", CHEAP),
        patch("toteboard.http.passwords.HASHER", CHEAP),
    ):
        yield

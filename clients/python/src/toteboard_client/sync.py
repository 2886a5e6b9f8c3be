"""The client without await, for scripts and notebooks: `from toteboard_client import sync`.

An event loop in a thread does the work. A call blocks its thread until the reply is there. The
thread ends with the session or the program.
"""

import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import ExitStack
from threading import Thread
from typing import Any, Final, Self, TypeVar

import anyio
from anyio.from_thread import BlockingPortal

from toteboard_client import game as asynchronous
from toteboard_client import session as sessions
from toteboard_client._generated.messages import GameJoined
from toteboard_client._generated.requests import SyncRequests
from toteboard_client._generated.sync_operations import SyncGameOperations, SyncSessionOperations
from toteboard_client.errors import Message, SessionClosedError
from toteboard_client.ids import GameId
from toteboard_client.news import BUFFER, News
from toteboard_client.sign_in import Credentials

Result = TypeVar("Result")
_END: Final = None


class _Caller:
    """Runs coroutines in the event loop, each for at most `timeout_s` (None: without a limit)."""

    def __init__(self, portal: BlockingPortal, timeout_s: float | None) -> None:
        self._portal, self._timeout_s = portal, timeout_s
        self.is_closed = False

    def run(self, function: Callable[..., Awaitable[Result]], *arguments: Any) -> Result:
        """Return the result. Raises `TimeoutError`, and what the function raises."""
        if self.is_closed:
            raise SessionClosedError("the session is closed")
        running: Future[Result] = self._portal.start_task_soon(self._in_time, function, arguments)
        try:
            return running.result()
        except BaseException:
            running.cancel()  # After Ctrl-C, it must not take news that the next call can return.
            raise

    async def _in_time(
        self, function: Callable[..., Awaitable[Result]], arguments: tuple[Any, ...]
    ) -> Result:
        with anyio.fail_after(self._timeout_s):
            return await function(*arguments)


class Game(SyncGameOperations):
    """A joined game, as `toteboard_client.Game`. A `for` loop yields its publications."""

    def __init__(self, game: asynchronous.Game, caller: _Caller) -> None:
        self._game, self._caller = game, caller
        self.game_id = game.game_id

    @property
    def joined(self) -> GameJoined:
        """Return the reply to the join."""
        return self._game.joined

    def _perform(self, op: int, parameters: Message, key: str | None) -> Any:
        return self._caller.run(self._game._perform, op, parameters, key)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> News:
        news = self._caller.run(self._next)
        if news is _END:
            raise StopIteration
        return news

    async def _next(self) -> News | None:
        return await anext(self._game, _END)


class Session(SyncSessionOperations, SyncRequests):
    """A session, as `toteboard_client.Session`. `open_session` creates it.

    A `for` loop yields its news. It ends with its `with` block, or with `close`.
    """

    def __init__(self, session: sessions.Session, caller: _Caller, exits: ExitStack) -> None:
        self._session, self._caller, self._exits = session, caller, exits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the session. Later calls raise `SessionClosedError`."""
        self._caller.is_closed = True
        self._exits.close()

    def join(self, game: GameId, *, since: int | None = None) -> Game:
        """Join a game, and return it with its publications. Raises `RefusedError`."""
        return Game(self._caller.run(self._join, game, since), self._caller)

    async def _join(self, game: GameId, since: int | None) -> asynchronous.Game:
        return await self._session.join(game, since=since)

    def _ask(self, op: int, parameters: Message, key: str | None) -> Message:
        return self._caller.run(self._session._ask, op, parameters, key)

    def _perform(self, op: int, parameters: Message, key: str | None) -> Any:
        return self._caller.run(self._session._perform, op, parameters, key)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> News:
        return self._caller.run(self._session.__anext__)


def open_session(
    url: str,
    credentials: Credentials | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    buffer: int = BUFFER,
    timeout_s: float | None = None,
) -> Session:
    """Open a session, as `toteboard_client.open_session`. Use it in a `with` block, or close it.

    A call, or waiting for news, raises `TimeoutError` after `timeout_s`. The request may have been
    executed then.
    """
    opening = sessions.open_session(url, credentials, tls=tls, buffer=buffer)
    with ExitStack() as exits:
        portal = _event_loop(exits)
        session = exits.enter_context(portal.wrap_async_context_manager(opening))
        return Session(session, _Caller(portal, timeout_s), exits.pop_all())


def _event_loop(exits: ExitStack) -> BlockingPortal:
    """Start an event loop in a thread of its own, and return the way into it."""
    started: Future[BlockingPortal] = Future()
    # The thread of anyio's `start_blocking_portal` would keep a program from ending.
    thread = Thread(target=_run, args=(started,), name="toteboard", daemon=True)
    thread.start()
    portal = started.result()
    exits.callback(thread.join)
    exits.callback(portal.call, portal.stop, True)
    return portal


def _run(started: Future[BlockingPortal]) -> None:
    """Run an event loop. If it cannot start, pass the error to the thread that waits for it."""
    try:
        anyio.run(_serve, started)
    except OSError as error:
        if started.done():
            raise
        started.set_exception(error)


async def _serve(started: Future[BlockingPortal]) -> None:
    async with BlockingPortal() as portal:
        started.set_result(portal)
        await portal.sleep_until_stopped()

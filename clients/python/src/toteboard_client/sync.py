"""The client without await, for scripts and notebooks: `from toteboard_client import sync`.

An event loop in a thread does the work. A call blocks its thread until the reply is there.
"""

import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

from toteboard_client import game as asynchronous
from toteboard_client import session as sessions
from toteboard_client._generated.messages import GameJoined
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
        result: Result = self._portal.call(self._in_time, function, arguments)
        return result

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


class Session(SyncSessionOperations):
    """A session, as `toteboard_client.Session`. A `for` loop yields its news."""

    def __init__(self, session: sessions.Session, caller: _Caller) -> None:
        self._session, self._caller = session, caller

    def join(self, game: GameId, *, since: int | None = None) -> Game:
        """Join a game, and return it with its publications. Raises `RefusedError`."""
        return Game(self._caller.run(self._join, game, since), self._caller)

    async def _join(self, game: GameId, since: int | None) -> asynchronous.Game:
        return await self._session.join(game, since=since)

    def _perform(self, op: int, parameters: Message, key: str | None) -> Any:
        return self._caller.run(self._session._perform, op, parameters, key)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> News:
        return self._caller.run(self._session.__anext__)


@contextmanager
def open_session(
    url: str,
    credentials: Credentials | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    buffer: int = BUFFER,
    timeout_s: float | None = None,
) -> Iterator[Session]:
    """Open a session, as `toteboard_client.open_session`.

    A call, or waiting for news, raises `TimeoutError` after `timeout_s`. The request may have been
    executed then.
    """
    opening = sessions.open_session(url, credentials, tls=tls, buffer=buffer)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opening) as session:
        caller = _Caller(portal, timeout_s)
        try:
            yield Session(session, caller)
        finally:
            caller.is_closed = True

"""What a session reports to its program: publications, and the state of the connection.

News of a game that the program follows (`Session.join`) go to the game; all others to the session.
Each has a bounded queue. A full queue drops news and never blocks.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import anyio

from toteboard_client.errors import Message, RefusedError
from toteboard_client.reading import Received, typed

BUFFER: Final = 1_000
"""News that may wait for the program."""


@dataclass(frozen=True)
class Dropped:
    """The connection is lost. The session reconnects automatically, and calls wait for it."""

    reason: str


@dataclass(frozen=True)
class Resumed:
    """The session is connected again. What was missed of these games follows."""

    game_ids: tuple[str, ...]


@dataclass(frozen=True)
class Missed:
    """The server cannot replay what was missed (`resync`). Request the details and the pools."""

    game_id: str


@dataclass(frozen=True)
class NotResumed:
    """The server refused to let the session join the game again. Nothing more of it follows."""

    game_id: str
    error: RefusedError


@dataclass(frozen=True)
class Skipped:
    """The program did not read for so long that news were dropped.

    The publications of games follow now, complete. Nothing else is repeated: balances, chat,
    presence, and news about the connection. The program can request the balances.
    """


News = Received | Dropped | Resumed | Missed | NotResumed | Skipped

_Queued = Message | Dropped | Resumed | Missed | NotResumed | Skipped
"""Publications wait as they came. Those that are dropped need not be read."""


class NewsClosedError(Exception):
    """The queue is closed, and everything in it has been read."""


class NewsBuffer:
    """The bounded queue of news for one reader."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: deque[_Queued] = deque()
        self._changed = anyio.Event()
        self._has_dropped = self._is_closed = False

    @property
    def has_room(self) -> bool:
        """Return whether one more fits."""
        return len(self._waiting) < self._size and not self._is_closed

    @property
    def is_read_after_drop(self) -> bool:
        """Return whether news were dropped and all earlier ones have been read."""
        return self._has_dropped and not self._waiting

    def put(self, news: _Queued) -> bool:
        """Add news, or drop it if there is no room. Return whether it was added."""
        if has_room := self.has_room:
            self._waiting.append(news)
            self._notify()
        else:
            self.note_drop()
        return has_room

    def note_drop(self) -> None:
        """Record that news were dropped."""
        self._has_dropped = True

    def report_drop(self) -> None:
        """Tell the program that news were dropped."""
        self._has_dropped = False
        self.put(Skipped())

    def close(self) -> None:
        """Accept no more news. Those that wait can still be read."""
        self._is_closed = True
        self._notify()

    async def next(self) -> News:
        """Return the next news. Raises `NewsClosedError`."""
        while not self._waiting:
            if self._is_closed:
                raise NewsClosedError
            await self._changed.wait()
        news = self._waiting.popleft()
        return typed(news) if isinstance(news, dict) else news

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


class Newsroom:
    """The queues of a session: its own, and one for each game that the program follows."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.session = NewsBuffer(size)
        self._games: dict[str, NewsBuffer] = {}

    def follow(self, game_id: str) -> NewsBuffer:
        """Open a queue for the news of a game."""
        self._games[game_id] = buffer = NewsBuffer(self._size)
        return buffer

    def leave(self, game_id: str) -> None:
        """Close the queue of a game, if it has one."""
        if buffer := self._games.pop(game_id, None):
            buffer.close()

    def of(self, game_id: str | None) -> NewsBuffer:
        """Return the queue for the news of a game."""
        return self.session if game_id is None else self._games.get(game_id, self.session)

    def close(self) -> None:
        """Close every queue."""
        for buffer in (self.session, *self._games.values()):
            buffer.close()

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._games))

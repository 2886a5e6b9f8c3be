"""What a session reports to its program: publications, and the state of the connection."""

from typing import Final

import trio
from attrs import frozen

from toteboard.client.calls import Message, ServerRefusedError

BUFFER: Final = 1_000
"""News that may wait for the program."""


@frozen
class Publication:
    """A message that the server published. `message` is the whole message."""

    message: Message

    @property
    def res(self) -> int:
        """Return its code: a `protocol.op.Response`, or a code that is newer than this client."""
        code: int = self.message["res"]
        return code

    @property
    def game_id(self) -> str | None:
        """Return the game that it names, if any. A balance update may name none."""
        game_id: str | None = self.message.get("game_id")
        return game_id


@frozen
class Dropped:
    """The connection is lost. The session reconnects automatically, and calls wait for it."""

    reason: str


@frozen
class Resumed:
    """The session is connected again. What was missed of these games follows."""

    game_ids: tuple[str, ...]


@frozen
class Missed:
    """The server cannot replay what was missed (`resync`). Request the details and the pools."""

    game_id: str


@frozen
class NotResumed:
    """The server refused to let the session join the game again. Nothing more of it follows."""

    game_id: str
    error: ServerRefusedError


@frozen
class Skipped:
    """The program did not read for so long that news were dropped.

    The publications of games follow now, complete. Nothing else is repeated: balances, chat,
    presence, and news about the connection. The program can request the balances.
    """


News = Publication | Dropped | Resumed | Missed | NotResumed | Skipped


class NewsBuffer:
    """The bounded queue of news for the program. A full buffer drops news and never blocks."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._put, self._take = trio.open_memory_channel[News](size)
        self._has_dropped = self._is_closed = False

    @property
    def has_room(self) -> bool:
        """Return whether one more fits."""
        used = self._take.statistics().current_buffer_used
        return used < self._size and not self._is_closed

    @property
    def is_read_after_drop(self) -> bool:
        """Return whether news were dropped and all earlier ones have been read."""
        return self._has_dropped and not self._take.statistics().current_buffer_used

    def put(self, news: News) -> bool:
        """Add news, or drop it if there is no room. Return whether it was added."""
        if has_room := self.has_room:
            self._put.send_nowait(news)
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
        self._put.close()

    async def next(self) -> News:
        """Return the next news. Raises `trio.EndOfChannel`."""
        return await self._take.receive()

"""What a session tells its program without being asked: publications, and how the session fares."""

from typing import Any, Final

import trio
from attrs import frozen

from toteboard.client.calls import ServerRefusedError

BUFFER: Final = 1_000
"""News that may wait for the program."""


@frozen
class Publication:
    """Something that the server told without being asked; `message` is all of it."""

    message: dict[str, Any]

    @property
    def res(self) -> int:
        """What it is: a `protocol.op.Response`, or a number that is newer than this client."""
        code: int = self.message["res"]
        return code

    @property
    def game_id(self) -> str | None:
        """The game that it names, if any: a balance update (815) may name none."""
        game_id: str | None = self.message.get("game_id")
        return game_id


@frozen
class Dropped:
    """The connection is lost; the session comes back by itself. Calls wait meanwhile."""

    reason: str


@frozen
class Resumed:
    """Connected again. What was missed of these games comes next."""

    game_ids: tuple[str, ...]


@frozen
class Missed:
    """More was missed of a game than the server sends again (`resync`): ask 372 and 387."""

    game_id: str


@frozen
class NotResumed:
    """The server did not let us into a game again: nothing more comes of it."""

    game_id: str
    error: ServerRefusedError


@frozen
class Skipped:
    """The program has not read for so long that some were passed over.

    What was published of games comes next, all of it. What is not kept anywhere (815, chat, who
    comes and goes, how the connection fared) does not come again: balances may be asked for.
    """


News = Publication | Dropped | Resumed | Missed | NotResumed | Skipped


class Newsstand:
    """Where news wait for the program, so many at most. Nobody waits for room: see `Session`."""

    def __init__(self, buffer: int) -> None:
        self._room = buffer
        self._put, self._take = trio.open_memory_channel[News](buffer)
        self._is_sold_out = self._is_closed = False

    @property
    def has_room(self) -> bool:
        """Whether one more may be put."""
        used = self._take.statistics().current_buffer_used
        return used < self._room and not self._is_closed

    @property
    def is_sold_out_and_read(self) -> bool:
        """Whether some were passed over, and all before them have been read."""
        return self._is_sold_out and not self._take.statistics().current_buffer_used

    def put(self, news: News) -> bool:
        """Tell the program, if there is room; whether there was."""
        if has_room := self.has_room:
            self._put.send_nowait(news)
        else:
            self.sell_out()
        return has_room

    def sell_out(self) -> None:
        """Something had to be passed over."""
        self._is_sold_out = True

    def reopen(self) -> None:
        """All has been read: say that some were passed over, and go on."""
        self._is_sold_out = False
        self.put(Skipped())

    def close(self) -> None:
        """Nothing more comes, beyond what waits."""
        self._is_closed = True
        self._put.close()

    async def next(self) -> News:
        """The next. Raises `trio.EndOfChannel`."""
        return await self._take.receive()

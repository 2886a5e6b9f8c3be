"""Tells readers of the journals which games have new facts.

A reader reads facts from the file at its own pace, however slow, and nothing waits for it: an actor
only notes its game in each watch after a commit. A watch in which too many games are noted drops
them, and lets its reader look through all games in the file instead.
"""

from collections.abc import Collection
from typing import Final

import trio

MOST_NOTED: Final = 10_000
"""Games that one watch keeps."""


class FactWatch:
    """The games that one reader has to look at.

    `sources`: the only sources that count; empty: all. `look_after`: the number of the game after
    which all games are to be looked through, None if that is done; it begins with all. `rounds`
    counts how often the reader had to begin again.
    """

    def __init__(self, sources: Collection[str] = ()) -> None:
        self._sources = frozenset(sources)
        self._games: dict[str, None] = {}
        self._noted, self._begins_again = trio.Event(), trio.Event()
        self.look_after: int | None = 0
        self.rounds = 0

    def note(self, game_id: str) -> None:
        """Note that a game has more facts."""
        if len(self._games) >= MOST_NOTED and game_id not in self._games:
            self.look_at_all()
        else:
            self._games[game_id] = None
            self._noted.set()

    def committed(self, game_id: str, source_id: str) -> None:
        """Note that facts of a game of this source are on disk, if the source counts."""
        if not self._sources or source_id in self._sources:
            self.note(game_id)

    def look_at_all(self) -> None:
        """Let the reader look through all games."""
        self._games.clear()
        self.look_after = 0
        self._noted.set()

    def next(self) -> str | None:
        """Return the game that was noted first, and forget it; None if there is none."""
        for game_id in self._games:
            del self._games[game_id]
            return game_id
        return None

    async def wait(self) -> None:
        """Wait until there is something to look at."""
        if not self._games and self.look_after is None:
            self._noted = trio.Event()
            await self._noted.wait()

    def begin_again(self) -> None:
        """Let the reader drop what it is doing and look through all games."""
        self.look_at_all()
        self.rounds += 1
        self._begins_again.set()
        self._begins_again = trio.Event()

    async def begins_again(self, since: int) -> None:
        """Wait until the reader has to begin again, since `rounds` had this value."""
        while self.rounds == since:
            await self._begins_again.wait()


class FactWatches:
    """All watches, by the names of their readers."""

    def __init__(self) -> None:
        self._watches: dict[str, FactWatch] = {}

    def add(self, name: str, sources: Collection[str] = ()) -> FactWatch:
        """Return a new watch for a reader, which begins with all games."""
        self._watches[name] = FactWatch(sources)
        return self._watches[name]

    def committed(self, game_id: str, source_id: str) -> None:
        """Note in all watches that facts of a game are on disk."""
        for watch in self._watches.values():
            watch.committed(game_id, source_id)

    def begin_again(self, name: str) -> None:
        """Let a reader begin again, if there is one with this name."""
        if (watch := self._watches.get(name)) is not None:
            watch.begin_again()

"""Watches the database's files while the server runs: whether they are in place, and the WAL.

The database. SQLite continues to write to a file that was moved or deleted, and to the `-wal` under
the old name. Commits are safe as long as both are kept, but the next start would not find them. So
the server is not ready until the file is back.

The WAL. SQLite empties it at commits, unless a reader that began earlier still needs it. When such
a reader has ended, the WAL is shortened here, while no commit waits.
"""

from collections.abc import Callable

import structlog
import trio

from actors.commit.writer import Writer
from storage.database import Database
from storage.errors import StorageError
from storage.opening import WAL_BYTES

log = structlog.get_logger()

INTERVAL_S = 1.0
"""Seconds between two checks. A check is two system calls."""
MOVED = "database file moved"


class FileWatch:
    """`is_in_place` returns whether the database is still under its name; `reading` reads it."""

    def __init__(self, is_in_place: Callable[[], bool], reading: Database, writer: Writer) -> None:
        self._is_in_place = is_in_place
        self._reading = reading
        self._writer = writer
        self._is_moved = False

    async def run(self) -> None:
        """Check once a second, until cancelled."""
        while True:
            self.look()
            if self._reading.wal_bytes() > WAL_BYTES and self._writer.is_idle:
                await self._shorten_wal()
            await trio.sleep(INTERVAL_S)

    def look(self) -> None:
        """Check the file. Log once that it is gone from its place, and once that it is back."""
        was_moved, self._is_moved = self._is_moved, not self._is_in_place()
        if self._is_moved and not was_moved:
            log.error("database_moved")
        elif was_moved and not self._is_moved:
            log.info("database_back")

    def trouble(self) -> str | None:
        """Return why the server is not ready (`/readyz`)."""
        return MOVED if self._is_moved else None

    async def _shorten_wal(self) -> None:
        try:
            await self._writer.shorten_wal()
        except StorageError as error:
            log.error("storage_failed", error=str(error))

"""Looks after the database's files while the server runs: are they in place, is the WAL short.

The database. SQLite goes on writing to a file that was moved or deleted, and to the `-wal` under
the old name. What is committed is safe as long as both are kept, but the next start would look
elsewhere: so the server says that it is not ready until the file is back.

The WAL. SQLite empties it at commits, unless a reader that began earlier still needs it. What is
left over when the reader has ended is made up for here, while no commit waits.
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
"""Between two looks: each is two calls of the system."""
MOVED = "database file moved"


class FileWatch:
    """`is_in_place` tells whether the database is still under its name; `reading` is of it."""

    def __init__(self, is_in_place: Callable[[], bool], reading: Database, writer: Writer) -> None:
        self._is_in_place = is_in_place
        self._reading = reading
        self._writer = writer
        self._is_moved = False

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.look()
            if self._reading.wal_bytes() > WAL_BYTES and self._writer.is_idle:
                await self._shorten_wal()
            await trio.sleep(INTERVAL_S)

    def look(self) -> None:
        """Notice, and log once, that the file is gone from its place or is back."""
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

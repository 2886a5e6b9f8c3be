"""Watches the database's files while the server runs: whether they are in place, and the WAL.

The database. SQLite continues to write to a file that was moved or deleted, and to its `-wal`.
Commits are safe as long as both are kept, but the next start would not find them. So the server is
not ready until the files are back. If another process wrote to the database file, commits may be
lost (`storage/header.py`). Then the server is not ready until it is restarted.

The WAL. SQLite empties it at commits, unless a reader that began earlier still needs it. When such
a reader has ended, the WAL is shortened here, while no commit waits.
"""

import structlog
import trio

from actors.commit.writer import Writer
from storage.database import Database
from storage.errors import StorageError
from storage.lock import ServerLock
from storage.opening import WAL_BYTES

log = structlog.get_logger()

INTERVAL_S = 1.0
"""Seconds between two checks. A check is a few system calls."""
MOVED = "database file moved"
REPLACED = "database file replaced"


class FileWatch:
    """Watches the file of the `lock` that the server holds; `reading` reads it."""

    def __init__(self, lock: ServerLock, reading: Database, writer: Writer) -> None:
        self._lock = lock
        self._reading = reading
        self._writer = writer
        self._header, self._versions = lock.header(), reading.versions()
        self._wal = reading.wal_inode()
        self._is_moved = False
        self._is_replaced = False

    async def run(self) -> None:
        """Check once a second, until cancelled."""
        while True:
            self.look()
            if self._reading.wal_bytes() > WAL_BYTES and self._writer.is_idle:
                await self._shorten_wal()
            await trio.sleep(INTERVAL_S)

    def look(self) -> None:
        """Check the files. Log once that one is gone from its place, is back, or is written to."""
        was_moved, self._is_moved = self._is_moved, not self._are_in_place()
        if self._is_moved and not was_moved:
            log.error("database_moved")
        elif was_moved and not self._is_moved:
            log.info("database_back")
        if not self._is_replaced and not self._is_ours():
            self._is_replaced = True
            log.error("database_replaced")

    def trouble(self) -> str | None:
        """Return why the server is not ready (`/readyz`)."""
        if self._is_replaced:
            return REPLACED
        return MOVED if self._is_moved else None

    def _are_in_place(self) -> bool:
        return self._lock.is_in_place() and self._reading.wal_inode() == self._wal

    def _is_ours(self) -> bool:
        """Return whether only this server has written to the file since the last check."""
        before, self._header = self._header, self._lock.header()
        return before.can_become(self._header, self._versions)

    async def _shorten_wal(self) -> None:
        try:
            await self._writer.shorten_wal()
        except StorageError as error:
            log.error("storage_failed", error=str(error))

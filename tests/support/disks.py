"""Disks for a server in the test's own process: without syncs, full, or held."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio

from actors.commit.writer import Writer
from storage.database import Database
from storage.errors import StorageError
from storage.opening import open_database


def open_unsynced(path: Path) -> Database:
    """Open a database that never syncs. Only a power cut could show the difference."""
    database = open_database(path)
    database.execute("PRAGMA synchronous=OFF")
    return database


def close_elsewhere(path: Path) -> None:
    """Let another process change and close a database. The last one to close removes the WAL."""
    code = """if 1:
        import sqlite3, sys
        sqlite3.connect(sys.argv[1]).execute("UPDATE users SET disabled = 0").connection.close()"""
    subprocess.run([sys.executable, "-c", code, path], check=True)


class FullDisk:
    """Fail every write to any database while `is_full`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        write = Database.write

        def full_or_not(database: Database, changes: Any) -> None:
            if self.is_full:
                raise StorageError("database or disk is full")
            write(database, changes)

        monkeypatch.setattr(Database, "write", full_or_not)


class HeldDisk:
    """Hold a writer's commits until `spin`, then fail those in `fails`, counted from 1."""

    def __init__(self, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._goes = trio.Event()
        self._commits = 0
        self.fails: set[int] = set()
        self._off_loop = writer._off_loop
        monkeypatch.setattr(writer, "_off_loop", self._commit)

    def spin(self) -> None:
        """Let the held commits continue."""
        self._goes.set()

    async def _commit(self, work: Callable[..., None], *arguments: Any) -> None:
        self._commits += 1
        number = self._commits
        await self._goes.wait()
        if number in self.fails:
            raise StorageError("full")
        await self._off_loop(work, *arguments)

"""PostgreSQL in memory: a primary, a standby that acknowledges, and one that may lag.

What a commit goes through:

    its row is locked            by another session: it waits for LOCK_S, and then fails
    it is in the WAL             the primary has it, and no session sees it
    the standby has it           seen by all; the answer is a clean yes
    or: the wait was cancelled   seen by all; the answer is a yes with a warning
    or: the primary restarts     seen by all; there is no answer

The promotion of the standby loses what it did not have, and so nothing that had a clean yes. The
promotion of the one that lags does.
"""

import sqlite3
from typing import Any, Final

import psycopg
import trio
from attrs import Factory, define
from psycopg import errors

from storage.cluster.connection import LOCK_MS
from storage.records import LogRecord
from tests.campaigns.terms.dialect import is_query
from tests.campaigns.terms.replica import Entry, Replica, Result, Statement

LOCK_S: Final = LOCK_MS / 1_000
LOOK_S: Final = 0.01
"""How often a statement that waits looks again, in seconds."""
ACKNOWLEDGES_S: Final = 0.002
"""How long the standby takes."""


@define(eq=False)
class Answer:
    """What a session is answered, once it has `come`: a result, perhaps with a warning."""

    come: trio.Event = Factory(trio.Event)
    result: Result | None = None
    error: psycopg.Error | None = None
    has_warning: bool = False

    def give(self, result: Result | None, error: psycopg.Error | None = None) -> None:
        """Answer."""
        self.result, self.error = result, error


@define(eq=False)
class _Commit:
    entry: Entry
    position: int
    is_cancelled: bool = False


class Engine:
    """The engine. `term` rises when sessions are lost.

    Its time is trio's and `offset_s`, and wrong by `ahead_s`.
    """

    def __init__(self, offset_s: float, cluster: str) -> None:
        self._offset_s, self.ahead_s = offset_s, 0.0
        self.primary, self._standby, self._laggard = (Replica() for _ in range(3))
        self.primary.found(cluster)
        for other in (self._standby, self._laggard):
            other.copy_of(self.primary)
        self._wal: list[Entry] = []
        self._waiting: list[_Commit] = []
        self._locks: set[tuple[str, Any]] = set()
        self.term = 0
        self.is_up, self.is_full = True, False
        self.standby_stalls, self.laggard_stalls = False, False

    def _now(self) -> float:
        """Return the time (epoch s)."""
        return trio.current_time() + self._offset_s + self.ahead_s

    # Statements.

    async def run(self, term: int, statement: Statement, values: tuple[Any, ...]) -> Answer:
        """Run a statement for a session of a term."""
        answer = Answer()
        try:
            self._refuse_if_lost(term)
            if is_query(statement):
                answer.give(self.primary.run(Entry(statement, values, self._now())))
            else:
                await self._change(term, Entry(statement, values, self._now()), answer)
        except psycopg.Error as error:
            answer.give(None, error)
        except sqlite3.IntegrityError as error:
            answer.give(None, errors.UniqueViolation(str(error)))
        return answer

    async def _change(self, term: int, entry: Entry, answer: Answer) -> None:
        await self._locked(term, entry)
        try:
            if self.is_full:
                raise errors.DiskFull("no space left on device")
            entry = Entry(entry.statement, entry.values, self._now())
            result = self.primary.try_out(entry)
            if result.count:
                await self._commit(term, entry, answer)
            answer.give(result)
        finally:
            if term == self.term:
                self._locks.discard(entry.lock)

    async def _locked(self, term: int, entry: Entry) -> None:
        until = trio.current_time() + LOCK_S
        while entry.lock in self._locks:
            if trio.current_time() >= until:
                raise errors.LockNotAvailable("canceling statement due to lock timeout")
            await trio.sleep(LOOK_S)
            self._refuse_if_lost(term)
        self._locks.add(entry.lock)

    async def _commit(self, term: int, entry: Entry, answer: Answer) -> None:
        self._wal.append(entry)
        commit = _Commit(entry, len(self._wal))
        self._waiting.append(commit)
        await trio.sleep(ACKNOWLEDGES_S)
        self._replicate()
        while term == self.term and not commit.is_cancelled:
            if self._standby.applied >= commit.position:
                break
            await trio.sleep(LOOK_S)
        self._refuse_if_lost(term)
        self._waiting.remove(commit)
        self.primary.run(entry)
        answer.has_warning = self._standby.applied < commit.position

    def _refuse_if_lost(self, term: int) -> None:
        if term != self.term or not self.is_up:
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def _replicate(self) -> None:
        for replica, stalls in (
            (self._standby, self.standby_stalls),
            (self._laggard, self.laggard_stalls),
        ):
            if not stalls:
                replica.apply(self._wal[replica.applied :])

    # What befalls it.

    def resume_standbys(self) -> None:
        """Let both standbys go on."""
        self.standby_stalls = self.laggard_stalls = False
        self._replicate()

    def cancel_waits(self) -> None:
        """Cancel all waits for the standby, as `pg_cancel_backend` does."""
        for commit in self._waiting:
            commit.is_cancelled = True

    def stop(self) -> None:
        """End the primary, and with it all sessions."""
        self.term += 1
        self.is_up = False

    def restart(self) -> None:
        """Start the same primary again: it has all that is in its WAL."""
        for commit in self._waiting:
            self.primary.run(commit.entry)
        self._begin()

    def promote(self, *, laggard: bool = False) -> None:
        """Make a standby the primary. The others follow it."""
        chosen = self._laggard if laggard else self._standby
        del self._wal[chosen.applied :]
        self.primary.copy_of(chosen)
        for other in (self._standby, self._laggard):
            other.copy_of(chosen)
        self._begin()

    def _begin(self) -> None:
        self._waiting.clear()
        self._locks.clear()
        self.term += 1
        self.is_up = True
        self.resume_standbys()

    # What is looked at.

    @property
    def end(self) -> int:
        """The idx of the log's last record."""
        sql = "SELECT coalesce(max(idx), 0) FROM toteboard_log"
        return int((self.primary.run(Entry(sql, (), self._now())).rows or [])[0][0])

    def records(self) -> list[LogRecord]:
        """Return the log, as sessions see it."""
        sql = "SELECT idx, epoch, level, at, kind, chain, body FROM toteboard_log ORDER BY idx"
        rows = self.primary.run(Entry(sql, (), self._now())).rows or []
        return [LogRecord(*row) for row in rows]

    def close(self) -> None:
        """Free the memory."""
        for replica in (self.primary, self._standby, self._laggard):
            replica.close()

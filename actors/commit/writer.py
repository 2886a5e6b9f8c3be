"""The only writer: combines the changes of all callers into durable commits (group commit).

A caller passes its changes to `commit` and waits. `run` takes every waiting unit, until it has
`MOST_ROWS` rows, and writes them in one SQLite transaction, in `actors/commit/disk_thread.py`.
Units that arrive meanwhile form the next transaction. No timer delays a commit: a lone unit is
written immediately.

Guarantees. `commit` returns only after the transaction is on disk (WAL, synchronous=FULL). A unit
is stored in full or not at all. Units are committed in the order received.

Failures. If SQLite rejects a row (`RowRefusedError`), each unit is retried in a transaction of its
own, so one bad unit cannot fail the others. On any other `StorageError`, such as a full disk, the
whole batch fails and nothing of it is stored. The caller decides what that means: an actor refuses
its requests as `overloaded` and rebuilds its state from the journal.

State. `state` tells whether the latest write reached the disk. Readiness (`/readyz`) rests on it,
and a failed storage is tried again by `probe`:

    UNTRIED --- a write succeeds ---> STORING <--- a write succeeds --- FAILING
       |                                 |                                 ^
       +-------- a write fails ----------+---------- a write fails --------+

Cancellation is delayed until the outcome is known: the transaction may already be on disk.

A node of a cluster that no longer leads (`LeadershipLostError`) may say neither yes nor no: what it
was to store may be in the cluster's log. So `commit` does not return, and `run` raises the error.
The nursery of the server then ends all tasks that wait.

Fairness. After a commit, callers are woken `WOKEN_AT_ONCE` at a time with a checkpoint in between,
so that a large batch does not delay timers.

`perform` decides and commits a named write (`storage/store.py`), such as a sign-up, between two
commits and in its own transaction. `stop` ends `run` once all queued units are committed. If `run`
ends early, waiting callers get `StorageError`. In simulated time, work runs on the event loop
(`inline`), because a simulated clock does not wait for threads.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Any, TypeVar

import structlog
import trio
from attrs import Factory, define

from actors.counters import Counters
from storage.changes import Change
from storage.database import Database
from storage.errors import LeadershipLostError, RowRefusedError, StorageError
from storage.write import Values, Write

log = structlog.get_logger()
Result = TypeVar("Result")

MOST_ROWS = 20_000
"""Rows in one transaction at most, so that one commit does not delay all the others for long."""
WOKEN_AT_ONCE = 128
"""Callers to wake before other tasks may run, so that a large batch does not delay timers."""


class StorageState(Enum):
    """Whether the latest write reached the disk."""

    UNTRIED = auto()
    STORING = auto()
    FAILING = auto()


async def inline(work: Callable[..., Result], *arguments: Any) -> Result:
    """Run blocking work on the event loop: for simulated time, which does not wait for threads."""
    await trio.lowlevel.checkpoint()
    return work(*arguments)


@define(eq=False)
class _Unit:
    """The changes of one caller, stored in full or not at all."""

    changes: Sequence[Change]
    error: StorageError | None = None
    finished: trio.Event = Factory(trio.Event)

    def fail_unless_finished(self, error: StorageError) -> None:
        """Fail the unit because the writer has ended before the unit was known to be on disk."""
        if not self.finished.is_set():
            self.error = error
            self.finished.set()


class Writer:
    """Commits for all callers. `run` must be running, and nothing else may use `database`.

    `off_loop` runs blocking work and waits for it: `DiskThread.perform`, or `inline`.
    """

    def __init__(self, database: Database, *, off_loop: Callable[..., Any]) -> None:
        self._database = database
        self._off_loop = off_loop
        self._turn = trio.Lock()
        self.counters = Counters()
        self.state = StorageState.UNTRIED
        self._lost: LeadershipLostError | None = None
        self._send, self._receive = trio.open_memory_channel[_Unit](float("inf"))

    async def commit(self, changes: Sequence[Change], finished: trio.Event | None = None) -> None:
        """Store `changes` durably, all or none. Return once they are on disk.

        `finished` is set when the outcome is known, before any later commit. Raise StorageError if
        they were not stored. Cancellation is delivered only after the outcome is known.
        """
        unit = _Unit(changes) if finished is None else _Unit(changes, finished=finished)
        try:
            self._send.send_nowait(unit)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            unit.fail_unless_finished(self._end())
        with trio.CancelScope(shield=True):
            await unit.finished.wait()
        if isinstance(unit.error, LeadershipLostError):
            await trio.sleep_forever()  # `run` raises it, which cancels this task
        if unit.error is not None:
            raise unit.error

    async def perform(self, write: Write, now_ms: int) -> Values:
        """Decide a named write and commit it, between two commits; return its values.

        Raise what it raises. Cancellation is delivered only after the outcome is known.
        """
        values: Values = await self._between_commits(write.perform, now_ms)
        return values

    async def probe(self) -> None:
        """Commit a write that changes nothing, to learn `state`. Raise StorageError."""
        await self._between_commits(lambda database: database.probe())

    async def shorten_wal(self) -> None:
        """Move the commits in the WAL into the file, if readers allow it. Raise StorageError."""
        await self._between_commits(Database.checkpoint)

    @property
    def is_idle(self) -> bool:
        """Whether no change waits for a commit and the latest write reached the disk."""
        waiting = self._receive.statistics().current_buffer_used
        is_storing = self.state is StorageState.STORING
        return not waiting and not self._turn.locked() and is_storing

    async def run(self) -> None:
        """Commit what callers pass in, until `stop`. Fail the units that still wait at the end.

        Raise LeadershipLostError.
        """
        units: list[_Unit] = []
        try:
            async for first in self._receive:
                units = [first]
                async with self._in_turn():
                    units = self._joined(first)
                    await self._write(units)
            if self._lost is not None:
                raise self._lost
        finally:
            while self._receive.statistics().current_buffer_used:
                units.append(self._receive.receive_nowait())
            self._receive.close()
            for unit in units:
                unit.fail_unless_finished(self._end())

    def stop(self) -> None:
        """Let `run` end once all queued units are committed."""
        self._send.close()

    async def _between_commits(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run work on the database between two commits, and note whether the storage failed."""
        with trio.CancelScope(shield=True):
            async with self._in_turn():
                try:
                    result = await self._off_loop(work, self._database, *arguments)
                except RowRefusedError:
                    raise  # the row is at fault, not the disk
                except StorageError as error:
                    self._failed(error)
                    raise
                self.state = StorageState.STORING
        return result

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Wait until no other work is under way. If there is none, no other task runs meanwhile."""
        try:
            self._turn.acquire_nowait()
        except trio.WouldBlock:
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    def _end(self) -> StorageError:
        return self._lost or StorageError("the writer has ended")

    def _failed(self, error: StorageError) -> None:
        self.state = StorageState.FAILING
        self.counters.commit_failed()
        if isinstance(error, LeadershipLostError):
            self._lost = error
            self.stop()

    def _stored(self, duration_s: float, units: int) -> None:
        self.state = StorageState.STORING
        self.counters.commit(duration_s, units)

    def _joined(self, first: _Unit) -> list[_Unit]:
        units, rows = [first], len(first.changes)
        while rows < MOST_ROWS:
            try:
                unit = self._receive.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                break
            units.append(unit)
            rows += len(unit.changes)
        return units

    async def _write(self, units: list[_Unit]) -> None:
        """Write all units in one transaction. If a row is at fault, write each unit alone."""
        started = trio.current_time()
        try:
            await self._off_loop(self._database.write, [c for u in units for c in u.changes])
        except RowRefusedError as error:
            log.error("journal_commit_failed", batch=len(units), error=str(error))
            await self._write_apart(units)
        except StorageError as error:
            log.error("journal_commit_failed", batch=len(units), error=str(error))
            self._failed(error)
            for unit in units:
                unit.error = error
        else:
            self._stored(trio.current_time() - started, len(units))
        log.debug(
            "journal_commit",
            batch=len(units),
            rows=sum(len(unit.changes) for unit in units),
            duration_ms=round((trio.current_time() - started) * 1_000, 3),
        )
        for count, unit in enumerate(units, start=1):
            unit.finished.set()
            if count % WOKEN_AT_ONCE == 0:
                # Shielded: the units are on disk, so every caller must learn it.
                await trio.lowlevel.cancel_shielded_checkpoint()

    async def _write_apart(self, units: list[_Unit]) -> None:
        for unit in units:
            started = trio.current_time()
            try:
                await self._off_loop(self._database.write, unit.changes)
            except RowRefusedError as error:
                unit.error = error
            except StorageError as error:
                unit.error = error
                self._failed(error)
            else:
                self._stored(trio.current_time() - started, 1)

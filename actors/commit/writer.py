"""The one writer: joins what all actors hand in at a moment into one durable commit.

Whoever awaits `commit` hears of it only once it is on disk: nothing is told before that. The SQL
is in `storage`; what a commit means is the caller's business.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog
import trio
from attrs import Factory, define

from actors.counters import Counters
from storage.changes import Change
from storage.database import Database
from storage.errors import RowRefusedError, StorageError

log = structlog.get_logger()
Result = TypeVar("Result")

MOST_ROWS = 20_000
"""Rows in one transaction, so that one commit does not keep everyone waiting for too long."""
WOKEN_TOGETHER = 128
"""Callers that go on before others may work: what falls due meanwhile must not wait for them."""


async def in_thread(work: Callable[..., Result], *arguments: Any) -> Result:
    """Run blocking work off the loop; not abandoned when cancelled, for it cannot be undone."""
    return await trio.to_thread.run_sync(work, *arguments)


async def inline(work: Callable[..., Result], *arguments: Any) -> Result:
    """Run blocking work on the loop: for simulated time, which does not wait for threads."""
    await trio.lowlevel.checkpoint()
    return work(*arguments)


@define(eq=False)
class _Unit:
    """What one caller wants committed, whole or not at all."""

    changes: Sequence[Change]
    error: StorageError | None = None
    finished: trio.Event = Factory(trio.Event)

    def fail_unless_finished(self) -> None:
        """The writer ends: what is not known to be on disk is not."""
        if not self.finished.is_set():
            self.error = StorageError("the writer has ended")
            self.finished.set()


class Writer:
    """Commits for everyone. `run` must be running; `database` must not be used by anybody else."""

    def __init__(self, database: Database, *, off_loop: Callable[..., Any] = in_thread) -> None:
        self._database = database
        self._off_loop = off_loop
        self._turn = trio.Lock()
        self.counters = Counters()
        self._send, self._receive = trio.open_memory_channel[_Unit](float("inf"))

    async def commit(self, changes: Sequence[Change]) -> None:
        """Returns once all the changes are durable. Raises `StorageError`: none of them is.

        Not cancelled half-way: who began to wait learns the outcome.
        """
        unit = _Unit(changes)
        try:
            self._send.send_nowait(unit)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise StorageError("the writer has ended") from None
        with trio.CancelScope(shield=True):
            await unit.finished.wait()
        if unit.error is not None:
            raise unit.error

    async def perform(self, work: Callable[[Database], Result]) -> Result:
        """Let `work` read and change the database, between two commits; gives what it gives.

        For what is seldom and has to read what it changes, in a transaction of its own. Not
        cancelled half-way. Raises what it raises.
        """
        with trio.CancelScope(shield=True):
            async with self._turn:
                result = await self._perform(work)
        return result

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits for a commit and the latest was stored."""
        waiting = self._receive.statistics().current_buffer_used
        return not waiting and not self._turn.locked() and self.counters.is_storing

    async def run(self) -> None:
        """Commit what is handed in, until `stop`. Whoever still waits when it ends is told no."""
        units: list[_Unit] = []
        try:
            async for first in self._receive:
                units = [first]
                async with self._turn:
                    units = self._joined(first)
                    await self._write(units)
        finally:
            while self._receive.statistics().current_buffer_used:
                units.append(self._receive.receive_nowait())
            self._receive.close()
            for unit in units:
                unit.fail_unless_finished()

    async def _perform(self, work: Callable[[Database], Result]) -> Result:
        try:
            result: Result = await self._off_loop(work, self._database)
        except RowRefusedError:
            raise  # what was asked for cannot be: the disk is none the worse
        except StorageError:
            self.counters.commit_failed()
            raise
        self.counters.is_storing = True
        return result

    def stop(self) -> None:
        """Let `run` end once everything handed in is committed."""
        self._send.close()

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
        """All in one transaction; if a row is at fault, each alone, so that none fails another."""
        started = trio.current_time()
        try:
            await self._off_loop(self._database.write, [c for u in units for c in u.changes])
        except RowRefusedError as error:
            log.error("journal_commit_failed", batch=len(units), error=str(error))
            await self._write_apart(units)
        except StorageError as error:
            log.error("journal_commit_failed", batch=len(units), error=str(error))
            self.counters.commit_failed()
            for unit in units:
                unit.error = error
        else:
            self.counters.commit(trio.current_time() - started, len(units))
        log.debug(
            "journal_commit",
            batch=len(units),
            rows=sum(len(unit.changes) for unit in units),
            duration_ms=round((trio.current_time() - started) * 1_000, 3),
        )
        for count, unit in enumerate(units, start=1):
            unit.finished.set()
            if count % WOKEN_TOGETHER == 0:
                await trio.lowlevel.cancel_shielded_checkpoint()  # it is on disk

    async def _write_apart(self, units: list[_Unit]) -> None:
        for unit in units:
            started = trio.current_time()
            try:
                await self._off_loop(self._database.write, unit.changes)
            except RowRefusedError as error:
                unit.error = error
            except StorageError as error:
                unit.error = error
                self.counters.commit_failed()
            else:
                self.counters.commit(trio.current_time() - started, 1)

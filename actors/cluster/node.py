"""A node's life: it follows the log, campaigns when no node leads, leads, and follows again.

Theory of operation
===================

                 the lease is over, or was given to this node;
                 all records are read; the clock is right
      following ------------------------------------------> campaign: take the lease, append the
        ^   ^                                                record of the new epoch
        |   |   another node was first, or the outcome is not known    |
        |   +----------------------------------------------------------+
        |                                                              | confirmed: apply the rest
        |   deposed, the margin is over, handed over                   v
        +------------------------------------------------------------ leading ---> stop: released

A candidate has read all records, confirmed or not. The clean acknowledgement of its epoch's record,
behind them, confirms them all. While a cluster is upgraded, nodes of older releases go first
(`precedence.py`).

Two tasks run beside a leader: one keeps the lease (`lease_keeper.py`), the other ends the term when
the margin is over. A term ends by LeadershipLostError, from them or from the writer, or in order by
`Term.stop`.

If the log has lost a confirmed record, the node lets no other lead either, and stays, not ready.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog
import trio
from attrs import frozen

from actors.clock import Clock
from actors.cluster.checker import Checker
from actors.cluster.commands import NodeCommands
from actors.cluster.engine_thread import EngineThread, OffLoop
from actors.cluster.follower import WENT_BACK, Follower
from actors.cluster.leadership import Leader
from actors.cluster.lease_keeper import LeaseKeeper, Renewal
from actors.cluster.margin import Margin
from actors.cluster.precedence import Precedence
from storage.cluster.appender import Appended, Appender
from storage.cluster.connection import Deadline
from storage.cluster.engine import ClusterEngine
from storage.cluster.leading import LeadingDatabase
from storage.cluster.lease import Lease
from storage.cluster.look import LogLook
from storage.cluster.nodes import NodeReport, present
from storage.database import Database
from storage.errors import LeadershipLostError, LogWentBackError, StorageError
from storage.migrations import latest_version
from storage.records import LogPlace, epoch_record

log = structlog.get_logger()

ASK_AGAIN_S: Final = 0.1
"""The pause before a question to the engine is asked again, in seconds."""


@frozen(eq=False)
class Term:
    """The time in which this node leads.

    `since` is the time of its first record (epoch ms): the leader's clock never goes below it.
    """

    epoch: int
    since: int
    database: LeadingDatabase
    margin: Margin
    stop: trio.Event
    """Set when the term is to end in order."""


class Node:
    """One node. `database` is the connection that writes to its file at `path`, of a cluster.

    `on_disk` and `on_engine` run blocking work, in a thread each; `elapsed` returns seconds.
    """

    def __init__(
        self,
        path: Path,
        database: Database,
        engine: ClusterEngine,
        report: NodeReport,
        clock: Clock,
        elapsed: Callable[[], float],
        on_disk: OffLoop,
        on_engine: OffLoop,
    ) -> None:
        self.thread = EngineThread(on_engine, elapsed)
        self._precedence = Precedence(engine, self.thread, report, elapsed)
        self._checker = Checker(path, report.address, engine, self.thread, on_disk)
        self.follower = Follower(
            database, engine, report, clock, on_disk, self.thread, self._checker
        )
        self.leadership = self.follower.leadership
        self.commands = NodeCommands(engine, self.thread, self.follower)
        self.term: Term | None = None
        self.takeovers = 0
        self._database, self._engine, self._report = database, engine, report
        self._clock, self._elapsed, self._on_disk = clock, elapsed, on_disk
        self._successor: NodeReport | None = None
        self._check_id = ""
        self._went_back = False

    @property
    def place(self) -> LogPlace:
        """The place up to which the file has applied the log."""
        return self.follower.place if self.term is None else self.term.database.place

    def trouble(self) -> str | None:
        """Return why this node cannot serve, None if it can (`/readyz`)."""
        return None if self.term is not None else self.follower.trouble

    async def run(
        self,
        stop: trio.Event,
        follow: Callable[[], Awaitable[None]],
        lead: Callable[[Term], Awaitable[None]],
    ) -> None:
        """Live until `stop` is set. Run `follow` until it is cancelled, or `lead` until it ends.

        Raise DatabaseUnusableError and NewerLevelError if the node cannot go on with its file.
        """
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._checker.run)
            while not stop.is_set():
                term = await self._following(stop, follow)
                if term is not None:
                    await self._leading(term, stop, lead)
            nursery.cancel_scope.cancel()

    def hand_over(self, successor: NodeReport) -> None:
        """Let the present term end in order, and then give the lease to another node."""
        if self.term is not None:
            self._successor = successor
            self.term.stop.set()

    # Following.

    async def _following(
        self, stop: trio.Event, follow: Callable[[], Awaitable[None]]
    ) -> Term | None:
        """Follow until this node leads, and return its term; None for a stop."""
        log.info("role_changed", role="edge", epoch=self.place.epoch)
        term: Term | None = None
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_cancel_at, stop, nursery.cancel_scope)
                nursery.start_soon(follow)
                term = await self._next_term()
                nursery.cancel_scope.cancel()
        except BaseException:  # also Cancelled
            if term is not None:
                await self._end_of(term)
            raise
        return term

    async def _next_term(self) -> Term:
        while not self._went_back:
            try:
                term = await self._campaign(await self.follower.candidate())
            except LogWentBackError as error:
                self._note_went_back(error.idx)
            else:
                if term is not None:
                    return term
                await trio.sleep(ASK_AGAIN_S)
        await self._halt()
        return await trio.sleep_forever()

    async def _campaign(self, look: LogLook) -> Term | None:
        """Take the lease and begin an epoch. Return None if that did not succeed."""
        margin, began = Margin(self._elapsed), self._elapsed()
        try:
            lease = await self._taken(look)
            if lease is None:
                return None
            margin.renewed(began)
            term = await self._begin(lease.epoch, look, margin)
            if term is None:
                await self.thread.ask(self._engine.release, lease.epoch, self._report.id)
        except StorageError as error:
            log.warning("campaign_failed", error=str(error))
            return None
        return term

    async def _taken(self, look: LogLook) -> Lease | None:
        report = self.follower.report
        if self.follower.is_given(look):
            return await self.thread.ask(self._engine.renew, look.lease.epoch, report)
        if await self._precedence.others_first(look.lease):
            return None
        return await self.thread.ask(self._engine.campaign, look.lease, look.end.epoch, report)

    async def _begin(self, epoch: int, look: LogLook, margin: Margin) -> Term | None:
        """Append the first record of an epoch, and apply all records up to it."""
        at = max(self._clock.now(), look.end_at)
        appender = self._engine.appender(look.end)
        record = epoch_record(look.end, epoch, latest_version(), at, self._report.id)
        deadline = Deadline(self._elapsed, margin.ends_at)
        has_begun = False
        try:
            outcome = await self._on_disk(appender.append, record, deadline)
            has_begun = isinstance(outcome, Appended) and await self.follower.catch_up(
                outcome.place
            )
        finally:
            if not has_begun:
                with trio.CancelScope(shield=True):
                    await self._on_disk(appender.close)
        return self._term_of(epoch, at, appender, margin) if has_begun else None

    def _term_of(self, epoch: int, at: int, appender: Appender, margin: Margin) -> Term:
        def deadline() -> Deadline:
            return Deadline(self._elapsed, margin.ends_at)

        database = LeadingDatabase(self._database, appender, deadline)
        database.at = at
        return Term(epoch, at, database, margin, trio.Event())

    # Leading.

    async def _leading(
        self, term: Term, stop: trio.Event, lead: Callable[[Term], Awaitable[None]]
    ) -> None:
        """Lead until the term ends, in order or by the loss of the leadership."""
        self.term, self._successor, self.follower.trouble = term, None, None
        self.takeovers += 1
        self.leadership.know(Leader(term.epoch, self._report.address, True))
        log.info("role_changed", role="leader", epoch=term.epoch)
        try:
            await self._lead(term, stop, lead)
            await self._pass_on(term)
        except* LogWentBackError as errors:
            self._note_went_back(_first(errors).idx)
        except* LeadershipLostError as errors:
            log.error("deposed", epoch=term.epoch, reason=str(_first(errors)))
        finally:
            self.term = None
            self.follower.resume(term.database.place)
            await self._end_of(term)

    async def _end_of(self, term: Term) -> None:
        """Write nothing more in a term, and close its session of the engine."""
        with trio.CancelScope(shield=True):
            await self._on_disk(term.database.end)

    async def _lead(
        self, term: Term, stop: trio.Event, lead: Callable[[Term], Awaitable[None]]
    ) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_set_at, stop, term.stop)
            await nursery.start(self._keep_lease, term)
            nursery.start_soon(_watch, term.margin)
            await lead(term)
            nursery.cancel_scope.cancel()

    async def _keep_lease(
        self, term: Term, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Keep the lease. Raise LeadershipLostError if another node has it."""

        def report() -> NodeReport:
            self.follower.place = term.database.place
            return self.follower.report

        wishes = trio.open_memory_channel[Lease](1)

        def note(renewal: Renewal) -> None:
            ago_ms = round((self._elapsed() - renewal.at) * 1_000)
            self.follower.skew_ms = self._clock.now() - ago_ms - renewal.lease.engine_ms
            with suppress(trio.WouldBlock):  # the next renewal has the same
                wishes[0].send_nowait(renewal.lease)

        keeper = LeaseKeeper(self._engine.another(), term.epoch, term.margin, report, self._elapsed)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._fulfil, term, wishes[1])
            await keeper.run(note, task_status.started)

    async def _fulfil(self, term: Term, leases: trio.MemoryReceiveChannel[Lease]) -> None:
        """Do what operators ask of the leader, which they note beside the lease."""
        async for lease in leases:
            await self._check(term, lease.check_id)
            if lease.successor and self._successor is None:
                try:
                    await self._hand_over_to(lease.successor)
                except StorageError as error:
                    log.warning("lease_not_passed_on", error=str(error))

    async def _check(self, term: Term, check_id: str) -> None:
        """Append the mark of a check that a node has asked for, and pin the file behind it."""
        if check_id == self._check_id:
            return
        try:
            await self._on_disk(term.database.mark, check_id)
        except LeadershipLostError:
            raise
        except StorageError as error:  # the next renewal of the lease tries it again
            log.warning("check_not_begun", error=str(error))
            return
        self._check_id = check_id
        await self._checker.pin(check_id)

    async def _hand_over_to(self, address: str) -> None:
        """Hand over to the node at an address, as an operator has asked, if it is there."""
        for node in present(await self.thread.ask(self._engine.nodes)):
            if node.address == address and node.id != self._report.id:
                self.hand_over(node)

    async def _pass_on(self, term: Term) -> None:
        """Give the lease to the successor, or end it so that any node may campaign."""
        mine = Lease(term.epoch, self._report.id, self._report.address, 0.0, 0)
        try:
            successor = self._successor or await self._precedence.heir()
            if successor is None:
                await self.thread.ask(self._engine.release, term.epoch, self._report.id)
            else:
                await self.thread.ask(self._engine.hand_over, mine, successor)
        except StorageError as error:
            log.warning("lease_not_passed_on", error=str(error))  # it ends by itself

    # A log that went back.

    def _note_went_back(self, idx: int) -> None:
        log.error("log_went_back", idx=idx, epoch=self.place.epoch)
        self._went_back = True

    async def _halt(self) -> None:
        """Let no node lead."""
        self.follower.trouble = WENT_BACK
        self.leadership.know(None)
        while True:
            try:
                return await self.thread.ask(self._engine.halt)
            except StorageError:
                await trio.sleep(ASK_AGAIN_S)


async def _watch(margin: Margin) -> None:
    """Raise LeadershipLostError when the margin is over."""
    while True:
        await trio.sleep(max(0.0, margin.left_s()))
        if margin.is_over():
            raise LeadershipLostError("the lease was not renewed in time")


async def _cancel_at(stop: trio.Event, scope: trio.CancelScope) -> None:
    await stop.wait()
    scope.cancel()


async def _set_at(stop: trio.Event, other: trio.Event) -> None:
    await stop.wait()
    other.set()


def _first(error: BaseException) -> Any:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

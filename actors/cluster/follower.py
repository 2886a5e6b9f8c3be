"""Following the log: a node looks at the engine, applies what is confirmed, and knows the leader.

    every ENGINE_LOOK_S    look: lease, end of the log, records behind the file's place
                    apply the confirmed records to the file
    every NODE_REPORT_S, and when it has become ready or is no more
                    report the place to the engine

A log that has lost a confirmed record (`PlaceInLog.GONE`, `OTHER`), or a lease that says that
another node has found one, ends it: `LogWentBackError`. After a session with a new server, which a
promotion may have brought, a node does not campaign for `SETTLED_S`. In this time the nodes whose
records are gone notice it.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
import trio
from attrs import evolve

from actors.clock import Clock
from actors.cluster.checker import Checker
from actors.cluster.engine_thread import EngineThread, OffLoop
from actors.cluster.leadership import Leader, Leadership
from storage.cluster.engine import ClusterEngine
from storage.cluster.lease import LEASE_S, Lease
from storage.cluster.look import LogLook, PlaceInLog
from storage.cluster.nodes import NodeReport
from storage.database import Database
from storage.errors import DatabaseUnusableError, LogWentBackError, StorageError
from storage.position import apply_records, position_of
from storage.records import LogPlace, LogRecord, NewerLevelError, check_of

log = structlog.get_logger()

T = TypeVar("T")

ENGINE_LOOK_S: Final = 0.1
"""Seconds between two looks at the engine."""
NODE_REPORT_S: Final = 1.0
"""Seconds between two reports of a node."""
SETTLED_S: Final = 1.0
"""How long a session lasts before its node may campaign."""
MOST_SKEW_MS: Final = 1_000
"""A node whose clock differs by more from the engine's does not campaign."""

NO_LEADER: Final = "no node leads"
NO_ENGINE: Final = "the cluster's engine does not answer"
NO_STORAGE: Final = "storage fails"
WENT_BACK: Final = "the cluster's log went back"


class Follower:
    """Follows with `database`, the connection that writes to the node's file.

    `on_disk` runs blocking work on the file.
    """

    def __init__(
        self,
        database: Database,
        engine: ClusterEngine,
        report: NodeReport,
        clock: Clock,
        on_disk: OffLoop,
        thread: EngineThread,
        checker: Checker,
    ) -> None:
        position = position_of(database)
        if position is None:
            raise DatabaseUnusableError("the file belongs to no cluster")
        self.leadership = Leadership()
        self.skew_ms = 0
        self.place = position.place
        self.trouble: str | None = NO_ENGINE
        self._database, self._engine, self._report = database, engine, report
        self._clock, self._on_disk, self._thread = clock, on_disk, thread
        self._checker = checker
        self._reported_at, self._settled_at = float("-inf"), float("inf")
        self._reported_ready = False
        self._has_new_records, self._moved = trio.Event(), trio.Event()
        self._confirmed, self._asked_at = 0, float("-inf")
        self._has_followed = False

    @property
    def report(self) -> NodeReport:
        """What this node reports now."""
        return evolve(
            self._report,
            applied=self.place.idx,
            skew_ms=self.skew_ms,
            ready=self.trouble is None,
        )

    def confirmed(self, idx: int) -> None:
        """Note that the leader says that the log is confirmed up to `idx`: look at it now."""
        self._confirmed = max(self._confirmed, idx)
        self._has_new_records.set()

    async def has_applied(self, idx: int) -> None:
        """Wait until the file has applied the log up to `idx`."""
        while self.place.idx < idx:
            await self._moved.wait()

    def resume(self, place: LogPlace) -> None:
        """Follow again from a place, after this node has led."""
        self.place, self.trouble = place, NO_LEADER
        self.leadership.know(None)
        self._settled_at = float("inf")

    async def candidate(self) -> LogLook:
        """Follow until this node may campaign. Return the look on which a campaign rests.

        Raise LogWentBackError, NewerLevelError, DatabaseUnusableError.
        """
        while True:
            look = await self._followed()
            if look is not None and self._may_campaign(look):
                return look
            with trio.move_on_after(ENGINE_LOOK_S):
                await self._has_new_records.wait()
            self._has_new_records = trio.Event()

    async def catch_up(self, place: LogPlace) -> bool:
        """Apply the records up to a place, which are all confirmed; return False if some are gone.

        Raise StorageError.
        """
        while self.place != place:
            look = await self._thread.ask(self._engine.look, self.place)
            confirmed = [record for record in look.records if record.idx <= place.idx]
            if not confirmed:
                return False
            await self._apply(confirmed)
        return True

    async def _followed(self) -> LogLook | None:
        """Look at the engine, follow and report. Return the look if all records were read."""
        look = await self._answered(self._look)
        if look is None:
            return None
        is_whole = await self._follow(look)
        await self._answered(self._report_when_due)
        return look if is_whole else None

    async def _answered(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Return what the engine answers, None if it does not answer."""
        try:
            return await ask()
        except DatabaseUnusableError:
            raise  # the engine's database is that of another cluster
        except StorageError as error:
            if self.trouble != NO_ENGINE:
                log.error("engine_failed", error=str(error))
            self.trouble, self._settled_at = NO_ENGINE, float("inf")
            self.leadership.know(None)
            return None

    async def _look(self) -> LogLook:
        now, sent_at = self._clock.now(), trio.current_time()
        self._asked_at = sent_at
        look = await self._thread.ask(self._engine.look, self.place)
        self.skew_ms = (now + self._clock.now()) // 2 - look.lease.engine_ms
        self._settled_at = min(self._settled_at, sent_at + SETTLED_S)
        return look

    async def _report_when_due(self) -> None:
        """Report after `NODE_REPORT_S`, or at once if this node has become ready or is no more."""
        report, now = self.report, trio.current_time()
        if now - self._reported_at >= NODE_REPORT_S or report.ready != self._reported_ready:
            self._reported_at, self._reported_ready = now, report.ready
            await self._thread.ask(self._engine.report, report)

    async def _follow(self, look: LogLook) -> bool:
        """Apply what is confirmed. Return whether all records were read."""
        if look.place is PlaceInLog.TRIMMED:
            raise DatabaseUnusableError(
                "the cluster's log begins behind what the file has applied: run `toteboard cluster "
                "rejoin`"
            )
        if look.place is not PlaceInLog.THERE and not self._has_followed:
            raise DatabaseUnusableError(
                f"the cluster's log does not have record {self.place.idx} of the file: it is not "
                "the log that the file has applied"
            )
        if look.place is not PlaceInLog.THERE or look.lease.is_halted:
            raise LogWentBackError(self.place.idx)
        self._has_followed = True
        self._know(look.lease)
        try:
            await self._apply(look.applicable(self._confirmed))
        except NewerLevelError:
            raise
        except StorageError as error:
            log.error("storage_failed", error=str(error))
            self.trouble = NO_STORAGE
            return False
        return look.is_whole

    async def _apply(self, records: list[LogRecord]) -> None:
        """Apply records, and pin the file behind each that is there for a check."""
        start = 0
        for end, record in enumerate(records, start=1):
            check_id = check_of(record)
            if check_id or end == len(records):
                await self._on_disk(apply_records, self._database, records[start:end])
                self.place, start = record.place, end
                self._moved.set()
                self._moved = trio.Event()
            if check_id:
                await self._checker.pin(check_id)

    def _know(self, lease: Lease) -> None:
        is_other = lease.left_s > 0 and lease.holder not in ("", self._report.id)
        leader = Leader(lease.epoch, lease.address, False) if is_other else None
        if leader != self.leadership.leader:
            self._confirmed = 0  # the word of another leader
        self.leadership.renewed_at = self._asked_at + lease.left_s - LEASE_S
        self.leadership.know(leader)
        self.trouble = NO_LEADER if leader is None else None

    def _may_campaign(self, look: LogLook) -> bool:
        if abs(self.skew_ms) > MOST_SKEW_MS:
            return False
        is_settled = trio.current_time() >= self._settled_at
        return self.is_given(look) or (look.lease.left_s <= 0 and is_settled)

    def is_given(self, look: LogLook) -> bool:
        """Whether another leader has handed the lease over to this node."""
        return look.lease.holder == self._report.id and look.lease.epoch > look.end.epoch

"""The nodes of a simulated world: the production code of a node, on a machine of its own.

A node that leads commits what payers ask for, through the server's writer. It answers only within
its margin, as a link does.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import trio
from attrs import Factory, define, frozen

from actors.clock import FlooredClock, SteadyClock
from actors.cluster.node import Node, Term
from actors.commit.writer import Writer
from storage.cluster.engine import ClusterEngine
from storage.cluster.nodes import NodeReport
from storage.database import Database
from storage.errors import StorageError
from storage.migrations import latest_version
from storage.payments import Pay
from storage.position import position_of
from storage.records import LogPlace
from tests.campaigns.terms.machine import Machine, wait_for
from tests.support.disks import open_unsynced

START_MS: Final = 1_750_000_000_000
"""The time at which a world begins, epoch ms."""


@frozen
class Acknowledged:
    """A payment that a leader has confirmed to its payer."""

    reference: str
    payment_id: int
    epoch: int
    node: str
    is_told_at: float


@define(eq=False)
class Asked:
    """A payment that was asked for. `answered` is set with its answer, or if there is none."""

    pay: Pay
    answered: trio.Event = Factory(trio.Event)
    acknowledged: Acknowledged | None = None


class SlowDisk:
    """The disk with a node's file. `takes_s`: how long it takes before and after each work.

    A disk that is full has no page more for the file than it has now.
    """

    def __init__(self, machine: Machine, database: Database) -> None:
        self._machine, self._database = machine, database
        self.takes_s = 0.0

    async def perform(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do blocking work on the file."""
        return await self._machine.perform(self._slowly, work, *arguments)

    def fill(self) -> None:
        """Be full."""
        self._database.execute("PRAGMA max_page_count = 1")

    def empty(self) -> None:
        """Have room."""
        self._database.execute("PRAGMA max_page_count = 1000000")

    def _slowly(self, work: Callable[..., Any], *arguments: Any) -> Any:
        self._take_time()
        try:
            return work(*arguments)
        finally:
            self._take_time()

    def _take_time(self) -> None:
        if self.takes_s:
            wait_for(trio.Event(), self.takes_s)


class SkewedClock(SteadyClock):
    """The clock of a machine, which may be wrong by `skew_ms`."""

    skew_ms = 0

    def now(self) -> int:
        """Return the time in epoch milliseconds, UTC."""
        return super().now() + self.skew_ms

    def deadline(self, at: int | None) -> float:
        """See `Clock.deadline`."""
        return super().deadline(None if at is None else at - self.skew_ms)

    def trouble(self) -> str | None:
        """Return None: its time is the machine's."""

    async def watch(self) -> None:
        """Notice nothing."""
        await trio.sleep_forever()


class SimulatedNode:
    """One life of a node with the file at `path`. `tell` gets a line for each thing of note."""

    def __init__(
        self, name: str, life: int, path: Path, cluster: str, tell: Callable[[str], None]
    ) -> None:
        self.name, self._life, self._path, self._cluster = name, life, path, cluster
        self._tell = tell
        self.clock = SkewedClock(START_MS + round(trio.current_time() * 1_000))
        self.acknowledged: list[Acknowledged] = []
        self.failure: Exception | None = None
        self.term: Term | None = None
        self.stop, self.ended = trio.Event(), trio.Event()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Live until the machine is killed."""
        try:
            async with trio.open_nursery() as nursery:
                self.machine = Machine(nursery)
                with self.machine.inhabited(), self.machine.life:
                    await self._live(task_status)
                nursery.cancel_scope.cancel()
        except* StorageError as errors:
            if not self.machine.is_dead:
                self.failure = errors
                self._tell(f"{self.name} fails: {errors.exceptions}")
        finally:
            self.machine.close()
            self.ended.set()

    async def _live(self, task_status: trio.TaskStatus[None]) -> None:
        identity = f"{self.name}, life {self._life}"
        report = NodeReport(identity, f"{self.name}:1", "sim", latest_version(), 0)
        url = f"postgresql://{self.name}@engine/toteboard"
        with (
            closing(open_unsynced(self._path)) as self._writing,
            closing(open_unsynced(self._path)) as self.reading,
            closing(ClusterEngine(url, self._cluster)) as engine,
        ):
            self.disk = SlowDisk(self.machine, self._writing)
            self.node = Node(
                self._path,
                self._writing,
                engine,
                report,
                self.clock,
                trio.lowlevel.current_clock().current_time,
                self.disk.perform,
                self.machine.perform,
            )
            self._send, self._receive = trio.open_memory_channel[Asked](100)
            task_status.started()
            await self.node.run(self.stop, trio.sleep_forever, self._lead)

    # Leading.

    @property
    def leads(self) -> bool:
        """Whether the node may speak as the leader."""
        return self.is_well and self.term is not None and not self.term.margin.is_over()

    @property
    def knows_leader(self) -> bool:
        """Whether the node leads or knows which node does."""
        return self.leads or self.node.leadership.leader is not None

    @property
    def is_well(self) -> bool:
        """Whether the machine runs."""
        return not self.machine.is_dead and not self.machine.is_paused and self.failure is None

    @property
    def place(self) -> LogPlace:
        """The place of the file."""
        position = position_of(self.reading)
        assert position is not None
        return position.place

    def ask(self, asked: Asked) -> bool:
        """Ask for a payment. Return False if the node cannot take it."""
        if self.term is None or self.machine.is_dead:
            return False
        try:
            self._send.send_nowait(asked)
        except trio.WouldBlock:
            return False
        return True

    async def _lead(self, term: Term) -> None:
        self._tell(f"{self.name} leads in epoch {term.epoch}")
        clock = FlooredClock(self.clock, term.since)

        async def off_loop(work: Callable[..., Any], *arguments: Any) -> Any:
            term.database.at = clock.now()
            return await self.disk.perform(work, *arguments)

        writer = Writer(term.database, off_loop=off_loop)
        self.term = term
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(writer.run)
                async with trio.open_nursery() as taking:
                    taking.start_soon(self._take, term, writer, clock)
                    await term.stop.wait()
                    taking.cancel_scope.cancel()
                writer.stop()
        finally:
            self.term = None
            self._tell(f"{self.name} leads no more in epoch {term.epoch}")

    async def _take(self, term: Term, writer: Writer, clock: FlooredClock) -> None:
        async with trio.open_nursery() as nursery:
            async for asked in self._receive:
                nursery.start_soon(self._pay, asked, term, writer, clock)

    async def _pay(self, asked: Asked, term: Term, writer: Writer, clock: FlooredClock) -> None:
        try:
            values = await writer.perform(asked.pay, clock.now())
            if not term.margin.is_over() and not self.machine.is_dead:
                asked.acknowledged = Acknowledged(
                    str(asked.pay.reference),
                    values["id"],
                    term.epoch,
                    self.name,
                    trio.current_time(),
                )
        except StorageError:
            pass  # not stored, or not known: the payer repeats it
        finally:
            asked.answered.set()

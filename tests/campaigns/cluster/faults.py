"""The faults that befall the leader, the engine, or what connects them."""

import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from enum import StrEnum
from random import Random
from subprocess import CompletedProcess
from typing import Final

import trio

from storage import migrations
from storage.opening import open_for_reading
from storage.position import position_of
from tests.campaigns.cluster.wires import Wires
from tests.support.cluster_processes import may_lead
from tests.support.engine import Engine
from tests.support.process import PATIENCE_S, Process, toteboard
from tests.support.releases import later_release

PAUSED_S: Final = (3.5, 6.0)
"""For how long a leader is paused: longer than its lease."""
MISSING_RECORDS: Final = 3
"""How many records a standby lacks that is promoted although it lags, at least."""
CUT_S: Final = (1.0, 6.0)
"""How long connections are cut."""


class Fault(StrEnum):
    """What happens to the leader, or to the engine."""

    KILL = "kill"
    PAUSE = "pause"
    HAND_OVER = "hand-over"
    STOP = "stop"
    ENGINE_KILL = "engine-kill"
    """The primary is killed and starts again."""
    FAILOVER = "failover"
    """The primary is killed, the standby that has most is promoted, and the killed one comes back
    as its standby."""
    WRONG_STANDBY = "wrong-standby"
    """A standby that lags is promoted. The nodes notice it, and the log is begun again behind the
    file that has most."""
    UPGRADE = "upgrade"
    """Every node gets a release whose schema has one level more: those that follow first."""
    NEW_FILE = "new-file"
    """A node that follows loses its database, and fetches that of another one."""
    CUT = "cut"
    """The connections of the leader, the edges and the engine are cut (`wires.py`)."""


CLOSES_MORE: Final = (Fault.WRONG_STANDBY, Fault.UPGRADE, Fault.NEW_FILE, Fault.CUT)
"""Faults that also close connections of nodes that follow."""


class Faults:
    """What can befall the nodes. `note`: more about the last fault."""

    def __init__(
        self, nodes: Sequence[Process], engine: Engine, url: str, dice: Random, wires: Wires
    ) -> None:
        self._nodes, self._engine, self._url = nodes, engine, url
        self._dice, self._wires = dice, wires
        self.note = ""
        self._acts: dict[Fault, Callable[[Process], Awaitable[None]]] = {
            Fault.KILL: self._kill,
            Fault.PAUSE: self._pause,
            Fault.HAND_OVER: self._hand_over,
            Fault.STOP: self._stop,
            Fault.ENGINE_KILL: self._kill_the_engine,
            Fault.FAILOVER: self._fail_over,
            Fault.WRONG_STANDBY: self._promote_the_wrong_standby,
            Fault.UPGRADE: self._upgrade,
            Fault.NEW_FILE: self._lose_a_file,
            Fault.CUT: self._cut,
        }

    async def befall(self, leader: Process, fault: Fault) -> None:
        """Let a fault befall the leader. Return when it is over, but not yet what it costs."""
        self.note = ""
        await self._acts[fault](leader)

    async def _kill(self, leader: Process) -> None:
        await leader.kill()
        await leader.start()

    async def _pause(self, leader: Process) -> None:
        leader.process.send_signal(signal.SIGSTOP)
        await trio.sleep(self._dice.uniform(*PAUSED_S))
        leader.process.send_signal(signal.SIGCONT)

    async def _stop(self, leader: Process) -> None:
        assert await leader.stop() == 0
        await leader.start()

    async def _kill_the_engine(self, _: Process) -> None:
        await trio.to_thread.run_sync(self._engine.primary.kill)
        await trio.to_thread.run_sync(self._engine.primary.start)

    async def _fail_over(self, _: Process) -> None:
        killed = self._engine.primary
        await trio.to_thread.run_sync(killed.kill)
        await trio.to_thread.run_sync(lambda: self._engine.promote(self._engine.best_standby()))
        await trio.to_thread.run_sync(self._engine.rejoin, killed)

    async def _cut(self, leader: Process) -> None:
        with self._wires.cut(leader, self._dice) as self.note:
            await trio.sleep(self._dice.uniform(*CUT_S))

    async def _hand_over(self, leader: Process) -> None:
        for other in self._followers(leader):
            await may_lead(leader, other)
        moved = await toteboard(leader.folder, "cluster", "hand-over")
        assert moved.returncode == 0, moved.stderr

    async def _promote_the_wrong_standby(self, leader: Process) -> None:
        """Let the engine lose acknowledged records, and begin its log again.

        The steps are those of docs/how-to/cluster.md, "If the log went back".
        """
        engine, lagging = self._engine, self._dice.choice(self._engine.standbys)
        right, killed = engine.rest(lagging), engine.primary
        await trio.to_thread.run_sync(engine.detach, lagging)
        lacks = _applied(leader) + MISSING_RECORDS
        await wait_until(lambda: _applied(leader) >= lacks)
        killed.kill()
        right.kill()
        await trio.to_thread.run_sync(engine.promote, lagging)
        await self._one_has_noticed()
        for node in self._nodes:
            assert await node.stop() == 0, node.stderr
        for server in (right, killed):
            await trio.to_thread.run_sync(engine.rejoin, server)
        first, *others = sorted(self._nodes, key=_applied, reverse=True)
        while (ended := await self._cluster(first, "reseed")).returncode:
            assert b"stop every node first" in ended.stderr, ended.stderr
        await first.start()
        for other in others:
            assert (ended := await self._cluster(other, "rejoin")).returncode == 0, ended.stderr
            await other.start()

    async def _one_has_noticed(self) -> None:
        """Wait until a node has noticed that the log lacks a record that it has applied."""
        with trio.move_on_after(PATIENCE_S):
            return await wait_until(lambda: any("log_went_back" in n.events() for n in self._nodes))
        raise AssertionError([node.lines[-20:] for node in self._nodes])

    async def _upgrade(self, leader: Process) -> None:
        """Do what docs/how-to/upgrade.md tells to do."""
        level = migrations.latest_version() + 1
        schema = self._nodes[0].folder.with_name(f"schema{level}")
        program = later_release(schema)
        migrations.SCHEMA = schema  # this process reads the files too
        for node in (*self._followers(leader), leader):
            assert await node.stop() == 0, node.stderr
            node.program = program
            await node.start()
            await node.logged("leader_linked")

    async def _lose_a_file(self, leader: Process) -> None:
        node = self._dice.choice(self._followers(leader))
        await node.kill()
        size = node.database.stat().st_size
        for file in (node.database, *node.folder.glob(f"{node.database.name}-*")):
            file.unlink()
        began = trio.current_time()
        await node.start()
        await may_lead(leader, node)
        took = trio.current_time() - began
        self.note = f"{size / 1e6:,.0f} MB fetched and caught up in {took:.1f} s"

    def _followers(self, leader: Process) -> list[Process]:
        return [node for node in self._nodes if node is not leader]

    async def _cluster(self, node: Process, command: str) -> CompletedProcess[bytes]:
        return await toteboard(node.folder, "cluster", command, "--cluster", self._url)


async def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until a condition of other processes holds."""
    while True:
        if holds():
            return
        await trio.sleep(0.05)


def _applied(node: Process) -> int:
    """Return the idx up to which a node's file has applied the log."""
    with closing(open_for_reading(node.database)) as database:
        position = position_of(database)
    assert position is not None, "the file belongs to no cluster"
    return position.place.idx

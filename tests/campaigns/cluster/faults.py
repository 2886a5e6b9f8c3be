"""The faults that befall the leader, the engine, or what connects them."""

import signal
from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from random import Random
from subprocess import CompletedProcess
from typing import Final

import trio

from storage.opening import open_for_reading
from storage.position import position_of
from tests.campaigns.cluster.wires import Wires
from tests.support.cluster_processes import may_lead
from tests.support.engine import Engine
from tests.support.process import Process, toteboard

PAUSED_S: Final = (3.5, 6.0)
"""For how long a leader is paused: longer than its lease."""
LAGGING_S: Final = (0.5, 1.5)
"""How long a standby that will be promoted has received nothing."""
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
    CUT = "cut"
    """The connections of the leader, the edges and the engine are cut (`wires.py`)."""


CUTS_OFF_ALL: Final = (Fault.WRONG_STANDBY, Fault.CUT)
"""Faults after which edges close their connections too."""


class Faults:
    """What can befall the nodes. `note`: more about the last fault."""

    def __init__(
        self, nodes: Sequence[Process], engine: Engine, url: str, dice: Random, wires: Wires
    ) -> None:
        self._nodes, self._engine, self._url = nodes, engine, url
        self._dice, self._wires = dice, wires
        self.note = ""

    async def befall(self, leader: Process, fault: Fault) -> None:
        """Let a fault befall the leader. Return when it is over, but not yet what it costs."""
        self.note = ""
        match fault:
            case Fault.KILL:
                await leader.kill()
                await leader.start()
            case Fault.PAUSE:
                leader.process.send_signal(signal.SIGSTOP)
                await trio.sleep(self._dice.uniform(*PAUSED_S))
                leader.process.send_signal(signal.SIGCONT)
            case Fault.HAND_OVER:
                await self._hand_over(leader)
            case Fault.STOP:
                assert await leader.stop() == 0
                await leader.start()
            case Fault.ENGINE_KILL:
                await trio.to_thread.run_sync(self._kill_the_primary)
            case Fault.FAILOVER:
                await trio.to_thread.run_sync(self._fail_over)
            case Fault.WRONG_STANDBY:
                await self._promote_the_wrong_standby(leader)
            case Fault.CUT:
                with self._wires.cut(leader, self._dice) as self.note:
                    await trio.sleep(self._dice.uniform(*CUT_S))

    async def _hand_over(self, leader: Process) -> None:
        for other in self._nodes:
            if other is not leader:
                await may_lead(leader, other)
        moved = await toteboard(leader.folder, "cluster", "hand-over")
        assert moved.returncode == 0, moved.stderr

    def _kill_the_primary(self) -> None:
        self._engine.primary.kill()
        self._engine.primary.start()

    def _fail_over(self) -> None:
        killed = self._engine.primary
        killed.kill()
        self._engine.promote(self._engine.best_standby())
        self._engine.rejoin(killed)

    async def _promote_the_wrong_standby(self, leader: Process) -> None:
        """Let the engine lose acknowledged records, and begin its log again.

        The steps are those of docs/how-to/cluster.md, "If the log went back".
        """
        engine, lagging = self._engine, self._dice.choice(self._engine.standbys)
        right, killed = engine.rest(lagging), engine.primary
        await trio.to_thread.run_sync(engine.detach, lagging)
        await trio.sleep(self._dice.uniform(*LAGGING_S))
        killed.kill()
        right.kill()
        await trio.to_thread.run_sync(engine.promote, lagging)
        await leader.logged("log_went_back")
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

    async def _cluster(self, node: Process, command: str) -> CompletedProcess[bytes]:
        return await toteboard(node.folder, "cluster", command, "--cluster", self._url)


def _applied(node: Process) -> int:
    """Return the idx up to which a node's file has applied the log."""
    with closing(open_for_reading(node.database)) as database:
        position = position_of(database)
    assert position is not None, "the file belongs to no cluster"
    return position.place.idx

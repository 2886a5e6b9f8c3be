"""What befalls a simulated cluster, each for a while, as the seed decides."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import trio

from tests.campaigns.dice import Dice
from tests.campaigns.terms.cluster import SimulatedCluster
from tests.campaigns.terms.nodes import SimulatedNode
from tests.campaigns.terms.wire import Route

MOST_SKEW_MS: Final = 5_000
DURATIONS_S: Final = (0.1, 0.6, 1.5, 3.0, 5.0)


class Faults:
    """Makes faults in `nursery`, until `end` is called.

    `clocks_jump`: whether the engine's clock may be wrong too, with those of nodes that follow.
    Then a lease ends early, and a leader may still speak when the next one does. The fence of the
    log holds.
    """

    def __init__(
        self,
        cluster: SimulatedCluster,
        dice: Dice,
        nursery: trio.Nursery,
        tell: Callable[[str], None],
        *,
        clocks_jump: bool,
    ) -> None:
        self._clocks_jump = clocks_jump
        self._cluster, self._dice, self._nursery, self._tell = cluster, dice, nursery, tell
        self._scopes: dict[trio.CancelScope, trio.Event] = {}
        self._struck: set[str] = set()
        self._engine_suffers = False

    def strike(self) -> None:
        """Begin a fault."""
        fault: Callable[[], Awaitable[None]] = self._dice.one_of(
            (2, self._killed), (2, self._paused), (0.7, self._stopped), (1, self._handed_over),
            (1, self._clock_is_wrong), (0.7, self._disk_is_slow), (0.7, self._disk_is_full),
            (1.5, self._route_is_cut), (1, self._route_is_slow), (1.5, self._answers_are_lost),
            (2, self._standby_stalls), (0.7, self._engine_restarts),
            (0.9, self._standby_is_promoted), (0.6, self._engine_is_full),
            (3.0 if self._clocks_jump else 0.0, self._clocks_are_ahead),
        )  # fmt: skip
        self._nursery.start_soon(self._befall, fault)

    async def end(self) -> None:
        """End all faults."""
        for scope in self._scopes:
            scope.cancel()
        for ended in list(self._scopes.values()):
            await ended.wait()

    async def _befall(self, fault: Callable[[], Awaitable[None]]) -> None:
        with trio.CancelScope() as scope:
            self._scopes[scope] = trio.Event()
            try:
                await fault()
            finally:
                self._scopes.pop(scope).set()

    async def _a_while(self) -> None:
        await trio.sleep(self._dice.choice(DURATIONS_S) * (0.5 + self._dice.random()))

    # Nodes.

    def _victim(self) -> SimulatedNode | None:
        """Choose a node that nothing befalls yet: the leader rather than another."""
        free = [node for node in self._cluster.living if node.name not in self._struck]
        leading = [node for node in free if node.term is not None]
        return self._dice.choice(leading if leading and self._dice.happens(0.6) else free or [None])

    @asynccontextmanager
    async def _struck_node(self, how: str) -> AsyncIterator[SimulatedNode | None]:
        node = self._victim()
        if node is None:
            yield None
            return
        self._struck.add(node.name)
        self._tell(f"{node.name} {how}")
        try:
            yield node
        finally:
            self._struck.discard(node.name)

    async def _killed(self) -> None:
        async with self._struck_node("is killed") as node:
            if node is not None:
                await self._ended(node, self._cluster.kill)

    async def _stopped(self) -> None:
        async with self._struck_node("is stopped") as node:
            if node is not None:
                await self._ended(node, self._cluster.stop)

    async def _ended(self, node: SimulatedNode, end: Callable[[str], Awaitable[None]]) -> None:
        with trio.CancelScope(shield=True):
            await end(node.name)
        try:
            await self._a_while()
        finally:
            with trio.CancelScope(shield=True):
                await self._cluster.start(node.name)
            self._tell(f"{node.name} starts")

    async def _paused(self) -> None:
        async with self._struck_node("is paused") as node:
            if node is not None:
                node.machine.pause()
                try:
                    await self._a_while()
                finally:
                    self._tell(f"{node.name} goes on")
                    node.machine.go_on()

    async def _clock_is_wrong(self) -> None:
        async with self._struck_node("has a wrong clock") as node:
            if node is not None:
                node.clock.skew_ms = self._dice.randint(-MOST_SKEW_MS, MOST_SKEW_MS)
                try:
                    await self._a_while()
                finally:
                    node.clock.skew_ms = 0

    async def _disk_is_slow(self) -> None:
        async with self._struck_node("has a slow disk") as node:
            if node is not None:
                node.disk.takes_s = self._dice.choice((0.05, 0.4, 1.5))
                try:
                    await self._a_while()
                finally:
                    node.disk.takes_s = 0.0

    async def _disk_is_full(self) -> None:
        async with self._struck_node("has a full disk") as node:
            if node is not None:
                node.disk.fill()
                try:
                    await self._a_while()
                finally:
                    node.disk.empty()

    async def _handed_over(self) -> None:
        """Have a leader give the lease to another node, as an operator may ask."""
        await trio.lowlevel.checkpoint()
        others = [node for node in self._cluster.living if node.term is None]
        if others:
            heir = self._dice.choice(others)
            for leader in self._cluster.leaders:
                self._tell(f"{leader.name} is to hand over to {heir.name}")
                leader.node.hand_over(heir.node.follower.report)

    # Routes.

    @asynccontextmanager
    async def _bad_route(self, how: str) -> AsyncIterator[Route]:
        leading = [node.name for node in self._cluster.leaders]
        name = self._dice.choice(
            leading if leading and self._dice.happens(0.6) else self._cluster.names
        )
        route = self._cluster.route(name)
        self._tell(f"the way of {name} to the engine {how}")
        try:
            yield route
        finally:
            route.heal()

    async def _route_is_cut(self) -> None:
        async with self._bad_route("is cut") as route:
            route.is_cut = True
            await self._a_while()

    async def _route_is_slow(self) -> None:
        async with self._bad_route("is slow") as route:
            route.slow_s = self._dice.choice((0.03, 0.3, 1.0, 4.0))
            await self._a_while()

    async def _answers_are_lost(self) -> None:
        async with self._bad_route("loses answers") as route:
            route.loses = self._dice.choice((0.05, 0.3, 1.0))
            await self._a_while()

    async def _some_answers_are_lost(self) -> None:
        async with self._bad_route("loses half of the answers") as route:
            route.loses = 0.5
            await self._a_while()

    # The engine.

    @asynccontextmanager
    async def _bad_engine(self, how: str) -> AsyncIterator[bool]:
        """Let one thing at a time befall the engine; yield whether it may."""
        if self._engine_suffers:
            yield False
            return
        self._engine_suffers = True
        self._tell(f"the engine {how}")
        try:
            yield True
        finally:
            self._engine_suffers = False

    async def _standby_stalls(self) -> None:
        """Let commits wait for the standby, and perhaps cancel their waits."""
        engine = self._cluster.engine
        async with self._bad_engine("waits for its standby") as may:
            if may:
                engine.standby_stalls = True
                cancels = self._dice.happens(0.7)
                try:
                    for _ in range(self._dice.randint(1, 4)):
                        await self._a_while()
                        if cancels:
                            engine.cancel_waits()
                    if self._dice.happens(0.5):
                        await self._promote()
                finally:
                    engine.resume_standbys()

    async def _engine_restarts(self) -> None:
        async with self._bad_engine("restarts") as may:
            if may:
                self._cluster.engine.stop()
                try:
                    await self._a_while()
                finally:
                    self._cluster.engine.restart()

    async def _standby_is_promoted(self) -> None:
        async with self._bad_engine("fails, and its standby is promoted") as may:
            if may:
                await self._promote()

    async def _promote(self) -> None:
        self._cluster.engine.stop()
        try:
            await self._a_while()
        finally:
            self._tell("the standby is promoted")
            self._cluster.engine.promote()

    async def _clocks_are_ahead(self) -> None:
        async with self._bad_engine("has a wrong clock, and so have the followers") as may:
            if may:
                ahead_s = 1.5 + self._dice.random() * (MOST_SKEW_MS / 1_000 - 1.5)
                if self._dice.happens(0.7):
                    # A leader that does not know what became of its record meets its successor's.
                    self._nursery.start_soon(self._befall, self._some_answers_are_lost)
                    await trio.sleep(self._dice.random())
                followers = [node for node in self._cluster.living if node.term is None]
                self._cluster.engine.ahead_s = ahead_s
                for node in followers:
                    node.clock.skew_ms = round(ahead_s * 1_000)
                try:
                    await self._a_while()
                finally:
                    self._cluster.engine.ahead_s = 0.0
                    for node in followers:
                        node.clock.skew_ms = 0

    async def _engine_is_full(self) -> None:
        async with self._bad_engine("is full") as may:
            if may:
                self._cluster.engine.is_full = True
                try:
                    await self._a_while()
                finally:
                    self._cluster.engine.is_full = False

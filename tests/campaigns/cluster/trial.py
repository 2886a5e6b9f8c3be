"""A cluster of real nodes with its bettors, and the faults that befall its leader."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from itertools import count, cycle, islice, pairwise
from pathlib import Path
from random import Random
from typing import Any, Final

import trio
from attrs import Factory, define

from game.facts import BetPlaced
from storage.digest import file_digest
from storage.journal import MOST_FACTS, entries
from storage.opening import open_for_reading
from storage.store import AddUser, NewUser
from tests.campaigns.cluster.bettor import TARGETS, Bettor
from tests.campaigns.cluster.faults import CLOSES_MORE, Fault, Faults, wait_until
from tests.campaigns.cluster.watcher import Watcher, kept_by, lost_from
from tests.campaigns.cluster.wires import Wires
from tests.support.cluster_processes import (
    copied,
    first_node,
    found,
    leader_of,
    run_all,
)
from tests.support.engine import Engine
from tests.support.process import Line, Process, environment
from toteboard.operator.operating import operating
from toteboard_client import Client

PATIENCE_S: Final = 120.0
BETTING_S: Final = (0.3, 1.5)
"""How long the bettors bet before the next fault."""
CONNECTIONS_EACH: Final = 10
"""With how many connections a user follows the game."""
RESUMING: Final = ("--resume-limit", "1000000")
"""Watchers must not miss anything, however many bets there were while they could not connect."""


STEPS: Final = (
    "listening", "role_changed", "deposed", "campaign_failed", "lease_not_renewed", "engine_failed",
    "leader_linked", "leader_unlinked", "leader_unreachable", "edge_cut_off", "storage_failed",
)  # fmt: skip
"""The events that show where the time of a takeover goes."""


@define
class Pauses:
    """The longest time without any reply around each fault, in seconds, by fault.

    After a cut, it is the time from its end until every bettor's next bet is acknowledged.
    """

    longest: dict[Fault, list[float]] = Factory(lambda: {fault: [] for fault in Fault})


class Trial:
    """The nodes and their bettors. Made by `running`."""

    def __init__(self, nodes: list[Process], faults: Faults, dice: Random) -> None:
        self.nodes, self.faults, self._dice = nodes, faults, dice
        self.bettors: list[Bettor] = []
        self.watchers: list[Watcher] = []
        self.game_id = ""
        self._began = datetime.now(UTC)
        self.pauses = Pauses()

    async def begin(
        self, nursery: trio.Nursery, people: Sequence[NewUser], bettors: int, watchers: int
    ) -> None:
        """Open a game, and let users bet in it and follow it, at every node."""
        async with self.nodes[0].connect("ann") as host:
            self.game_id, pool_id = await _opened(host)
        numbers = count(1)
        for person in people[:bettors]:
            self.bettors.append(Bettor(person.id, person.session_key, pool_id, numbers, self.nodes))
        for person, node in islice(zip(cycle(people), cycle(self.nodes)), watchers):
            self.watchers.append(Watcher(person.id, person.session_key, node, self.game_id))
        for bettor in self.bettors:
            nursery.start_soon(bettor.live)
        for watcher in self.watchers:
            nursery.start_soon(watcher.live)
        with trio.fail_after(PATIENCE_S):
            await wait_until(lambda: all(watcher.is_following for watcher in self.watchers))

    async def befall(self, fault: Fault) -> None:
        """Let a fault befall the leader while the bettors bet; return when they bet again."""
        await trio.sleep(self._dice.uniform(*BETTING_S))
        leader, began = await leader_of(self.nodes), trio.current_time()
        kept = kept_by(self.watchers, leader)
        self._began = datetime.now(UTC)
        with trio.fail_after(PATIENCE_S):
            await self.faults.befall(leader, fault)
            if fault is Fault.CUT:
                began = trio.current_time()
            await self._bet_again()
        lost = Counter((self.nodes.index(each.node), each.why) for each in lost_from(kept))
        assert fault in CLOSES_MORE or not lost, lost
        pause = trio.current_time() - began if fault is Fault.CUT else self._silence_since(began)
        self.pauses.longest[fault].append(pause)

    def _silence_since(self, began: float) -> float:
        """Return the longest time without any reply."""
        answered = sorted(at for bettor in self.bettors for at in bettor.answered_at)
        times = [began, *(at for at in answered if at > began)]
        return max(later - sooner for sooner, later in pairwise(times))

    def story(self) -> list[str]:
        """Return what the nodes logged since the last fault began, each with its time after it."""
        told = [
            (after, number, line)
            for number, node in enumerate(self.nodes, start=1)
            for line in node.lines
            if (after := _seconds_after(self._began, line)) >= 0
        ]
        steps = [
            f"  {after:6.2f} s  node {number}: {line['event']} {_about(line)}"
            for after, number, line in sorted(told, key=lambda each: each[:2])
            if line["event"] in STEPS
        ]
        placed = Counter(int(after) for after, _, line in told if line["event"] == "bet_placed")
        return [*steps, f"  bets placed in each second: {dict(sorted(placed.items()))}"]

    async def _bet_again(self) -> None:
        before = {bettor: len(bettor.placed) for bettor in self.bettors}
        await wait_until(lambda: all(len(each.placed) > before[each] for each in self.bettors))

    async def settle(self) -> None:
        """Let every wager get its reply, and stop the nodes, the leader last."""
        for bettor in self.bettors:
            bettor.is_betting = False
        with trio.fail_after(PATIENCE_S):
            await wait_until(lambda: not any(bettor.waiting for bettor in self.bettors))
            await wait_until(lambda: len({watcher.known for watcher in self.watchers}) <= 1)
            await wait_until(lambda: len({_digest(node) for node in self.nodes}) == 1)
            leader = await leader_of(self.nodes)
            for node in (*(each for each in self.nodes if each is not leader), leader):
                assert await node.stop() == 0, node.stderr

    async def judge(self) -> None:
        """Compare what the bettors were told with every file."""
        told = {n: bet_id for bettor in self.bettors for n, bet_id in bettor.placed.items()}
        for node in self.nodes:
            bets = _bets(node, self.game_id)
            counted = Counter(bets)
            assert not [bet for bet in told.values() if bet not in counted], "a bet is lost"
            assert len(bets) == len(told), "a key was executed twice, or never answered"
            checked = await trio.run_process(
                [*node.program, "check"],
                cwd=node.folder, env=environment(), capture_stdout=True, check=False,
            )  # fmt: skip
            assert checked.returncode == 0, checked.stdout


@asynccontextmanager
async def running(
    folder: Path,
    engine: Engine,
    dice: Random,
    *,
    node_count: int,
    bettor_count: int,
    watcher_count: int,
    has_cuts: bool = False,
    database: Path | None = None,
) -> AsyncIterator[Trial]:
    """Run a cluster with bettors that bet until `settle`, and watchers at every node.

    `database`: the file of a server that the nodes begin with; its key file is beside it.
    """
    first, url = first_node(folder / "1", "ann", begins_with=database), engine.new_database()
    people = _people(first, max(bettor_count, watcher_count // CONNECTIONS_EACH))
    await found(first, url)
    nodes = [
        first,
        *(copied(first, folder / str(number), url) for number in range(2, node_count + 1)),
    ]
    with Wires.laid(engine) as wires:
        for node in nodes if has_cuts else ():
            wires.connect(node, url)
        for node in nodes:
            node.options = (*RESUMING, *node.options)
        trial = Trial(nodes, Faults(nodes, engine, url, dice, wires), dice)
        async with run_all(nodes), trio.open_nursery() as nursery:
            await trial.begin(nursery, people, bettor_count, watcher_count)
            yield trial
            nursery.cancel_scope.cancel()


def _people(node: Process, number: int) -> list[NewUser]:
    """Add users with money to the file of a node that does not run."""
    with operating(node.database) as operator:
        adding = (AddUser(f"b{each}", False, {"DON": 10**9}, None) for each in range(number))
        return [NewUser(**operator(each)) for each in adding]


async def _opened(host: Client) -> tuple[str, str]:
    """Open a game with a pool; return the ids of both."""
    source = await host.call(365, source_name="the source")
    about: dict[str, Any] = {"game_name": "game", "actions": ["goal"], "targets": [*TARGETS]}
    game = await host.call(370, source_id=source["source_id"], **about)
    game_id = str(game["game_id"])
    assert (await host.call(616, game_id=game_id))["res"] == 640
    pool = await host.call(385, game_id=game_id, description="?", action="goal")
    return game_id, str(pool["pool_id"])


def _seconds_after(began: datetime, line: Line) -> float:
    return (datetime.fromisoformat(line["timestamp"]) - began).total_seconds()


def _about(line: Line) -> str:
    return " ".join(
        str(line[name]) for name in ("role", "epoch", "reason", "error") if name in line
    )


def _digest(node: Process) -> bytes:
    with closing(open_for_reading(node.database)) as database:
        return file_digest(database)


def _bets(node: Process, game_id: str) -> list[str]:
    """Return the ids of all bets in a node's file."""
    bets, seq = [], 0
    with closing(open_for_reading(node.database)) as database:
        while page := entries(database, game_id, after=seq, limit=MOST_FACTS):
            seq = page[-1].seq
            bets += [each.fact.bet_id for each in page if isinstance(each.fact, BetPlaced)]
    return bets

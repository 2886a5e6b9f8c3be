"""Run one seed: a server, its users and random faults, step by step, with all checks."""

import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from traceback import format_exception
from typing import Any

import orjson
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors.games.actor import STORAGE_PAUSE_MS
from protocol.limits import Limits
from tests.campaigns.books import Books, Message
from tests.campaigns.dice import Dice, seeded
from tests.campaigns.log import Line, log_received_by
from tests.campaigns.real_time import StuckError, bounded_real_time
from tests.campaigns.sim import delays, invariants
from tests.campaigns.sim.device import Device
from tests.campaigns.sim.house import House
from tests.campaigns.sim.people import People
from tests.campaigns.story import Outcome, Story, first_of

HOST = "ann"
PLAYERS = (HOST, "bob", "cid", "dan")
OUR_BUGS = frozenset({"actor_restarted", "actor_parked", "internal_error"})
LONGEST_S = 100_000.0
"""Simulated seconds after which a world without any progress is abandoned."""
PATIENCE_S = 90.0
"""Simulated seconds in which all requests must be answered once there are no more faults."""
QUIET_MS = 700
"""Less than the shortest life of a pool, because some are recreated repeatedly."""
AT_NO_TIME = (("last", -math.inf), ("next", math.inf))


def play(seed: int, steps: int) -> Outcome:
    """Run a seed to its end or to the first failed check."""
    story, clock = Story(), MockClock(autojump_threshold=0)
    with tempfile.TemporaryDirectory() as folder, seeded(seed) as dice:
        world = _World(Path(folder), dice, story)
        try:
            with bounded_real_time(), log_received_by(world.note_logged):
                trio.run(world.live, steps, clock=clock)
        except (Exception, BaseExceptionGroup, StuckError) as error:
            return Outcome(seed, story, f"{world.bug}{first_of(error)}")
    return Outcome(seed, story)


class _World:
    def __init__(self, path: Path, dice: Dice, story: Story) -> None:
        self._dice, self._story = dice, story
        self._house = House(path, dice.another("house"), _limits(dice.another("limits")))
        self._devices: list[Device] = []
        self.bug = ""

    def note_logged(self, _level: str, line: Line) -> None:
        """Remember the first bug of ours that the server logs."""
        if line["event"] in OUR_BUGS and not self.bug:
            self.bug = f"{line['event']}: " + "".join(format_exception(*sys.exc_info()))

    async def live(self, steps: int) -> None:
        before = trio.lowlevel.current_statistics().tasks_living
        with trio.move_on_after(LONGEST_S) as patience:
            async with self._house, trio.open_nursery() as nursery:
                await self._move_in(nursery)
                for self._story.step in range(1, steps + 1):
                    await self._step()
                await self._become_quiet()
                await self._house.stop()
                invariants.books_are_right(self._house.operator)
                nursery.cancel_scope.cancel()
        assert not patience.cancelled_caught, "nothing happens any more"
        left = trio.lowlevel.current_statistics().tasks_living - before
        assert not left, ("tasks are left", left)

    async def _move_in(self, nursery: trio.Nursery) -> None:
        self._books = Books(self._house.operator)
        self._people = People(self._house, self._books, self._dice.another("people"), HOST)
        for name in PLAYERS:
            user_id = self._house.add_user(name, can_host=name == HOST, balance=50_000)
            for number in range(2 if name in PLAYERS[:2] else 1):
                label = f"{name}.{number}"
                dice = self._dice.another(label)
                device = Device(name, label, user_id, self._house, self._books, dice, self._heard)
                self._devices.append(device)
                nursery.start_soon(device.run)
        people = self._people
        for wanted in (people.source, people.game, people.game, people.admin, people.pool):
            wanted(self._devices[0])
            await self._until_quiet()
        for device in self._devices:
            people.join(device)

    def _heard(self, name: str, message: Message) -> None:
        self._story.counts["messages"] += 1
        self._tell(f"{name} hears {orjson.dumps(message).decode()[:400]}")

    def _tell(self, line: str) -> None:
        self._story.tell(f"{self._house.now() % 10_000_000:8}", line)

    # Steps.

    async def _step(self) -> None:
        happening: Callable[[], Any] = self._dice.one_of(
            (9, self._people_ask), (3, self._a_pool_is_played), (2, self._a_rush),
            (2, self._time_passes),
            (2, self._links_suffer), (2, self._disk_suffers), (0.5, self._operator_credits),
            (0.6, self._killed), (0.4, self._restarted), (1.2, self._become_quiet),
            (0.8, self._edges_suffer),
        )  # fmt: skip
        self._tell(happening.__name__)
        await happening()
        assert not self.bug, self.bug
        invariants.outboxes_are_bounded(self._house)
        server = self._house.server
        delays.stakes_are_set_aside(server, invariants.actors(server))

    async def _people_ask(self) -> None:
        for _ in range(self._dice.randint(1, 8)):
            self._people.ask(self._dice.choice(self._devices))
        await trio.sleep(self._dice.choice((0, 0, 0.001, 0.02, 0.1, 0.5)))

    async def _a_pool_is_played(self) -> None:
        """Play a pool from its opening to an event that may decide it."""
        host = self._dice.choice(self._devices[:2])
        self._people.pool(host)
        for asked in (self._people.bet, self._people.bet, self._people.event):
            await trio.sleep(self._dice.choice((0.003, 0.05, 0.3)))
            for device in [host] if asked == self._people.event else self._devices:
                asked(device)

    async def _a_rush(self) -> None:
        """Send more at the same time than some mailbox or outbox accepts."""
        wanted = self._dice.choice((self._people.bet, self._people.bet, self._people.question))
        devices = self._dice.some(self._devices, 2)
        for _ in range(self._dice.randint(5, 25)):
            wanted(self._dice.choice(devices))
        await trio.sleep(self._dice.choice((0, 0.01, 1)))

    async def _time_passes(self) -> None:
        await trio.sleep(self._dice.choice((0.09, 0.2, 1, 3, 12, 50, 200)))

    async def _links_suffer(self) -> None:
        for device in self._dice.some(self._devices, 3):
            if (link := device.link) is not None:
                match self._dice.randint(1, 4):
                    case 1 | 2:
                        link.freeze()
                    case 3:
                        link.break_off_after(self._dice.randint(0, 500))
                    case 4:
                        await link.cut()
        await self._people_ask()

    async def _edges_suffer(self) -> None:
        """Stall or cut the link of an edge, or kill the edge. Nothing happens in one process."""
        await self._people_ask()
        if not self._house.edge_links:
            return
        link = self._dice.choice(self._house.edge_links)
        match self._dice.randint(1, 4):
            case 1:
                link.freeze()
            case 2:
                link.break_off_after(self._dice.randint(0, 5_000))
            case 3:
                await link.cut()
            case 4:
                await self._house.kill_an_edge()
        await self._people_ask()

    async def _disk_suffers(self) -> None:
        disk, dice = self._house.disk, self._dice
        match dice.randint(1, 6):
            case 1 | 2:
                disk.slow_s = dice.choice((0.002, 0.03, 0.5, 3))
            case 3 | 4:
                disk.commits_fail = dice.choice((0.2, 1))
            case 5:
                disk.reads_fail = dice.choice((0.01, 0.2))
            case 6:
                disk.heal()
        await self._people_ask()

    async def _operator_credits(self) -> None:
        await self._house.credit(self._dice.choice(PLAYERS), self._dice.randint(1, 5_000))

    async def _killed(self) -> None:
        """Kill the server at any moment of users' requests."""
        await self._people_ask()
        await trio.sleep(self._dice.random() * self._dice.choice((0, 0.001, 0.02, 0.3)))
        await self._house.kill()
        await self._after_an_end()

    async def _restarted(self) -> None:
        await self._people_ask()
        await self._house.stop()
        await self._after_an_end()

    async def _after_an_end(self) -> None:
        invariants.nothing_has_vanished(self._house.operator, self._books)
        invariants.books_are_right(self._house.operator)
        await trio.sleep(self._dice.choice((0, 0.1, 5, 70)))
        await self._house.start()

    # Checks when no work is pending.

    async def _become_quiet(self) -> None:
        self._house.disk.heal()
        await trio.sleep(STORAGE_PAUSE_MS / 1_000)  # an actor retries the storage after this pause
        await self._until_quiet()
        await trio.sleep(self._house.settles_s)
        await self._until_quiet()
        self._check()

    async def _until_quiet(self) -> None:
        with trio.move_on_after(PATIENCE_S) as patience:
            while not await self._is_quiet():  # noqa: ASYNC110 - there is no one event to wait for
                await trio.sleep(0.25)
        waiting = [(d.label, d.link, d._under_way) for d in self._devices if not d.is_content]
        assert not patience.cancelled_caught, ("it never becomes quiet", waiting)

    async def _is_quiet(self) -> bool:
        """Return whether all requests are answered, and still are after a while."""
        for link in (*(device.link for device in self._devices), *self._house.edge_links):
            if link is not None:
                link.thaw()
        if not self._all_are_content:
            return False
        await self._until_nothing_is_due()
        await wait_all_tasks_blocked()
        # A device that has reconnected meanwhile has a new link.
        links = [*(device.link for device in self._devices), *self._house.edge_links]
        is_slow = any(link is not None and link.is_slow for link in links)
        # The age of the last fact is no proof, because a commit may take longer.
        actors = invariants.actors(self._house.server)
        at_rest = all(actor.is_at_rest for actor in actors) and delays.nothing_waits(actors)
        return self._all_are_content and at_rest and not is_slow

    @property
    def _all_are_content(self) -> bool:
        connected = len(self._house.server.services.connections.all())
        is_content = all(device.is_content for device in self._devices)
        return is_content and connected == len(self._devices)

    async def _until_nothing_is_due(self) -> None:
        """Wait until long after the last fact, but not until just before the next."""
        sql = """SELECT max((SELECT max(at) FROM facts), (SELECT max(at) FROM transfers)) AS last,
                        (SELECT min(wake_at) FROM games) AS next"""
        while True:
            times = self._house.operator.row(sql) or {}
            since, left = ((times[name] or at) - self._house.now() for name, at in AT_NO_TIME)
            if since < -QUIET_MS and left > 50:
                return
            await trio.sleep(0.05 + max(0, QUIET_MS + since) / 1_000)

    def _check(self) -> None:
        server, database = self._house.server, self._house.operator
        self._story.counts["facts"] = self._books.read_all()
        invariants.books_are_right(database)
        delays.no_bet_profits_from_waiting(database, self._people.immaterial)
        invariants.nothing_has_vanished(database, self._books)
        invariants.nothing_is_overdue(database, self._house.now())
        invariants.replay_equals_live(server, database)
        invariants.balances_are_those_on_disk(server, database)
        invariants.own_rules_are_those_on_disk(server, database)
        invariants.nothing_is_left_in_memory(server, self._house.local_edges, len(self._devices))
        if self._house.limits.presence_limit > len(self._devices):
            places = [place for device in self._devices for place in device.places.values()]
            invariants.who_left_is_known_to_have(server, places)
        for device in self._devices:
            invariants.every_wish_came_true_once(device.wishes, self._books)
            delays.immaterial_events_refuse_no_bets(
                device.wishes, self._books, database, self._people.immaterial
            )
            invariants.balance_was_told(device, database)
            for place in device.places.values():
                place.must_be_up_to_date(self._books)
        assert not self.bug, self.bug


def _limits(dice: Dice) -> Limits:
    return Limits(
        rate_limit=dice.one_of((5, 0), (1, 50)),
        rate_burst=dice.choice((30, 400)),
        cost_limit=dice.one_of((5, 0), (1, 20_000)),
        mailbox_size=dice.choice((2, 5, 1_000)),
        outbox_size=dice.choice((8, 30, 1_000)),
        outbox_bytes=dice.choice((65_536, 1_000_000)),
        connections_per_user=dice.choice((4, 20)),
        resume_limit=dice.choice((10, 1_000, 1_000)),
        presence_limit=dice.choice((1, 200)),
        distribution_interval=dice.choice((1, 100, 700)),
        admins_may_bet=True,
    )

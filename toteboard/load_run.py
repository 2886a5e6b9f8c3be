"""Produces the load of a match on a running server: users join games, bet at a rate, and listen.

Each user is a session of the Python client. A witness (`toteboard/load_check.py`) receives a copy
of each message, and reports at the end whether anything is missing. The command is in
`toteboard/load_command.py`.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from itertools import count
from math import inf
from typing import Final

import trio
from attrs import Factory, define, field, frozen

from game.vocabulary import PAGE_SIZE
from toteboard.load_check import Purse, Table, Witness
from toteboard.stop_signals import StopSignals
from toteboard_client import (
    NO_CONNECTION,
    Client,
    ConnectionRejectedError,
    Message,
    Money,
    RefusedError,
    Session,
    SessionKey,
    connect,
    stay_connected,
)

SIDES: Final = ("red", "blue")
ACTION: Final = "goal"
STAKE: Final = Money("0.01")
"""The amount of each bet: small, so that no user runs out of money."""
CONNECTING_AT_ONCE: Final = 50
"""Connections to open at the same time."""
PATIENCE_S: Final = 10.0
"""How long to wait for replies and publications after the betting."""
MOST_UNDER_WAY: Final = 1_000
"""Bets that may wait for a reply. At this number, the next bets are delayed."""
GRACE_S: Final = 0.5
"""How long after the end of the betting a delayed bet may still be sent."""
GONE_S: Final = 10.0
"""A server that no user has reached for this long is considered gone."""


@frozen
class Person:
    """A user who can sign in."""

    name: str
    identity: SessionKey


@frozen
class Plan:
    """The load. `rate`: bets per second of all users combined. `host` opens the games."""

    url: str
    host: Person
    people: Sequence[Person]
    games: int
    rate: float
    duration_s: float
    title: str


class Overheard(Client):
    """A connection that passes each message to a witness."""

    def __init__(
        self,
        client: Client,
        witness: Witness,
        the_end: trio.Event,
        on_message: Callable[[], None],
    ) -> None:
        super().__init__(client.socket)
        self._witness, self._the_end, self._on_message = witness, the_end, on_message

    async def receive(self) -> Message:
        """Return the next message, after passing it to the witness."""
        message = await super().receive()
        self._on_message()
        self._witness.hear(message)
        if self._witness.has_heard_the_end:
            self._the_end.set()
        return message


@define(eq=False)
class LoadTest:
    """One run of the load. `tables`, `betting_s` and `unsent` are its result, even if interrupted.

    `unsent`: bets that could not be sent in time.
    """

    plan: Plan
    stop: StopSignals
    on_answer: Callable[[], None] = lambda: None
    tables: list[Table] = Factory(list)
    betting_s: float = 0.0
    unsent: int = 0
    _reaching: trio.CancelScope = Factory(trio.CancelScope)
    _betting: trio.CancelScope = Factory(trio.CancelScope)
    _doors: trio.CapacityLimiter = Factory(lambda: trio.CapacityLimiter(CONNECTING_AT_ONCE))

    async def run(self) -> None:
        """Open games, bet, decide the pools, close. Ctrl-C ends the betting early.

        Raise OSError, SignInRefusedError or RefusedError if the test cannot start.
        """
        with self.stop.calling(self._betting.cancel), self._reaching:
            await self._run()

    @property
    def is_gone(self) -> bool:
        """Whether the server is gone. A session would reconnect forever."""
        return self._reaching.cancel_called

    async def _run(self) -> None:
        async with self._session(self.plan.host, Witness("host", 0), trio.Event()) as host:
            source = await host.open_source(self.plan.title)
            try:
                await self._play(host, source.source_id)
            finally:
                with trio.move_on_after(0 if self.is_gone else PATIENCE_S, shield=True):
                    await _close(host, source.source_id)

    async def _play(self, host: Session, source_id: str) -> None:
        for number in range(self.plan.games):
            self.tables.append(await _open_table(host, source_id, f"game {number + 1}"))
        async with trio.open_nursery() as nursery:
            seats = await self._seat_users(nursery)
            await self._bet(seats)
            with trio.move_on_after(PATIENCE_S):
                await _note_purses(seats)
                await self._decide_pools(host, source_id)
                for seat in seats:
                    await seat.the_end.wait()
                await _note_purses(seats)
            nursery.cancel_scope.cancel()

    # The people.

    @asynccontextmanager
    async def _session(
        self, person: Person, witness: Witness, the_end: trio.Event
    ) -> AsyncIterator[Session]:
        @asynccontextmanager
        async def dial(anew: bool) -> AsyncIterator[Client]:
            key = await person.identity.key(anew=anew)
            async with AsyncExitStack() as open_connection:
                connecting = connect(self.plan.url, key.user_id, key.session_key)
                with self._noted():
                    client = await open_connection.enter_async_context(connecting)
                witness.connections += 1
                yield Overheard(client, witness, the_end, self._reached)

        async with AsyncExitStack() as exits:
            async with self._doors:
                # The witness receives the messages, so the session need not keep them.
                session = await exits.enter_async_context(stay_connected(dial, buffer=1))
            yield session

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Note whether a connection attempt reached the server; a refusal did."""
        try:
            yield
        except ConnectionRejectedError:
            self._reached()
            raise
        except NO_CONNECTION:
            until = trio.current_time() + GONE_S
            self._reaching.deadline = min(self._reaching.deadline, until)
            raise

    def _reached(self) -> None:
        self._reaching.deadline = inf

    async def _seat_users(self, nursery: trio.Nursery) -> list["Seat"]:
        """Connect all users, join their games and read their balances."""
        seats: list[Seat] = []
        async with trio.open_nursery() as arriving:
            for number, person in enumerate(self.plan.people):
                table = self.tables[number % len(self.tables)]
                seat = Seat(person, table, Witness(person.name, person.identity.user_id))
                table.witnesses.append(seat.witness)
                seats.append(seat)
                arriving.start_soon(nursery.start, self._sit, seat)
        return seats

    async def _sit(
        self, seat: "Seat", task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        async with self._session(seat.person, seat.witness, seat.the_end) as seat.session:
            await seat.session.join_game(seat.table.game_id)
            await seat.note_purse()
            task_status.started()
            await trio.sleep_forever()

    # The betting.

    async def _bet(self, seats: Sequence["Seat"]) -> None:
        """Send each bet at its time, until the duration is over."""
        for seat in seats:
            seat.witness.deliveries = 0
        began = trio.current_time()
        wanted = max(1, round(self.plan.rate * self.plan.duration_s))
        room = trio.Semaphore(MOST_UNDER_WAY)
        async with trio.open_nursery() as under_way:
            try:
                with self._betting:
                    self._betting.deadline = began + self.plan.duration_s + GRACE_S
                    for number in range(wanted):
                        self.unsent = wanted - number
                        await trio.sleep_until(began + number / self.plan.rate)
                        await room.acquire()
                        seat = seats[number % len(seats)]
                        team = SIDES[number // len(seats) % 2]
                        under_way.start_soon(self._bet_once, seat, team, room)
                    self.unsent = 0
            finally:
                self.betting_s = trio.current_time() - began
            under_way.cancel_scope.deadline = trio.current_time() + PATIENCE_S

    async def _bet_once(self, seat: "Seat", team: str, room: trio.Semaphore) -> None:
        await seat.bet(team)
        room.release()
        self.on_answer()

    async def _decide_pools(self, host: Session, source_id: str) -> None:
        """Register a goal of the first team in each game, close the games, and read the bets."""
        for table in self.tables:
            await host.register_event(table.game_id, ACTION, SIDES[0])
        await _close(host, source_id)
        for table in self.tables:
            table.kept = await _kept(host, table.pool_id)


@define(eq=False)
class Seat:
    """A user at a table; it has a session once it is connected."""

    person: Person
    table: Table
    witness: Witness
    the_end: trio.Event = Factory(trio.Event)
    session: Session = field(init=False)

    async def bet(self, team: str) -> None:
        """Place a bet, and pass its outcome to the witness."""
        asked = trio.current_time()
        try:
            reply = await self.session.place_bet(self.table.pool_id, team, STAKE)
        except RefusedError as refused:
            self.witness.refused[refused.code or "refused"] += 1
        except trio.Cancelled:
            self.witness.refused["not answered"] += 1
            raise
        else:
            self.witness.answer_s.append(trio.current_time() - asked)
            self.witness.acknowledged[reply.bet_id] = STAKE.hundredths

    async def note_purse(self) -> None:
        """Read the balances, and pass them to the witness."""
        current = (await self.session.get_current_balance()).current_balance
        exposure = (await self.session.get_exposure()).exposure
        purse = Purse(current.hundredths, exposure.hundredths)
        self.witness.purses.append(purse)


async def _note_purses(seats: Sequence[Seat]) -> None:
    async with trio.open_nursery() as nursery:
        for seat in seats:
            nursery.start_soon(seat.note_purse)


async def _open_table(host: Session, source_id: str, name: str) -> Table:
    game = await host.create_and_open_game(source_id, name, actions=[ACTION], targets=SIDES)
    await host.become_admin(game)
    pool = await host.open_pool(game, name, action=ACTION)
    return Table(game.game_id, pool.pool_id)


async def _close(host: Session, source_id: str) -> None:
    """Close the games and their source, unless they are closed."""
    try:
        await host.close_source(source_id)
    except RefusedError as refused:
        if refused.code != "source_closed":
            raise


async def _kept(host: Session, pool_id: str) -> set[str]:
    """Return the ids of all bets in a pool."""
    kept: set[str] = set()
    for offset in count(0, PAGE_SIZE):
        page = await host.get_distribution(pool_id, offset=offset)
        kept |= {bet for target in page.distribution.values() for bet in target.bets}
        if offset + PAGE_SIZE >= page.bets_total:
            break
    return kept

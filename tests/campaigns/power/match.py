"""The match that is recorded: several lives of a server, with requests of every kind.

It uses the real server as a process, its command line, and users on real sockets. Each message is
recorded at the moment that the user receives it.
"""

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import orjson
import trio

from tests.campaigns.power.recording import Heard, LetIn, Pen, Printed
from tests.support.process import PATIENCE_S, Process, environment
from toteboard_client import Client, ConnectionClosedError, Message, signed_url

FILES, RECORDING = "match", "recording"
"""In the folder of a recorded match: the database's folder, and the recording."""
CROWD = 12
"""The number of bets that are placed together."""
LONG = ",".join(["a name that comes up again and again" * 4] * 440)
"""Targets that fill the largest message, so that the commit has many pages."""
GAMES = 30
"""The number of games with so many targets. SQLite checkpoints by itself and restarts its WAL."""


class Seat:
    """A user's connection: sends each request with a new key, and records all messages."""

    def __init__(self, client: Client, user_id: int, pen: Pen, numbers: Iterator[int]) -> None:
        self.user_id = user_id
        self._client, self._pen, self._numbers = client, pen, numbers
        self._asked: dict[int, dict[str, Any]] = {}
        self._waiting: dict[int, trio.Event] = {}
        self._answers: dict[int, Message] = {}

    async def listen(self) -> None:
        """Receive messages until the connection ends."""
        with suppress(ConnectionClosedError):
            while True:
                message = await self._client.receive()
                number = message["response_header"].get("request_id", 0)
                request = self._asked.pop(number, None)
                key = str(number) if request else None
                self._pen.note(Heard(self.user_id, message, key, request))
                if request:
                    self._answers[number] = message
                    self._waiting.pop(number).set()

    async def ask(self, op: int, **parameters: Any) -> Message:
        """Send a request and return the reply, which must not be a refusal."""
        number = next(self._numbers)
        self._asked[number] = {"op": op, **parameters}
        self._waiting[number] = is_answered = trio.Event()
        header = {"request_id": number, "idempotency_key": str(number)}
        await self._client.send(op, header=header, **parameters)
        with trio.fail_after(PATIENCE_S):
            await is_answered.wait()
        reply = self._answers.pop(number)
        assert reply["res"] not in (645, 666), (op, parameters, reply)
        return reply


class Recorded(Process):
    """The server, its command line and its users. A pen records everything."""

    def __init__(self, folder: Path, recording: Path, mutation: str) -> None:
        options = "--distribution-interval", "20ms", "--log-level", "info", "--admins-may-bet"
        super().__init__(folder, *options)
        command = "-m", "tests.campaigns.power.recorder", str(recording.absolute()), mutation
        self.program = (sys.executable, *command)
        self._numbers = count(1)
        self._pen = Pen(recording)

    async def __aexit__(self, *about: object) -> None:
        await super().__aexit__(*about)
        self._pen.close()

    async def command(self, *arguments: str) -> Message:
        """Run a command of the command line and return what it prints."""
        with trio.fail_after(PATIENCE_S):
            done = await trio.run_process(
                [*self.program, *arguments],
                capture_stdout=True,
                cwd=self.folder,
                env=environment(),
            )
        self._pen.note(Printed(arguments, done.stdout.decode()))
        said: Message = orjson.loads(done.stdout)
        return said

    async def add(self, name: str, *options: str) -> None:
        """Add a user through the command line."""
        user = await self.command("user", "add", name, *options)
        self.keys[name] = user["id"], user["session_key"]

    @asynccontextmanager
    async def seats(self, *names: str) -> AsyncIterator[list[Seat]]:
        """Connect users for the block."""
        async with AsyncExitStack() as exits, trio.open_nursery() as nursery:
            seats = []
            for name in names:
                target = signed_url("/", *self.keys[name])
                client = await exits.enter_async_context(self.connect_to(target))
                (nonce,) = parse_qs(urlsplit(target).query)["n"]
                user_id, _ = self.keys[name]
                self._pen.note(LetIn(user_id, nonce))
                seats.append(Seat(client, user_id, self._pen, self._numbers))
                nursery.start_soon(seats[-1].listen)
            yield seats
            nursery.cancel_scope.cancel()


class Match:
    """A host and two players in one game. A player who only bets need not join."""

    def __init__(self, seats: Sequence[Seat], game_id: str) -> None:
        self.host, self.bob, self.cat = seats
        self.game_id = game_id

    @classmethod
    async def opened(cls, seats: Sequence[Seat]) -> Self:
        """Create a source and a game, and return the match."""
        host = seats[0]
        source = await host.ask(365, source_name="the source")
        named = {"actions": "goal,corner,card", "targets": "argentina,brazil:7,brazil:9"}
        game = await host.ask(370, source_id=source["source_id"], game_name="final", **named)
        await host.ask(616, game_id=game["game_id"])
        match = cls(seats, game["game_id"])
        await match.joined()
        return match

    async def joined(self) -> None:
        """Let the host and bob subscribe."""
        for seat in (self.host, self.bob):
            await seat.ask(363, game_id=self.game_id)

    async def pool(self, action: str = "goal", **options: Any) -> str:
        """Open a pool and return its id."""
        wanted = {"game_id": self.game_id, "description": "who?", "action": action} | options
        return str((await self.host.ask(385, **wanted))["pool_id"])

    async def bets(self, pool_id: str, *targets: str, amount: float = 2) -> None:
        """Let all users bet on each target in turn, concurrently."""
        async with trio.open_nursery() as nursery:
            for number, target in enumerate(targets):
                seat = (self.bob, self.cat, self.host)[number % 3]
                bet = {
                    "pool_id": pool_id,
                    "target": target,
                    "amount": round(amount + number / 100, 2),
                }
                nursery.start_soon(partial(seat.ask, 392, **bet))

    async def event(self, action: str, target: str, **options: Any) -> str:
        """Register an event, and return its id."""
        named = {"action_id": action, "target_id": target}
        event = await self.host.ask(395, game_id=self.game_id, **named | options)
        return str(event["event_id"])

    async def result_seq(self, pool_id: str) -> int:
        """Return the position of a resolved pool's result."""
        pools = await self.bob.ask(390, game_id=self.game_id)
        return int(pools["pools_list"][pool_id]["result_seq"])

    async def now(self) -> int:
        """Return the server's time, in epoch milliseconds."""
        return int((await self.host.ask(1))["response_header"]["t"])

    async def passes(self, at: int) -> None:
        """Ask for the server's time until it is later than `at`."""
        now = await self.now()
        while now <= at:
            await trio.sleep((at - now + 1) / 1_000)
            now = await self.now()


async def first_half(match: Match, server: Recorded) -> None:
    """Play pools of all types: won, lost, void, cancelled and timed out."""
    finish_at = await match.now() + 1_500
    timed = await match.pool("corner", type=2, finish_at=finish_at, recreate_on_end=True)
    binary = await match.pool(type=4, finish_at=finish_at)
    goal = await match.pool(recreate_on_end=True)
    await match.bets(goal, "brazil", "argentina", "brazil")
    await match.bets(timed, "none", "argentina")
    await match.bets(binary, "yes", "no")
    happened_at = await match.now()
    await match.passes(happened_at)
    await match.bets(goal, "brazil")
    await match.event("goal", "brazil:7", happened_at=happened_at)
    await match.host.ask(397, pool_id=timed)
    await match.host.ask(398, pool_id=timed)
    await match.host.ask(3975, game_id=match.game_id, action="corner")
    await match.host.ask(396, pool_id=binary)
    cancelled = await match.pool("card", is_blocked=True)
    await match.host.ask(398, pool_id=cancelled)
    await match.bets(cancelled, "argentina", "brazil")
    await match.host.ask(399, pool_id=cancelled, reason="rain")
    await server.command("user", "credit", "cat", "12.34")
    await match.host.ask(373, game_id=match.game_id, actions="offside")
    await match.passes(finish_at + 100)


async def revised(match: Match) -> None:
    """Hold a result, take events back, and correct a result twice."""
    held, paid = await match.pool("card", confirm_for=600_000), await match.pool("card")
    for pool in (held, paid):
        await match.bets(pool, "argentina", "brazil", "none")
    await match.host.ask(
        3951,
        game_id=match.game_id,
        reason="no foul",
        event_id=await match.event("card", "argentina"),
    )
    await match.event("card", "brazil:9", also="brazil:7")
    await match.host.ask(3952, pool_id=held)
    for target in ("argentina", "none"):
        correction = {"corrects_seq": await match.result_seq(held), "winning_target": target}
        await match.host.ask(3992, pool_id=held, reason="video", **correction)


async def crowded(match: Match) -> None:
    """Place many bets together and then one by one, for commits of many facts and of one."""
    pool = await match.pool("card")
    for amount in (1, 2):
        await match.bets(pool, *("argentina", "brazil", "none") * (CROWD // 3), amount=amount)
        for target in ("argentina", "brazil", "none"):
            await match.bets(pool, target, amount=amount)
    await match.event("card", "argentina")


async def season(host: Seat) -> None:
    """Create games that are never used again."""
    source = await host.ask(365, source_name="another source")
    for number in range(GAMES):
        named = {"game_name": f"game {number}", "targets": LONG}
        await host.ask(370, source_id=source["source_id"], **named)


async def second_half(match: Match) -> None:
    """Play to the end, including what is still open when the game closes."""
    await match.joined()
    manual = await match.pool(type=3)
    await match.bets(manual, "yes", "no")
    await match.bets(await match.pool("card"), "brazil", "none")
    assert (await match.host.ask(375, game_id=match.game_id))["res"] == 3411
    await match.event(f"pool-{manual}", "no")
    assert (await match.host.ask(375, game_id=match.game_id))["res"] == 341


async def begun(folder: Path, mutation: str) -> None:
    """Play only the beginning on a mutated server, which is enough to lose data it has told."""
    async with _server(folder, mutation) as server:
        await server.add("ann", "--can-host")
        async with server.seats("ann", "ann", "ann") as seats:
            match = await Match.opened(seats)
            await match.bets(await match.pool(), "argentina", "brazil", "brazil")


async def recorded(folder: Path, *, is_long: bool) -> None:
    """Record a whole match in an empty folder, with a stop, a kill and two starts in it.

    If it is long, SQLite also checkpoints by itself.
    """
    async with _server(folder, "none") as server:
        await server.add("ann", "--can-host")
        for name in ("bob", "cat"):
            await server.add(name, "--balance", "5000")
        all = "ann", "bob", "cat"
        async with server.seats(*all) as seats:
            match = await Match.opened(seats)
            await first_half(match, server)
            if is_long:
                await season(seats[0])
            await crowded(match)
            await revised(match)
            await server.stop()
        await server.start()
        async with server.seats(*all) as seats:
            match = Match(seats, match.game_id)
            await crowded(match)
            await server.kill()
        await server.start()
        async with server.seats(*all) as seats:
            await second_half(Match(seats, match.game_id))
        assert await server.stop() == 0
        assert server.stderr == b"", server.stderr


def _server(folder: Path, mutation: str) -> Recorded:
    files = folder / FILES
    files.mkdir(parents=True)
    return Recorded(files, folder / RECORDING, mutation)

"""Many lives of a server on one file, and the clients that reconnect in each."""

import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Final, Self

import trio
from attrs import define

from storage.store import AddUser
from tests.campaigns.kills.bettor import INITIAL, Bettor, Place
from tests.campaigns.kills.findings import Broken, Findings
from tests.campaigns.kills.host import Host
from tests.campaigns.kills.moments import (
    Moment,
    is_checkpoint_half_done,
    killed_in_checkpoint,
    workers_of,
)
from tests.campaigns.kills.reckoning import CURRENCY, Reckoning
from tests.campaigns.line import signed_in
from tests.support.process import TOTEBOARD, Process, has_ended
from toteboard.operator.operating import operating

BETTORS: Final = 200
MOST_ANSWERS: Final = 600
"""The most answers in a life. A replay always covers fewer than 1,000 facts."""
SOON_S: Final = 0.01
SETTLING_S: Final = 0.3
"""A little more than the time for settling a season's games."""
PATIENCE_S: Final = 150.0
MOST_WORKERS: Final = 3
"""The most workers that are killed in a life."""
_OPTIONS: Final = ("--log-level", "warning")


@define
class Tally:
    """The totals so far. `cut`: checkpoints that a kill interrupted. `workers`: killed workers."""

    kills: int = 0
    workers: int = 0
    cut: int = 0
    before_listening: int = 0


class Season:
    """The server and all its clients. Create it with `opened`."""

    def __init__(self, server: Process, findings: Findings, dice: Random) -> None:
        self.server, self.findings = server, findings
        self.tally = Tally()
        self.dice = dice
        self._reckoning = Reckoning(server.database, findings)
        self._news = trio.Event()
        self._answers = 0
        self._start_s = 1.0
        nowhere = Place("", [])
        with operating(server.database) as operator:
            host = operator(AddUser("ann", True, {}, None))
            self.host = Host(host["id"], host["session_key"], findings)
            some = [
                operator(AddUser(f"bettor-{number}", False, {CURRENCY: INITIAL}, None))
                for number in range(BETTORS)
            ]
        self.bettors = [
            Bettor(each["id"], each["session_key"], findings, Random(dice.random()), nowhere)
            for each in some
        ]

    async def begin(self) -> Self:
        """Open the first games on a running server, then stop it."""
        await self._open_games()
        await self._stop()
        return self

    async def cycle(self, moment: Moment, *, is_audited: bool) -> None:
        """Run one life from the server's start to its end, then check the file."""
        written_at = self._written_at()
        with trio.fail_after(PATIENCE_S):
            if moment is Moment.STARTING:
                await self._killed_while_it_starts()
            else:
                await self._killed_at_work(moment)
        self.tally.kills += 1
        has_written = self._written_at() > written_at
        self.tally.cut += has_written and is_checkpoint_half_done(self.server.database)
        self._wrote_no_error()
        self._reckoning.after_life(self.bettors, self._places, is_audited=is_audited)

    async def settle(self, *, goes_on: bool) -> None:
        """Run a life without a kill, in which everything outstanding is settled."""
        with trio.fail_after(PATIENCE_S):
            await self._start()
            async with self._everybody(is_betting=False):
                await self._until(self._nothing_is_in_doubt)
                await self._settle_games()
                await self._until(lambda: all(each.has_settled for each in self.bettors))
            self._reckoning.after_season(self.bettors, self._places)
            if goes_on:
                await self._open_games()
            await self._stop()

    def end(self) -> None:
        """Compare everything that clients received with the file."""
        self._reckoning.after_all(self.bettors)

    # The lives.

    async def _killed_at_work(self, moment: Moment) -> None:
        await self._start()
        async with self._everybody(is_betting=True):
            await self._until(self._enough_answers())
            match moment:
                case Moment.BETTING:
                    await trio.sleep(self.dice.uniform(0, SOON_S))
                case Moment.WORKERS:
                    await self._kill_workers()
                case Moment.CHECKPOINT:
                    process = self.server.process
                    async with self._workers_end():
                        with killed_in_checkpoint(self.server.database, process.pid):
                            await process.wait()
                case Moment.SETTLING:
                    await self._until(lambda: all(each.is_at_work for each in self.bettors))
                    with trio.move_on_after(self.dice.uniform(0, SETTLING_S)):
                        await self._settle_games()
            await self._kill()

    async def _kill_workers(self) -> None:
        """Kill workers, one after the other. Their clients come back, and bet again."""
        for _ in range(self.dice.randint(1, MOST_WORKERS)):
            victims = workers_of(self.server.process.pid)
            if victims:  # none while the last one that was killed is being replaced
                os.kill(self.dice.choice(victims), signal.SIGKILL)
                self.tally.workers += 1
            self._answers = 0
            await self._until(self._enough_answers())

    async def _killed_while_it_starts(self) -> None:
        """Kill the server before it listens or while the clients reconnect."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._start_and_bet)
            await trio.sleep(self.dice.uniform(0, 1.3) * self._start_s)
            await self._kill()
            self.tally.before_listening += "listening" not in self.server.events()
            nursery.cancel_scope.cancel()

    async def _kill(self) -> None:
        async with self._workers_end():
            await self.server.kill()

    @asynccontextmanager
    async def _workers_end(self) -> AsyncIterator[None]:
        """Wait, after the block in which the deciding process ends, until its workers have ended.

        While a worker has the file open, SQLite may hide what the last commit has written but not
        acknowledged, and the next life of the server would know more than `Reckoning` has seen.
        """
        workers = workers_of(self.server.process.pid)
        yield
        for pid in workers:
            await has_ended(pid)

    async def _start_and_bet(self) -> None:
        await self._start()
        async with self._everybody(is_betting=True):
            await trio.sleep_forever()

    @asynccontextmanager
    async def _everybody(self, *, is_betting: bool) -> AsyncIterator[None]:
        """Connect all clients. After a kill in the block, each reads what was still sent to it."""
        self._answers = 0
        async with trio.open_nursery() as nursery:
            for bettor in self.bettors:
                nursery.start_soon(self._play, bettor, is_betting)
            yield
            if not is_betting:
                nursery.cancel_scope.cancel()

    async def _play(self, bettor: Bettor, is_betting: bool) -> None:
        """Let a bettor reconnect until the server has ended."""
        process = self.server.process
        while process.returncode is None:
            await bettor.live(self.server.port, is_betting, self._on_answer, self._on_news)
            await trio.sleep(SOON_S)

    async def _settle_games(self) -> None:
        async with signed_in(self.server.port, self.host.user_id, self.host.key) as line:
            await self.host.settle(line, self._places)

    async def _open_games(self) -> None:
        async with signed_in(self.server.port, self.host.user_id, self.host.key) as line:
            self._places = await self.host.open_games(line)
        for number, bettor in enumerate(self.bettors):
            bettor.sit_at(self._places[number % len(self._places)])
        self._reckoning.after_life(self.bettors, self._places, is_audited=False)

    async def _start(self) -> None:
        began = trio.current_time()
        await self.server.start()
        self._start_s = trio.current_time() - began

    async def _stop(self) -> None:
        code = await self.server.stop()
        self.findings.expect(code == 0, Broken.BOOKS, "exit code", code)
        self._wrote_no_error()

    def _written_at(self) -> int:
        """Return when the database file was last written, which only a checkpoint does."""
        return self.server.database.stat().st_mtime_ns

    def _wrote_no_error(self) -> None:
        for line in self.server.lines:
            if line["level"] in ("error", "critical"):
                self.findings.add(Broken.BOOKS, "in the log:", line)
        if self.server.stderr:
            self.findings.add(Broken.BOOKS, self.server.stderr.decode())

    # Conditions to wait for.

    def _enough_answers(self) -> Callable[[], bool]:
        wanted = self.dice.randrange(MOST_ANSWERS)
        return lambda: self._answers >= wanted

    def _nothing_is_in_doubt(self) -> bool:
        return all(each.is_at_work and not each.unanswered for each in self.bettors)

    def _on_answer(self) -> None:
        self._answers += 1

    def _on_news(self) -> None:
        self._news.set()

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._news = trio.Event()
            await self._news.wait()


@asynccontextmanager
async def opened(
    folder: Path,
    findings: Findings,
    seed: int,
    program: tuple[str, ...] = TOTEBOARD,
    workers: int = 1,
) -> AsyncIterator[Season]:
    """Open a season on a new file. `program` may replace the server of its lives."""
    async with Process(folder, *_OPTIONS, "--workers", str(workers)) as server:
        season = await Season(server, findings, Random(seed)).begin()
        server.program = program
        yield season

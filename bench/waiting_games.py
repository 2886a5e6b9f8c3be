"""Games that wait for their `open_at`: memory, start-up time, and how late they act.

Each round starts our server on generated databases: without games; with games that are only rows;
with games that each have an actor; with timers, few and many, that are due within one second; and
with games that became due while the server was down. `late` is the delay until the game acts,
`told` the delay until that is on disk and logged.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from uuid import uuid4

from actors.games.alarms import HORIZON_MS
from bench.field import present
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from bench.server_process import ServerProcess, TooSlowError, serving, written_at
from game.commands import CreateAndOpenGame
from game.context import DecisionContext
from game.decide import decide_creation
from game.facts import Entry
from game.limits import RuleLimits
from game.state import create
from storage import journal
from storage.changes import Change, SourceOpened
from storage.opening import open_database, open_for_reading

HOUR, DAY = 3_600_000, 24 * 3_600_000
PATIENCE_S = 150.0
"""The timeout of each step. After it the measurement fails."""
BATCH = 10_000
"""Games written in one transaction."""
TIMERS = (2_000, 10_000)
"""The numbers of games that are due together. Our target is for the first."""
FELL_DUE = 10_000
"""Games that became due while the server was down."""
TIMERS_AFTER_MS = 20_000
"""When they are due after the server's start. By then each has its actor."""
SOURCE = str(uuid4())

Figures = Iterator[tuple[str, float]]


class MissedError(TooSlowError):
    """The server was not ready at the time to be measured, or did not log the event."""


Start = Callable[[Path], AbstractContextManager[ServerProcess]]
"""Starts our server on a database."""


def no_game(directory: Path, start: Start) -> Figures:
    """Measure start-up time and memory without games."""
    with start(_generated(directory, 0, due=0)) as server:
        yield "no game: start to listening, s", _listening_s(server)
        server.wait_until_idle(PATIENCE_S)
        yield "no game: memory, kB", server.rss_kb()


def rows_only(directory: Path, start: Start, games: int, own_kb: float) -> Figures:
    """Measure games that are due in the distant future, so that none has an actor."""
    with start(_generated(directory, games, due=_now() + 30 * DAY)) as server:
        yield "rows only: start to listening, s", _listening_s(server)
        server.wait_until_idle(PATIENCE_S)
        yield "rows only: memory a game, kB", (server.rss_kb() - own_kb) / games
        yield "rows only: stop, s", server.stop(PATIENCE_S)


def actors(directory: Path, start: Start, games: int, own_kb: float) -> Figures:
    """Measure games that are due so soon that each has an actor, but none is due yet."""
    due = _now() + HORIZON_MS + _generation_ms(games)
    database = _generated(directory, games, due=due)
    _sleep_until(due - HORIZON_MS + 1_000)
    with start(database) as server:
        yield "actors: start to listening, s", _listening_s(server)
        waiting_at = server.wait_until_idle(PATIENCE_S)
        if _now() >= due:
            raise MissedError(f"{games} actors were not made in {HORIZON_MS} ms")
        yield f"{games:,} actors: start until all wait, s", (waiting_at - server.started_at) / 1_000
        yield "actors: processor time to start a game, us", server.cpu_s() / games * 1e6
        yield "actors: memory a game, kB", (server.rss_kb() - own_kb) / games
        yield "actors: stop, s", server.stop(PATIENCE_S)


def timers(directory: Path, start: Start, games: int) -> Figures:
    """Measure when many games due within one second are decided, and when they are logged."""
    name, within_ms = f"{games:,} due in a second", 1_000
    due = _now() + TIMERS_AFTER_MS + _generation_ms(games)
    database = _generated(directory, games, due=due, within_ms=within_ms)
    _sleep_until(due - TIMERS_AFTER_MS)
    with start(database) as server:
        server.wait_until_listening(PATIENCE_S)
        server.wait_until_idle(PATIENCE_S)
        if _now() >= due:
            raise MissedError(f"{games} actors were not made in time")
        used = server.cpu_s()
        _sleep_until(due + within_ms)
        server.wait_until_idle(PATIENCE_S)
        yield from _lateness(server, database, name, games)
        yield f"{name}: processor time a game, us", (server.cpu_s() - used) / games * 1e6


def fell_due(directory: Path, start: Start) -> Figures:
    """Measure start-up with games that became due while down. They act before it listens."""
    with start(_generated(directory, FELL_DUE, due=_now() - HOUR, within_ms=HOUR)) as server:
        yield "fell due while down: start to listening, s", _listening_s(server)
        listening_at = written_at(server.lines("listening")[0])
        acted = [written_at(line) <= listening_at for line in server.lines("game_transition")]
        if sum(acted) != FELL_DUE:
            raise MissedError(f"{sum(acted)} of {FELL_DUE} games acted before it listened")


def ask(plan: Plan) -> Iterator[Sample]:
    """Start our server for each question of a round. Raise `TooSlowError` on a timeout."""
    trees = {OURS: plan.tree, BEFORE: plan.against}
    for number in range(plan.rounds):
        for name in present(plan):
            if tree := trees.get(name):
                for figure, value in _round(plan, tree):
                    yield Sample(figure, name, number, value)


def _round(plan: Plan, tree: Path) -> Figures:
    figures = dict(_answered(no_game, tree))
    yield from figures.items()
    own_kb = figures["no game: memory, kB"]
    questions: list[Callable[[Path, Start], Figures]] = [
        partial(rows_only, games=plan.games, own_kb=own_kb),
        partial(actors, games=plan.games, own_kb=own_kb),
        *(partial(timers, games=games) for games in TIMERS),
        fell_due,
    ]
    for question in questions:
        yield from _answered(question, tree)


def _answered(question: Callable[[Path, Start], Figures], tree: Path) -> Figures:
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        yield from question(Path(directory), partial(serving, tree=tree))


def _generated(directory: Path, games: int, *, due: int, within_ms: int = 1) -> Path:
    """Write games whose `open_at` is spread evenly over `within_ms`, starting at `due`."""
    path = directory / "waiting.db"
    with closing(open_database(path)) as database:
        database.write([SourceOpened(SOURCE, "a source", None, 1)])
        for start in range(0, games, BATCH):
            numbers = range(start, min(start + BATCH, games))
            database.write(
                change for n in numbers for change in _game(n, due + n * within_ms // games)
            )
    return path


def _game(number: int, open_at: int) -> tuple[Change, Change]:
    """Return the rows of a game that a host created a day before its `open_at`."""
    created_at = open_at - DAY
    command = CreateAndOpenGame(
        source_id=SOURCE,
        game_name=f"Argentina - Brazil {number}",
        actions=("Goal", "Corner", "Penalty"),
        targets=("Argentina", "Brazil"),
        open_at=open_at,
        live_start_at=open_at + DAY,
        close_at=open_at + DAY + 2 * HOUR,
    )
    context = DecisionContext(now=created_at, user_id=1, limits=RuleLimits())
    entry = Entry(1, created_at, decide_creation(command, str(uuid4()), context))
    game = create(entry)
    return journal.fact_row(game, entry), journal.game_row(game)


def _lateness(server: ServerProcess, path: Path, name: str, games: int) -> Figures:
    lines = server.lines("game_transition")
    if len(lines) != games:
        raise MissedError(f"{len(lines)} of {games} games acted, or lines were dropped")
    with closing(open_for_reading(path)) as database:
        due = {row["id"]: row["open_at"] for row in database.rows("SELECT id, open_at FROM games")}
    yield from _distribution(f"{name}: late", [line["late_ms"] for line in lines])
    told = [written_at(line) - due[line["game_id"]] for line in lines]
    yield from _distribution(f"{name}: told", told)


def _distribution(name: str, values: list[float]) -> Figures:
    percentiles = quantiles(values, n=100)
    yield f"{name} p50, ms", percentiles[49]
    yield f"{name} p99, ms", percentiles[98]
    yield f"{name} max, ms", max(values)


def _listening_s(server: ServerProcess) -> float:
    return (server.wait_until_listening(PATIENCE_S) - server.started_at) / 1_000


def _generation_ms(games: int) -> int:
    """Return the time allowed for generating `games` games, in ms."""
    return 3_000 + games // 5


def _now() -> int:
    return time.time_ns() // 1_000_000


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at / 1_000 - time.time()))


if __name__ == "__main__":
    sys.exit(command("waiting_games", ask, rounds=1, seconds=1.0)())

"""Bets: how many become durable in a second, how soon they are answered, and what one costs.

A round starts the real server once. Two hundred bettors bet in one pool and in fifty pools of a
game, with nobody watching and with a thousand subscribers; then some bet in pools that already have
few, many and very many bets.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import click
from attrs import frozen

from bench import crowd
from bench.betting_database import Generated, generate
from bench.crowd import CrowdError, Heard, Line, Person, frame
from bench.report import machine, renew_section, table
from bench.server_process import ServerProcess, TooSlowError, serving

PATIENCE_S = 60.0
BETTORS, WATCHERS = 200, 1_000
CONNECTIONS_PER_WATCHER = 20
MANY_POOLS = 50
WARM_UP_S = 1.0

SIZES = (10, 1_000, 100_000)
"""Bets that a pool of the curve has already."""
SLICES = 9
"""How often a round comes to each size: the small ones to a fresh pool each time."""
SLICE = 500
"""Bets placed then."""
CURVE_BETTORS = 50
LOOKS = 20
"""How often a page of bets is asked for."""
PAGE = 10

AIMS = {
    "one pool, nobody watching: bets a second": "10,000; aim 25,000",
    "one pool, nobody watching: p99, ms": "20",
    "one pool, 1,000 watching: bets a second": "5,000; aim 12,000",
    "one pool, 1,000 watching: p99, ms": "40; aim 20",
    "fifty pools, 1,000 watching: bets a second": "5,000; aim 12,000",
    "fifty pools, 1,000 watching: p99, ms": "40; aim 20",
    "100,000 against 10: server CPU, ratio": "1.1; aim 1.0",
}

Figures = Iterator[tuple[str, float]]


@frozen
class Scene:
    """Who bets where: `pools` of one game, each bettor with `in_flight` unanswered bets."""

    name: str
    pools: int
    is_watched: bool
    in_flight: int = 1


SCENES = (
    Scene("one pool, nobody watching", 1, False),
    Scene("fifty pools, nobody watching", MANY_POOLS, False),
    Scene("one pool, nobody watching, 4 in flight each", 1, False, in_flight=4),
    Scene("fifty pools, nobody watching, 4 in flight each", MANY_POOLS, False, in_flight=4),
    Scene("one pool, 1,000 watching", 1, True),
    Scene("fifty pools, 1,000 watching", MANY_POOLS, True),
)


@frozen
class Ground:
    """A server with what was generated for it."""

    server: ServerProcess
    made: Generated
    seconds: float

    @property
    def bettors(self) -> list[Person]:
        """Those who bet."""
        return [(user.id, user.session_key) for user in self.made.people[:BETTORS]]

    @property
    def watchers(self) -> list[Person]:
        """Those who listen, each with many connections."""
        users = self.made.people[BETTORS:]
        return [(u.id, u.session_key) for u in users for _ in range(CONNECTIONS_PER_WATCHER)]


def rates(ground: Ground, number: int, scene: Scene) -> Figures:
    """Everybody bets as fast as answers come, for a while."""
    game_id, pool_ids = ground.made.games[number]
    port = ground.server.port
    bets = [_bet(pool_id) for pool_id in pool_ids]
    with ExitStack() as ends:
        if scene.is_watched:
            join = frame(363, game_id=game_id)
            crew = crowd.process(crowd.watchers, port, ground.watchers, join)
            watching = ends.enter_context(crew)
        crew = crowd.process(crowd.bettors, port, ground.bettors, bets, scene.in_flight)
        betting = ends.enter_context(crew)
        begin = time.monotonic() + WARM_UP_S
        end = begin + ground.seconds
        betting.send(end)
        if scene.is_watched:
            watching.send((begin, end))
        _sleep_until(begin)
        used = ground.server.cpu_s()
        _sleep_until(end)
        used = ground.server.cpu_s() - used
        answers: list[tuple[float, float]] = crowd.answer(betting)
        yield from _pace(
            scene.name, [a for a in answers if begin <= a[0] < end], used, ground.seconds
        )
        if scene.is_watched:
            heard: Heard = crowd.answer(watching)
            yield f"{scene.name}: 361s delivered a second", heard.messages / ground.seconds
            yield f"{scene.name}: watchers closed", heard.closed


def curve(ground: Ground) -> Figures:
    """The same bets in pools of all sizes, by turns; then a look at each size."""
    games = ground.made.games[len(SCENES) :]
    port, used = ground.server.port, dict.fromkeys(SIZES, 0.0)
    with crowd.connected(port, ground.bettors[:CURVE_BETTORS]) as lines:
        for game_id, _ in games[:-1]:
            _first_asked_s(lines[0], game_id)
        yield (
            f"the first who asks for a game of {SIZES[-1]:,} bets waits, s",
            _first_asked_s(lines[0], games[-1][0]),
        )
        sized = dict(zip(SIZES, games, strict=True))
        for number in range(SLICES):
            # Another begins each time: what comes first finds the server cold.
            first = number % len(SIZES)
            for size in SIZES[first:] + SIZES[:first]:
                _, pool_ids = sized[size]
                pool_id = pool_ids[min(number, len(pool_ids) - 1)]
                used[size] += _slice_cpu_s(ground.server, lines, pool_id)
    for size, (game_id, pool_ids) in zip(SIZES, games, strict=True):
        yield f"pool of {size:,}: server CPU a bet, us", used[size] / SLICES / SLICE * 1e6
        with crowd.connected(port, ground.bettors[:1]) as (line,):
            yield from _looks(line, size, game_id, pool_ids[-1])
    yield "100,000 against 10: server CPU, ratio", used[SIZES[-1]] / used[SIZES[0]]


def measure(path: Path, made: Generated, seconds: float) -> dict[str, float]:
    """One round, on a copy of the database. Raises `CrowdError` and `TooSlowError`."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        database = Path(directory) / "bets.db"
        shutil.copy(path, database)
        with serving(database) as server:
            server.wait_until_listening(PATIENCE_S)
            ground, figures = Ground(server, made, seconds), dict[str, float]()
            for number, scene in enumerate(SCENES):
                figures |= rates(ground, number, scene)
                server.wait_until_idle(PATIENCE_S)
            return figures | dict(curve(ground))


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
@click.option(
    "--seconds", default=5.0, show_default=True, type=click.FloatRange(1, crowd.LONGEST_S)
)
def main(rounds: int, seconds: float) -> None:
    """Measure, print the table, and renew its section of the README."""
    measured, given_up = [], []
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        path = Path(directory) / "generated.db"
        made = _generated(path)
        for number in range(1, rounds + 1):
            try:
                measured.append(measure(path, made, seconds))
                click.echo(f"round {number} of {rounds} is done", err=True)
            except (CrowdError, TooSlowError) as error:
                given_up.append(f"Round {number} of {rounds} is given up: {error}.")
                click.echo(given_up[-1], err=True)
    if not measured:
        raise click.ClickException("nothing could be measured")
    text = table(measured, AIMS)
    click.echo(text)
    command = f"python -m bench.bets --rounds {rounds} --seconds {seconds:g}"
    about = (
        f"{BETTORS} bettors on real sockets, each with one bet in flight if nothing else is said, "
        f"for {seconds:g} s; {len(measured)} of {rounds} rounds were measured, scene after scene. "
        f"{machine()}; load average at the end {os.getloadavg()[0]:.1f}: the crowd runs on the "
        f"same cores; a load beyond their number costs rate and latency. "
        f"Latency is seen by the bettor; where 1,000 watch, the server's CPU includes telling "
        f"them. A pool of 10 has {10 + SLICE} bets at the end of its turn. "
        f"Again: `{command}`"
    )
    renew_section("Bets", "\n\n".join([about, *given_up, text]))


def _generated(path: Path) -> Generated:
    scenes = [(scene.pools, 0) for scene in SCENES]
    # One more than there are turns, for the looks; the huge one has to serve for all.
    sizes = [(SLICES + 1, size) for size in SIZES[:-1]] + [(1, SIZES[-1])]
    return generate(path, BETTORS + WATCHERS // CONNECTIONS_PER_WATCHER, [*scenes, *sizes])


def _bet(pool_id: str) -> bytes:
    return frame(392, pool_id=pool_id, target="brazil", amount=1)


def _pace(name: str, answers: list[tuple[float, float]], used_s: float, seconds: float) -> Figures:
    if len(answers) < 2:
        raise CrowdError(f"{name}: {len(answers)} bets were answered in {seconds} s")
    percentiles = quantiles((latency * 1_000 for _, latency in answers), n=100)
    yield f"{name}: bets a second", len(answers) / seconds
    yield f"{name}: p50, ms", percentiles[49]
    yield f"{name}: p99, ms", percentiles[98]
    yield f"{name}: server CPU a bet, us", used_s / len(answers) * 1e6


def _first_asked_s(line: Line, game_id: str) -> float:
    """Ask for a game that has to be folded first; gives how long that takes."""
    asked_at = time.monotonic()
    crowd.call(line, frame(372, game_id=game_id), b'"res":342,')
    return time.monotonic() - asked_at


def _slice_cpu_s(server: ServerProcess, lines: list[Line], pool_id: str) -> float:
    """Place `SLICE` bets; gives the server's processor time."""
    left = iter(range(SLICE - len(lines)))
    used = server.cpu_s()
    crowd.bet(lines, [_bet(pool_id)], 1, lambda: next(left, None) is None)
    return server.cpu_s() - used


def _looks(line: Line, size: int, game_id: str, pool_id: str) -> Figures:
    """What a reader is sent about a pool that has so many bets."""
    crowd.call(line, frame(363, game_id=game_id), b'"res":333,')
    heard = crowd.call(line, _bet(pool_id), crowd.DISTRIBUTION_CHANGED)
    yield f"pool of {size:,}: a 361, bytes", max(map(len, crowd.texts(heard)))
    page = frame(393, pool_id=pool_id, offset=size - PAGE, limit=PAGE)
    times = []
    for _ in range(LOOKS):
        asked_at = time.monotonic()
        crowd.call(line, page, b'"res":360,')
        times.append(time.monotonic() - asked_at)
    yield f"pool of {size:,}: its last {PAGE} bets by 393, ms", median(times) * 1_000


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.monotonic()))


if __name__ == "__main__":
    sys.exit(main())

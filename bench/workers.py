"""Workers: what they cost when idle, and what they add when many watch.

Each round starts our server with one process, and with 2, 3 and 4 workers. CPU and memory are those
of all its processes. Load and server share the cores of the machine, so with two cores this shows
what workers cost, and hardly what they gain.
"""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve

from bench.bets import BETTORS, CONNECTIONS_PER_WATCHER, LAST_361_S, WARM_UP_S, Ground
from bench.betting_database import Generated, generate
from bench.crowd import Cast, Listen, gathered, percentiles_ms
from bench.fanout import FLOOD, stage, task
from bench.field import SETTINGS, Contender, ours
from bench.line import connected, request
from bench.question import Plan, command
from bench.sample import OURS, Sample
from bench.script import requests
from bench.server_process import ServerProcess, rss_kb_of

ONE = 1
"""The setting with which one process does everything."""
MEASURED = (ONE, 2, 3, 4)
LIMITS = 3
"""The number of workers for which idle cost and replacement have limits."""
SUBSCRIBERS = 1_000
WATCHING = (1_000, 5_000)
QUIET, SPREAD = 30, 60
IDLE_S, SETTLE_S = 5.0, 1.5

Figures = Iterator[tuple[str, float]]


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure every number of workers once in each round, with a new server."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        people = BETTORS + 1 + max(WATCHING) // CONNECTIONS_PER_WATCHER
        pools = [(1, 0)] * (2 + len(WATCHING))
        made = generate(Path(directory) / "generated.db", people, pools)
        for number in range(plan.rounds):
            alone_kb = 0.0
            for workers in MEASURED:
                settings = {**SETTINGS, "workers": workers}
                with ours(OURS, plan.tree, made.path, settings) as contender:
                    for figure, value in _life(plan, contender, made, workers):
                        if figure == MEMORY:
                            alone_kb = alone_kb or value
                            figure, value = "most memory of a process, ratio", value / alone_kb
                        yield Sample(f"{_title(workers)}: {figure}", OURS, number, value)


MEMORY = "memory"


def _title(workers: int) -> str:
    return "one process" if workers == ONE else f"{workers} workers"


def _life(plan: Plan, contender: Contender, made: Generated, workers: int) -> Figures:
    server = contender.server
    assert isinstance(server, ServerProcess)
    if plan.wants("idle"):
        yield from _idle(server, made)
        yield from _lone_bet(plan, contender, made)
    if plan.wants("spread") and workers == LIMITS:
        yield from _spread(server, made)
        yield from _replaced(server, made)
    if workers != LIMITS:
        if plan.wants(FLOOD):
            yield from _flood(plan, contender, made)
        for place, watching in enumerate(WATCHING, start=2):
            if plan.wants(_watched(watching)):
                yield from _bets(plan, contender, made, watching, place)


def _idle(server: ServerProcess, made: Generated) -> Figures:
    """Yield what the processes take while some connections send nothing."""
    with gathered(server.port, Cast(made.people[:QUIET])) as crew:
        crew(Listen(SETTLE_S))()
        used = server.cpu_s()
        time.sleep(IDLE_S)
        share = (server.cpu_s() - used) / IDLE_S
        yield f"idle, {QUIET} connections: % of a core", share * 100
        yield MEMORY, max(map(rss_kb_of, server.pids))


def _lone_bet(plan: Plan, contender: Contender, made: Generated) -> Figures:
    """Yield the latency of bets of a single player."""
    with gathered(contender.port, Cast(voices={"bettor": made.people[:BETTORS]})) as crew:
        ground = Ground(contender, made, crew, plan.seconds)
        heard, _ = ground.bet(made.games[0][1], plan.seconds, bettors=1)
        yield "a bet at a time: p50, ms", percentiles_ms(heard.answers)[49]


def _spread(server: ServerProcess, made: Generated) -> Figures:
    """Yield the connections of the worker that has the fewest."""
    before = len(server.lines("connection_opened"))
    with connected(server.port, made.people[:SPREAD]):
        time.sleep(SETTLE_S)  # log lines cross the link
        opened = Counter(line["worker"] for line in server.lines("connection_opened")[before:])
    fewest = min(opened[number] for number in range(1, LIMITS + 1))
    yield f"fewest of {SPREAD} connections at a worker", fewest


def _replaced(server: ServerProcess, made: Generated) -> Figures:
    """Yield the time from the death of a worker until its successor serves."""
    began = time.monotonic()
    os.kill(server.pids[-1], signal.SIGKILL)
    # The kernel gives some of these to the dead worker's socket: they wait for its successor.
    with connected(server.port, made.people[:QUIET]):
        yield "a killed worker: until its successor serves, s", time.monotonic() - began


def _flood(plan: Plan, contender: Contender, made: Generated) -> Figures:
    asked = requests(made.games[1])
    swapped = evolve(made, games=made.games[1:])
    with stage([contender], swapped, SUBSCRIBERS) as started:
        ((_, crew),) = started
        crew(task(FLOOD, asked, OURS, WARM_UP_S))()
        used = contender.server.cpu_s()
        heard = crew(task(FLOOD, asked, OURS, plan.seconds))()
        used = contender.server.cpu_s() - used
        title = f"{FLOOD}, {SUBSCRIBERS:,} subscribers"
        yield f"{title}: deliveries a second", heard.deliveries / heard.took
        yield f"{title}: CPU a delivery, us", used / heard.deliveries * 1e6


def _watched(watching: int) -> str:
    return f"{BETTORS} bettors, {watching:,} watching"


def _bets(plan: Plan, contender: Contender, made: Generated, watching: int, place: int) -> Figures:
    game_id, pool_ids = made.games[place]
    people = (made.people[BETTORS:] * CONNECTIONS_PER_WATCHER)[:watching]
    watchers = Cast(people, join=request("join_game", game_id=game_id))
    bettors = Cast(voices={"bettor": made.people[:BETTORS]})
    with gathered(contender.port, bettors) as crew, gathered(contender.port, watchers) as watch:
        watch(Listen(0))()
        ground = Ground(contender, made, crew, plan.seconds)
        warmed = watch(Listen(WARM_UP_S + LAST_361_S))
        ground.bet(pool_ids, WARM_UP_S)
        warmed()
        watched = watch(Listen(plan.seconds))
        heard, used = ground.bet(pool_ids, plan.seconds)
        yield f"{_watched(watching)}: bets a second", len(heard.answers) / heard.took
        yield f"{_watched(watching)}: p50, ms", percentiles_ms(heard.answers)[49]
        yield f"{_watched(watching)}: CPU a bet, us", used / len(heard.answers) * 1e6
        yield f"{_watched(watching)}: 361s a second", watched().deliveries / plan.seconds


if __name__ == "__main__":
    sys.exit(command("workers", ask, rounds=2, seconds=1.0)())

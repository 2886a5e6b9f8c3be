"""A cluster: what it costs that each commit is in PostgreSQL's log, on a primary with two standbys.

Each round starts our server with one process that stands alone, and then as the only node of a
cluster. The three PostgreSQL servers share the cores of the machine with server and load, and write
to memory if there is room, so a real one differs in both directions.

A node gives each bet an idempotency key, if its client has not, and keeps the reply under it. All
our clients send keys. Bets without keys are measured as well: one process keeps no reply to them.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

from bench.bets import BETTORS, WARM_UP_S, Ground
from bench.betting_database import Generated, generate
from bench.crowd import Cast, gathered, percentiles_ms
from bench.field import PATIENCE_S, SETTINGS, Contender, ours
from bench.question import Plan, command
from bench.sample import OURS, Sample
from bench.server_process import ServerProcess
from storage.opening import key_path
from tests.support.engine import Engine, free_port

ALONE, NODE = "stands alone", "a node"
Figures = Iterator[tuple[str, float]]


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure both once in each round, with a new server."""
    with (
        TemporaryDirectory(prefix="toteboard-bench-") as directory,
        Engine.running(standbys=True) as engine,
    ):
        made = generate(Path(directory) / "generated.db", BETTORS + 1, [(1, 0), (1, 0)])
        for number in range(plan.rounds):
            alone: dict[str, float] = {}
            with ours(OURS, plan.tree, made.path, SETTINGS) as contender:
                for figure, value in _life(plan, contender, made):
                    alone[figure] = value
                    yield Sample(f"{ALONE}: {figure}", OURS, number, value)
            with _node(plan, made, engine) as contender:
                for figure, value in _life(plan, contender, made):
                    yield Sample(f"{NODE}: {figure}", OURS, number, value)
                    ratio = value / alone[figure]
                    yield Sample(f"{NODE}, ratio: {figure}", OURS, number, ratio)


@contextmanager
def _node(plan: Plan, made: Generated, engine: Engine) -> Iterator[Contender]:
    """Run the only node of a new cluster, on a copy of a database."""
    url = engine.new_database()
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        path = Path(directory) / "node.db"
        copy(made.path, path)
        copy(key_path(made.path), key_path(path))
        init = [sys.executable, "-m", "toteboard", "cluster", "init", url]
        subprocess.run([*init, "--database", path], check=True, cwd=plan.tree, capture_output=True)
        address = f"127.0.0.1:{free_port()}"
        settings = {**SETTINGS, "cluster": url, "node_address": address}
        with ours(OURS, plan.tree, path, settings) as contender:
            assert isinstance(contender.server, ServerProcess)
            contender.server.wait_until_leading(PATIENCE_S)
            yield contender


def _life(plan: Plan, contender: Contender, made: Generated) -> Figures:
    with gathered(contender.port, Cast(voices={"bettor": made.people[:BETTORS]})) as crew:
        ground = Ground(contender, made, crew, plan.seconds)
        (_, one_by_one), (_, together) = made.games
        ground.bet(one_by_one, WARM_UP_S, bettors=1)
        heard, _ = ground.bet(one_by_one, plan.seconds, bettors=1)
        yield "a bet at a time: p50, ms", percentiles_ms(heard.answers)[49]
        for keyed in (True, False):
            scene = f"{BETTORS} bettors with{'' if keyed else 'out'} keys"
            ground.bet(together, WARM_UP_S, keyed=keyed)
            heard, used = ground.bet(together, plan.seconds, keyed=keyed)
            yield f"{scene}: bets a second", len(heard.answers) / heard.took
            yield f"{scene}: p50, ms", percentiles_ms(heard.answers)[49]
            yield f"{scene}: CPU a bet, us", used / len(heard.answers) * 1e6


if __name__ == "__main__":
    sys.exit(command("cluster", ask, rounds=3, seconds=2.0)())

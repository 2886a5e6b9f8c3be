"""Run every benchmark one after the other, in about 15 minutes: `make bench`.

The output is the generated part of README.md, the charts, and all samples as JSON.
"""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson
from attrs import asdict, evolve

from bench import (
    askers,
    bets,
    durable,
    fanout,
    growth,
    memory,
    offered,
    ops,
    policies,
    slow_readers,
    waiting_games,
)
from bench.field import WORK, versions
from bench.figures import draw
from bench.line import CrowdError
from bench.question import Plan, Question, collect, prepare
from bench.report import machine, renew, table
from bench.sample import Sample
from bench.server_process import TooSlowError

QUESTIONS: dict[str, tuple[Question, int]] = {
    "fanout": (fanout.ask, 5),
    "ops": (ops.ask, 5),
    "durable": (durable.ask, 5),
    "bets": (bets.ask, 3),
    "offered": (offered.ask, 3),
    "growth": (growth.ask, 2),
    "policies": (policies.ask, 5),
    "memory": (memory.ask, 2),
    "askers": (askers.ask, 5),
    "slow_readers": (slow_readers.ask, 5),
    "waiting_games": (waiting_games.ask, 1),
}
"""Each benchmark and its maximum number of rounds. Ratios need five rounds to be stable."""
PICTURE = Path(__file__).with_name("figures.svg")


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=1.0, show_default=True, type=click.FloatRange(0.1, 30))
def main(rounds: int, seconds: float) -> None:
    """Run every benchmark, print the table, and update README.md and its charts."""
    prepare()
    began_at, begin, load = datetime.now(UTC), time.monotonic(), os.getloadavg()[0]
    found, given_up = dict[str, list[Sample]](), list[str]()
    plan = Plan(rounds, seconds)
    for name, (question, most) in QUESTIONS.items():
        mine = evolve(plan, rounds=min(rounds, most))
        try:
            found[name] = collect(name, question, mine)
        except (CrowdError, TooSlowError) as error:
            given_up.append(f"`{name}` was given up: {error}.")
            click.echo(given_up[-1], err=True)
    samples = [sample for each in found.values() for sample in each]
    tables = "\n\n".join(f"### {name}\n\n{table(each)}" for name, each in found.items())
    click.echo(tables)
    raw = WORK / f"{began_at:%Y%m%dT%H%M%SZ}.json"
    WORK.mkdir(exist_ok=True)
    raw.write_bytes(orjson.dumps([asdict(sample) for sample in samples]))
    about = (
        f"{began_at:%Y-%m-%d %H:%M} UTC, {(time.monotonic() - begin) / 60:.0f} minutes, "
        f"rounds: {rounds} at most, {seconds:g} s a scene. {machine(versions(), load)}"
    )
    PICTURE.write_text(draw(samples))
    renew("\n\n".join([about, *given_up, tables]))


if __name__ == "__main__":
    sys.exit(main())

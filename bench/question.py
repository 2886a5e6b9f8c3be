"""What all benchmarks share: the plan, the command line and the progress report.

A question is a benchmark: a function from a plan to samples. Run alone, it prints its table.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from bench.crowd import raise_file_limit
from bench.line import CrowdError
from bench.report import table
from bench.sample import Sample
from bench.server_process import HERE, TooSlowError


@frozen
class Plan:
    """The extent of a measurement, and the contenders."""

    rounds: int
    seconds: float
    """The duration of each scene in a round."""
    tree: Path = HERE
    """The checkout whose server is `ours`."""
    against: Path | None = None
    """Another checkout, whose server is `before`."""
    only: frozenset[str] = frozenset()
    """The contenders to measure; empty means all."""
    games: int = 20_000
    """The number of waiting games."""
    bets: int = 100_000
    """The largest number of bets that are there before a measurement (`bench/growth.py`)."""
    match: str = ""
    """Measure only the scenes whose title contains this."""

    def wants(self, scene: str) -> bool:
        """Return whether the plan includes a scene."""
        return self.match in scene


Question = Callable[[Plan], Iterator[Sample]]


def collect(name: str, question: Question, plan: Plan) -> list[Sample]:
    """Run a benchmark, print its progress to standard error, and return the samples."""
    begin, samples = time.monotonic(), list[Sample]()
    for sample in question(plan):
        samples.append(sample)
        done = f"{name} {time.monotonic() - begin:4.0f} s"
        click.echo(
            f"{done}  round {sample.round + 1} of {plan.rounds}  {sample.who}: "
            f"{sample.figure} {sample.value:,.2f}",
            err=True,
        )
    return samples


def command(name: str, question: Question, rounds: int, seconds: float) -> click.Command:
    """Return the command line of one benchmark."""

    @click.command()
    @click.option("--rounds", default=rounds, show_default=True, type=click.IntRange(1))
    @click.option("--seconds", default=seconds, show_default=True, type=click.FloatRange(0.1, 30))
    @click.option("--tree", default=HERE, type=_CHECKOUT, help="The checkout whose server is ours.")
    @click.option("--against", type=_CHECKOUT, help="Another one, which runs as `before`.")
    @click.option("--only", default="", help="Whom to ask: ours,before,websockets,ws,…")
    @click.option("--games", default=20_000, show_default=True, help="How many games wait.")
    @click.option("--bets", default=100_000, show_default=True, help="How many bets are there.")
    @click.option("--match", default="", help="Only scenes with this in their title.")
    def run(only: str, **options: Any) -> None:
        """Run the benchmark and print its table."""
        prepare()
        plan = Plan(only=frozenset(filter(None, only.split(","))), **options)
        try:
            click.echo(table(collect(name, question, plan)))
        except (CrowdError, TooSlowError) as error:
            raise click.ClickException(str(error)) from error

    return run


def prepare() -> None:
    """Raise the limit of open files, and exit on SIGTERM so that child processes end as well."""
    raise_file_limit()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))


_CHECKOUT = click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)

"""`python -m tests.campaigns.terms`: many seeds over all cores, one seed, or the inserted bugs."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Final

import click

from tests.campaigns.mutations import put_in
from tests.campaigns.terms.mutations import MUTATIONS

STEPS: Final = 12
MOST_SEEDS: Final = 200
"""The number of seeds after which a bug counts as not found."""


@click.command()
@click.option("--seeds", default=100, help="How many seeds.")
@click.option("--first", default=1, help="The first of them.")
@click.option("--steps", default=STEPS, help="Steps of each.")
@click.option("--jobs", default=0, help="Processes side by side; all cores unless said otherwise.")
@click.option("--seed", type=int, help="Play this seed alone, and tell what happens.")
@click.option("--mutation", type=click.Choice([*MUTATIONS]), help="Break the cluster in this way.")
@click.option("--mutations", is_flag=True, help="Break it in every way, one after the other.")
def main(
    seeds: int,
    first: int,
    steps: int,
    jobs: int,
    seed: int | None,
    mutation: str | None,
    mutations: bool,
) -> None:
    """Run seeds until a check fails."""
    jobs = jobs or len(os.sched_getaffinity(0))
    if mutations:
        sys.exit(_break_it_in_every_way(steps, jobs))
    if mutation is not None:
        put_in(MUTATIONS[mutation])
    if seed is not None:
        sys.exit(_tell(seed, steps))
    sys.exit(_many(range(first, first + seeds), steps, jobs))


def _many(seeds: Sequence[int], steps: int, jobs: int) -> int:
    """Run seeds in parallel up to the first that fails. Return the exit code."""
    forked = get_context("fork")
    records = answers = 0
    with ProcessPoolExecutor(jobs, mp_context=forked) as pool:
        for seed, result in zip(seeds, pool.map(partial(_result, steps=steps), seeds), strict=True):
            step, failure, numbers = result
            if failure:
                click.echo(f"seed {seed} step {step}: {_in_short(failure)}")
                click.echo(f"again: python -m tests.campaigns.terms --seed {seed} --steps {steps}")
                pool.shutdown(cancel_futures=True)
                return 1
            records, answers = records + numbers[0], answers + numbers[1]
    click.echo(f"{len(seeds)} seeds, {records} records, {answers} answers: all held")
    return 0


def _result(seed: int, steps: int) -> tuple[int, str, tuple[int, int]]:
    # This imports the product, so a bug must be inserted before it.
    from tests.campaigns.terms.play import play

    outcome = play(seed, steps)
    return outcome.story.step, outcome.failure, (outcome.records, outcome.answers)


def _tell(seed: int, steps: int) -> int:
    """Run one seed and print its story. Return the exit code."""
    from tests.campaigns.terms.play import play

    outcome = play(seed, steps)
    for line in outcome.story.lines:
        click.echo(line)
    click.echo(f"seed {seed}: {outcome.story.digest[:16]}")
    click.echo(outcome.failure or "all held")
    return bool(outcome.failure)


def _in_short(failure: str) -> str:
    """Return what the first failed check says."""
    errors = re.findall(r"^(?:\w+\.)*(?:\w+Error): (.*)", failure, re.M)
    why = errors[-1] if errors else failure.strip().splitlines()[-1]
    named = re.match(r"\(['\"](.*?)['\"],", why)
    return named[1] if named else why[:100]


def _break_it_in_every_way(steps: int, jobs: int) -> int:
    """Print a table row for each mutation. Return how many were not found."""
    click.echo("| bug | found at seed | as |\n|---|---|---|")
    unfound = 0
    for name, mutation in MUTATIONS.items():
        options = ["--mutation", name, "--jobs", str(jobs), "--steps", str(steps)]
        command = [sys.executable, "-m", "tests.campaigns.terms", *options]
        ended = subprocess.run(
            [*command, "--seeds", str(MOST_SEEDS)], capture_output=True, text=True, check=False
        )
        found = re.match(r"seed (\d+) step \d+: (.*)", ended.stdout)
        unfound += found is None
        seed, how = found.groups() if found else ("not found", ended.stdout + ended.stderr)
        click.echo(f"| {mutation.what} | {seed} | {how} |")
    return unfound


if __name__ == "__main__":
    main()

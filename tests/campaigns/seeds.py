"""The command of a campaign of seeds: many seeds over all cores, one seed, or the inserted bugs."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from typing import cast

import click
from attrs import frozen

from tests.campaigns.mutations import Mutation, put_in
from tests.campaigns.story import Outcome

Play = Callable[[int, int], Outcome]
"""Runs a seed for a number of steps."""


@frozen
class Campaign:
    """A package whose module `play` runs a seed, and the bugs that its seeds must find.

    `seeds` and `steps`: how many unless the command line says otherwise. `most_seeds`: the number
    of seeds after which a bug counts as not found.
    """

    package: str
    mutations: Mapping[str, Mutation]
    seeds: int
    steps: int
    most_seeds: int


def command(campaign: Campaign) -> click.Command:
    """Return the command that runs a campaign."""

    @click.command()
    @click.option("--seeds", default=campaign.seeds, help="How many seeds.")
    @click.option("--first", default=1, help="The first of them.")
    @click.option("--steps", default=campaign.steps, help="Steps of each.")
    @click.option("--jobs", default=0, help="Processes side by side; by default, one for a core.")
    @click.option("--seed", type=int, help="Play this seed alone, and tell what happens.")
    @click.option("--mutation", type=click.Choice([*campaign.mutations]), help="Insert this bug.")
    @click.option("--mutations", is_flag=True, help="Insert every bug, one after the other.")
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
            sys.exit(_insert_every_bug(campaign, steps, jobs))
        if mutation is not None:
            put_in(campaign.mutations[mutation])
        # This imports the server, so the bug must be inserted before it.
        play = cast("Play", import_module(f"{campaign.package}.play").play)
        if seed is not None:
            sys.exit(_tell(play, seed, steps))
        several = range(first, first + seeds)
        sys.exit(_many(play, several, steps, jobs, is_shown=mutation is None))

    return main


@frozen
class _Result:
    """The result of a seed, as one process sends it to another."""

    seed: int
    step: int
    counts: Counter[str]
    failure: str


def _many(play: Play, seeds: Sequence[int], steps: int, jobs: int, *, is_shown: bool) -> int:
    """Run seeds in parallel up to the first that fails. Return the exit code."""
    counts = Counter[str]()
    progress = click.progressbar(seeds, label="seeds", hidden=not is_shown, file=sys.stderr)
    # Forked processes keep the server as it was imported here, possibly with a bug.
    forked = get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=forked) as pool, progress as bar:
        for result in pool.map(partial(_result, play, steps=steps), seeds):
            bar.update(1)
            counts += result.counts
            if result.failure:
                click.echo("\n" * is_shown + _in_a_line(result))
                if is_shown:
                    package = play.__module__.removesuffix(".play")
                    again = f"python -m {package} --seed {result.seed} --steps {steps}"
                    click.echo(f"{result.failure}\nagain: {again}")
                pool.shutdown(cancel_futures=True)
                return 1
    click.echo(f"{len(seeds)} seeds, {_in_words(counts)}: all held")
    return 0


def _result(play: Play, seed: int, steps: int) -> _Result:
    outcome = play(seed, steps)
    return _Result(seed, outcome.story.step, outcome.story.counts, outcome.failure)


def _tell(play: Play, seed: int, steps: int) -> int:
    """Run one seed and print its story. Return the exit code."""
    outcome = play(seed, steps)
    story = outcome.story
    for line in story.lines:
        click.echo(line)
    click.echo(f"seed {seed}: {story.step} steps, {_in_words(story.counts)}, {story.digest[:16]}")
    click.echo(outcome.failure or "all held")
    return bool(outcome.failure)


def _in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


def _in_a_line(result: _Result) -> str:
    """Return the seed, the step, and the beginning of the failure."""
    errors = re.findall(r"^(?:\w+\.)*(?:\w+Error): (.*)", result.failure, re.M)
    why = errors[-1] if errors else result.failure.strip().splitlines()[-1]
    named = re.match(r"\(['\"](.*?)['\"],", why)
    return f"seed {result.seed} step {result.step}: {named[1] if named else why[:100]}"


def _insert_every_bug(campaign: Campaign, steps: int, jobs: int) -> int:
    """Print a table row for each mutation. Return how many were not found."""
    click.echo("| bug | found at seed, step | as |\n|---|---|---|")
    unfound = 0
    for name, mutation in campaign.mutations.items():
        options = ["--mutation", name, "--jobs", str(jobs), "--steps", str(steps)]
        options += ["--seeds", str(campaign.most_seeds)]
        run = [sys.executable, "-m", campaign.package, *options]
        ended = subprocess.run(run, capture_output=True, text=True, check=False)
        found = re.match(r"seed (\d+) step (\d+): (.*)", ended.stdout)
        unfound += found is None
        where = f"{found[1]}, {found[2]}" if found else "not found"
        how = found[3] if found else ended.stdout + ended.stderr
        click.echo(f"| {mutation.what} | {where} | {how} |")
    return unfound

"""Run many seeds in parallel, or one seed with a detailed report."""

import re
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import click
from attrs import frozen

from tests.campaigns.sim.play import play

LINES = 60


@frozen
class Result:
    """The result of a seed, as one process sends it to another."""

    seed: int
    step: int
    messages: int
    facts: int
    failure: str


def many(seeds: Sequence[int], steps: int, jobs: int, *, is_shown: bool) -> int:
    """Run seeds in parallel up to the first that fails. Return the exit code."""
    messages = facts = 0
    progress = click.progressbar(seeds, label="seeds", hidden=not is_shown, file=sys.stderr)
    # Forked processes keep the server as it was imported here, possibly mutated.
    forked = get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=forked) as pool, progress as bar:
        for result in pool.map(partial(_result, steps=steps), seeds):
            bar.update(1)
            messages, facts = messages + result.messages, facts + result.facts
            if result.failure:
                click.echo("\n" * is_shown + _in_a_line(result))
                if is_shown:
                    click.echo(f"{result.failure}\nagain: {_again(result.seed, steps)}")
                pool.shutdown(cancel_futures=True)
                return 1
    click.echo(f"{len(seeds)} seeds, {facts} facts, {messages} messages: all held")
    return 0


def tell(seed: int, steps: int) -> int:
    """Run one seed and print its story. Return the exit code."""
    outcome = play(seed, steps)
    story = outcome.story
    for line in story.lines[-LINES:]:
        click.echo(line)
    click.echo(f"seed {seed}: {story.step} steps, {story.messages} messages, {story.digest[:16]}")
    click.echo(outcome.failure or "all held")
    return bool(outcome.failure)


def _result(seed: int, steps: int) -> Result:
    outcome = play(seed, steps)
    story = outcome.story
    return Result(seed, story.step, story.messages, story.facts, outcome.failure)


def _in_a_line(result: Result) -> str:
    """Return the seed, the step, and the beginning of the failure."""
    errors = re.findall(r"^(?:\w+\.)*(?:\w+Error): (.*)", result.failure, re.M)
    why = errors[-1] if errors else result.failure.strip().splitlines()[-1]
    named = re.match(r"\(['\"](.*?)['\"],", why)
    return f"seed {result.seed} step {result.step}: {named[1] if named else why[:80]}"


def _again(seed: int, steps: int) -> str:
    return f"python -m tests.campaigns.sim --seed {seed} --steps {steps}"

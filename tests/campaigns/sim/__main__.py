"""`python -m tests.campaigns.sim`: many seeds over all cores, one seed, or the inserted bugs."""

import os
import subprocess
import sys

import click

from tests.campaigns.mutations import MUTATIONS, mutated

STEPS = 40
MOST_SEEDS = 400
"""The number of seeds after which a bug counts as not found."""


@click.command()
@click.option("--seeds", default=200, help="How many seeds.")
@click.option("--first", default=1, help="The first of them.")
@click.option("--steps", default=STEPS, help="Steps of each.")
@click.option("--jobs", default=0, help="Processes side by side; all cores unless said otherwise.")
@click.option("--seed", type=int, help="Play this seed alone, and tell what happens.")
@click.option("--mutation", type=click.Choice([*MUTATIONS]), help="Break the server in this way.")
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
    if mutations:
        sys.exit(_break_it_in_every_way(steps, jobs))
    if mutation is not None:
        mutated(mutation)
    # This imports the server, so the bug must be inserted before it.
    from tests.campaigns.sim import crowd

    if seed is not None:
        sys.exit(crowd.tell(seed, steps))
    jobs = jobs or len(os.sched_getaffinity(0))
    sys.exit(crowd.many(range(first, first + seeds), steps, jobs, is_shown=mutation is None))


def _break_it_in_every_way(steps: int, jobs: int) -> int:
    """Print a table row for each mutation. Return the exit code."""
    click.echo("| bug | found at seed | as |\n|---|---|---|")
    unfound = 0
    for name, mutation in MUTATIONS.items():
        command = [
            sys.executable,
            "-m",
            "tests.campaigns.sim",
            "--mutation",
            name,
            "--jobs",
            str(jobs),
        ]
        command += ["--steps", str(steps), "--seeds", str(MOST_SEEDS)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        found = said.splitlines()[-1] if said.startswith("seed ") else f"not found: {said}"
        seed, _, how = found.removeprefix("seed ").partition(" ")
        unfound += not said.startswith("seed ")
        click.echo(f"| {mutation.what} | {seed} | {how} |")
    return unfound


def _with_one_order_of_sets() -> None:
    """Restart Python with a fixed string hash, because the server iterates over sets of ids."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        environment = os.environ | {"PYTHONHASHSEED": "0"}
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.campaigns.sim", *sys.argv[1:]],
            environment,
        )


_with_one_order_of_sets()
main()

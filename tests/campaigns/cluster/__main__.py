"""`python -m tests.campaigns.cluster`: faults of a leader, and the pauses that they cost."""

import resource
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click
import trio

from tests.campaigns.cluster.faults import Fault
from tests.campaigns.cluster.trial import Trial, running
from tests.support.engine import Engine


@click.command()
@click.option("--faults", default=20, show_default=True, help="How many faults.")
@click.option("--seed", default=1, show_default=True, help="Chooses the moments.")
@click.option("--nodes", default=3, show_default=True, help="How many nodes.")
@click.option("--bettors", default=200, show_default=True, help="How many users bet.")
@click.option("--watchers", default=1000, show_default=True, help="How many connections follow.")
@click.option(
    "--database",
    type=click.Path(exists=True, path_type=Path),
    help="A file that the nodes begin with.",
)
@click.option(
    "--only", type=click.Choice([str(each) for each in Fault]), help="The only kind of faults."
)
@click.option("--story", is_flag=True, help="Print what the nodes log around each fault.")
def main(
    faults: int,
    seed: int,
    nodes: int,
    bettors: int,
    watchers: int,
    database: Path | None,
    only: str | None,
    story: bool,
) -> None:
    """Let faults befall the leader while users bet."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    dice = Random(seed)
    kinds = [Fault(only)] if only else [fault for fault in Fault if fault is not Fault.CUT]
    plan = [dice.choice(kinds) for _ in range(faults)]
    with TemporaryDirectory() as folder, Engine.running(standbys=True) as engine:
        trial = running(
            Path(folder),
            engine,
            dice,
            node_count=nodes,
            bettor_count=bettors,
            watcher_count=watchers,
            has_cuts=Fault.CUT in plan,
            database=database,
        )
        trio.run(_run, trial, plan, story)


async def _run(
    opening: AbstractAsyncContextManager[Trial], plan: Sequence[Fault], story: bool
) -> None:
    async with opening as trial:
        for number, fault in enumerate(plan, start=1):
            await trial.befall(fault)
            pause = trial.pauses.longest[fault][-1]
            click.echo(f"{number}: {fault}, {pause:.2f} s {trial.faults.note}")
            for line in trial.story() if story else ():
                click.echo(line)
        await trial.settle()
    await trial.judge()
    click.echo(summary(trial))


def summary(trial: Trial) -> str:
    """Summarize what has happened in a few lines."""
    told = sum(len(bettor.placed) for bettor in trial.bettors)
    repeated = sum(bettor.repeated for bettor in trial.bettors)
    lines = [f"{told} bets acknowledged, none lost, none placed twice; {repeated} answered again"]
    for fault, gaps in trial.pauses.longest.items():
        if gaps:
            middle, longest = sorted(gaps)[len(gaps) // 2], max(gaps)
            lines.append(f"{fault}: {len(gaps)} times, median {middle:.2f} s, most {longest:.2f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""`python -m tests.campaigns.kills`: kill the server many times and check that no bet is lost."""

import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import trio

from tests.campaigns.kills.findings import Broken, Findings
from tests.campaigns.kills.moments import moments
from tests.campaigns.kills.season import Season, opened
from tests.campaigns.mutations import MUTATIONS
from tests.support.process import TOTEBOARD, toteboard

AUDITED: Final = 10
"""The number of kills between audits of the whole file. Clients' messages are checked each time."""


@click.command()
@click.option("--cycles", default=10, show_default=True, help="How many kills.")
@click.option("--seed", default=1, show_default=True, help="Chooses the moments, and the bets.")
@click.option("--workers", default=1, show_default=True, help="How many workers the server has.")
@click.option("--mutation", type=click.Choice([*MUTATIONS]), help="Break the server in this way.")
def main(cycles: int, seed: int, workers: int, mutation: str | None) -> None:
    """Kill a server again and again while two hundred users bet."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    findings = Findings()
    with TemporaryDirectory(prefix="toteboard-kills-") as folder:
        trio.run(_run, Path(folder), findings, cycles, seed, _program(mutation), workers)
    for line in findings.told:
        click.echo(line)
    sys.exit(1 if findings.told else 0)


async def _run(
    folder: Path,
    findings: Findings,
    cycles: int,
    seed: int,
    program: tuple[str, ...],
    workers: int,
) -> None:
    async with opened(folder, findings, seed, program, workers) as season:
        plan = [*moments(season.dice, cycles, workers)]
        with click.progressbar(plan, label="kills", show_pos=True) as bar:
            for number, (moment, is_last) in enumerate(bar, 1):
                await season.cycle(moment, is_audited=number % AUDITED == 0)
                if not sys.stdout.isatty() and number % AUDITED == 0:
                    click.echo(f"{number} kills")  # where no progress bar can be drawn
                if not findings.told and (is_last or number == cycles):
                    await season.settle(goes_on=number < cycles)
                if findings.told:
                    break
        if findings.told:
            click.echo(f"\nbroken after kill {season.tally.kills}, {moment}")
        else:
            season.end()
            click.echo((await toteboard(folder, "check")).stdout.decode().strip())
    click.echo(summary(season))


def summary(season: Season) -> str:
    """Summarize what has happened in a few lines."""
    tally, findings, bettors = season.tally, season.findings, season.bettors
    acknowledged = sum(len(bettor.acknowledged) for bettor in bettors)
    resent = sum(bettor.resent for bettor in bettors)
    repeated = sum(bettor.repeated for bettor in bettors) + season.host.repeated
    broken = ", ".join(f"{kind} {findings.counts[kind]}" for kind in Broken)
    return (
        f"{tally.kills} kills: {tally.cut} in a checkpoint, {tally.before_listening} before it "
        f"listened; and {tally.workers} of workers\n"
        f"{len(bettors)} bettors, {acknowledged} bets acknowledged, {resent} sent again, "
        f"{repeated} of them answered as before\n{broken}"
    )


def _program(mutation: str | None) -> tuple[str, ...]:
    if mutation is None:
        return TOTEBOARD
    broken = f"from tests.campaigns.mutations import mutated; mutated({mutation!r}); "
    return (*TOTEBOARD[:2], broken + TOTEBOARD[2])


if __name__ == "__main__":
    main()

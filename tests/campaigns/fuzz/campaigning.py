"""`python -m tests.campaigns.fuzz hostile`: run a campaign and report the result."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import trio

from tests.campaigns.fuzz.besieging import first
from tests.campaigns.fuzz.hostile import MB, Campaign

LONGEST_S: Final = 1.0
"""The longest permitted response time of the health check and the player during an attack."""


def fight(campaign: Campaign) -> int:
    """Run the campaign and print the result. Return the exit code."""
    click.echo(
        f"{campaign.connections} hostile connections at once, from {campaign.addresses}"
        f" addresses, for {campaign.seconds} s"
    )
    why = _failure_of(campaign)
    if why is not None:
        click.echo(f"\nseed {campaign.seed}: {why[:5_000]}")
    for name, took in sorted(campaign.took_s.items()):
        click.echo(f"{name:>30} {_figures(took)}")
    click.echo(
        f"the server got {campaign.cpu_s:.0f} s of the processor\n"
        f"memory: at most {campaign.most_memory / MB:.0f} MB, afterwards"
        f" {campaign.grown_by / MB:.0f} MB more than before"
    )
    for name, count in sorted(campaign.told.items()):
        click.echo(f"  {count:>8} {name.replace('_', ' ')}")
    slowest = max((max(took, default=0) for took in campaign.took_s.values()), default=0)
    return int(why is not None or slowest > LONGEST_S)


def _figures(took: Sequence[float]) -> str:
    """Return the count and the median, p99 and maximum in milliseconds."""
    ordered = [1_000 * each for each in sorted(took)] or [0]
    p50, p99 = (ordered[int(len(ordered) * part)] for part in (0.5, 0.99))
    return f"{len(took):>6} times, ms: p50 {p50:.0f}, p99 {p99:.0f}, max {ordered[-1]:.0f}"


def _failure_of(campaign: Campaign) -> str | None:
    """Return the failed check, or None."""
    why = None
    with TemporaryDirectory(prefix="hostile") as folder:
        try:
            trio.run(campaign.fight, Path(folder))
        except* (AssertionError, trio.TooSlowError, OSError) as errors:
            why = repr(first(errors))
    return why

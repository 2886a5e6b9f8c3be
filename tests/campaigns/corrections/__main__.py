"""`python -m tests.campaigns.corrections`: correct random pools again and again."""

import click

from tests.campaigns.corrections.campaign import Counts, play

AT_ONCE = 10_000
"""Chains of a seed. A failing chain is found again with `--seed` in seconds."""


@click.command()
@click.option("--chains", default=200_000, show_default=True, help="Pools to correct.")
@click.option("--seed", default=0, show_default=True, help="The first seed.")
def main(chains: int, seed: int) -> None:
    """Correct pools. A sum that does not hold is a traceback with its seed."""
    counts = Counts()
    for done in range(0, chains, AT_ONCE):
        counts += play(seed + done // AT_ONCE, min(AT_ONCE, chains - done))
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    click.echo(f"{chains} chains: {kinds}")


if __name__ == "__main__":
    main()

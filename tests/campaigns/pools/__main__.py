"""`python -m tests.campaigns.pools`: settle random pools and print how they ended."""

import click

from tests.campaigns.pools.campaign import Counts, play

AT_ONCE = 10_000
"""Pools of a seed. A failing pool is found again with `--seed` in a second."""


@click.command()
@click.option("--pools", default=1_000_000, show_default=True, help="Pools to settle.")
@click.option("--seed", default=0, show_default=True, help="The first seed.")
def main(pools: int, seed: int) -> None:
    """Settle pools by the rules and by the letter. A difference is a traceback with its seed."""
    counts = Counts()
    for done in range(0, pools, AT_ONCE):
        counts += play(seed + done // AT_ONCE, min(AT_ONCE, pools - done))
    ends = ", ".join(f"{count} {end}" for end, count in counts.most_common())
    click.echo(f"{pools} pools: {ends}")


if __name__ == "__main__":
    main()

"""`python -m tests.campaigns.till`: pay and bet at once, and compare with the statements."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import trio

from tests.campaigns.till.evening import Evening


@click.command()
@click.option("--users", default=20, show_default=True, help="How many players.")
@click.option("--each", default=50, show_default=True, help="Bets, and payments, of each.")
@click.option("--kills", default=0, show_default=True, help="How often the server is killed.")
@click.option("--seed", default=1, show_default=True, help="Chooses amounts and kinds.")
@click.option("--workers", default=1, show_default=True, help="How many workers the server has.")
def main(users: int, each: int, kills: int, seed: int, workers: int) -> None:
    """Bet, debit, credit and hold the money of the same users at once."""
    with TemporaryDirectory(prefix="toteboard-till-") as folder:
        evening = Evening(Path(folder), users, each, kills, seed, workers)
        trio.run(evening.run)
    for line in evening.findings:
        click.echo(line)
    click.echo(evening.summary())
    sys.exit(1 if evening.findings else 0)


if __name__ == "__main__":
    main()

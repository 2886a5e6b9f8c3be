"""`python -m tests.campaigns.corruption`: make every change and print those that are not found."""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.campaigns.corruption.campaign import documented, listed, outcomes
from tests.campaigns.corruption.played import play


@click.command()
@click.option("--each", "tell_each", is_flag=True, help="Print each one that is not found.")
@click.option("--sealed", is_flag=True, help="Make all digests anew after each: only tell.")
def main(tell_each: bool, sealed: bool) -> None:
    """Compare the changes that are not found with reliability.md. Exit with 1 if they differ."""
    counts, unfound = Counter[str](), Counter[tuple[str, str]]()
    with TemporaryDirectory(prefix="toteboard-corruption-") as folder:
        path = Path(folder) / "played.db"
        play(path)
        for outcome in outcomes(path, listed(path), sealed=sealed):
            counts[_fate(outcome.findings)] += 1
            if outcome.is_unfound:
                unfound[outcome.kind] += 1
                if tell_each:
                    click.echo(str(outcome.corruption))
    click.echo(", ".join(f"{count} {fate}" for fate, count in counts.items()))
    for (where, how), count in sorted(unfound.items()):
        click.echo(f"not found: {where} {how}, {count} times")
    sys.exit(not sealed and _differs(set(unfound)))


def _fate(findings: list[str] | None) -> str:
    if findings is None:
        return "refused by SQLite"
    return "found" if findings else "not found"


def _differs(unfound: set[tuple[str, str]]) -> bool:
    for where, how in sorted(unfound - documented()):
        click.echo(f"and reliability.md does not say so: {where} {how}")
    for where, how in sorted(documented() - unfound):
        click.echo(f"reliability.md says that it is not found, and it is: {where} {how}")
    return unfound != documented()


if __name__ == "__main__":
    main()

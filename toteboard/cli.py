"""The command line `toteboard` (operation.md), a function a command; `people` has two groups more.

Nothing is decided here: settings are read by `settings`, books verified by `storage/audit.py`, and
how a command ends is `exits`. What a server runs with is imported by `serve` and `demo` alone.
"""

import os
from contextlib import closing
from pathlib import Path

import click

from storage.audit import audit, summary
from storage.database import open_for_reading
from toteboard import __version__, doctor
from toteboard.exits import NotSo, OneLineGroup, say
from toteboard.people import source, user
from toteboard.settings import click_options, load, to_toml


@click.group(cls=OneLineGroup, no_args_is_help=False)
@click.version_option(__version__, message="toteboard %(version)s")
def main() -> None:
    """Toteboard: the server behind live betting games."""


@main.command()
@click_options()
def serve(config: Path | None, **given: str | None) -> int:
    """Run the server until SIGTERM or SIGINT."""
    settings = load(given, os.environ, config).settings
    from toteboard.app import run

    return run(settings)


@main.command()
@click.option("--once", is_flag=True, help="Play one match, verify the database, and end.")
@click_options("host", "port")
def demo(once: bool, config: Path | None, **given: str | None) -> int:
    """Run a server on a database of its own, with a match that plays by itself."""
    settings = load(given, os.environ, config).settings
    from toteboard.demo import run

    return run(settings, once=once)


@main.command("config")
@click_options()
def show_config(config: Path | None, **given: str | None) -> None:
    """Print the settings in force as TOML, each with where it comes from."""
    say(to_toml(load(given, os.environ, config)).removesuffix("\n"))


@main.command()
@click_options("database")
def check(config: Path | None, **given: str | None) -> int:
    """Verify the database, also while a server runs."""
    path = load(given, os.environ, config).settings.database
    with closing(open_for_reading(Path(path))) as database:
        findings = audit(database)
        for line in findings or [f"{path} holds: {summary(database)}"]:
            say(line)
    return 1 if findings else 0


@main.command("doctor")
def examine() -> None:
    """Verify that the installed packages are Toteboard's own."""
    if findings := doctor.findings():
        raise NotSo("; ".join(findings))
    say(f"toteboard {__version__}: {', '.join(doctor.FLOORS)} are its own, in {doctor.HOME}")


main.add_command(user)
main.add_command(source)

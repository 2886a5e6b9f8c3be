"""The command line `toteboard`: one function for each command (docs/reference/commands.md).

The groups `user` and `source` are in `toteboard/people.py`; `key`, `report` and `export` are in
`toteboard/key_commands.py`, `hooks` in `toteboard/hook_commands.py`. The commands only connect the
modules that do the work: `settings` reads the settings, `exits` ends a command, `storage/audit.py`
verifies the database. `serve`, `demo` and `bench` import the modules that need a network when they
run.
"""

import os
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from storage import copies
from storage.audit import audit, summary
from storage.opening import open_for_reading
from toteboard import __version__, doctor
from toteboard.cluster_commands import check_cluster, cluster, unsafe_of
from toteboard.exits import NotSo, OneLineGroup, say, say_done
from toteboard.hook_commands import hooks
from toteboard.key_commands import api_key, print_export, print_report
from toteboard.key_file import key_file
from toteboard.number_options import number_option
from toteboard.people import source, user
from toteboard.progress import progress_bar
from toteboard.setting_kinds import KINDS
from toteboard.settings import click_options, load, to_toml
from toteboard.signals import ended_by_signals


@click.group(cls=OneLineGroup, no_args_is_help=False)
@click.version_option(__version__, message="toteboard %(version)s")
def main() -> None:
    """Toteboard: the server behind live betting games."""


@main.command()
@click_options()
def serve(config: Path | None, **given: str | None) -> int:
    """Run the server until SIGTERM, SIGINT or SIGHUP."""
    settings = load(given, os.environ, config).settings
    from toteboard.app import run_server

    return run_server(settings)


@main.command()
@click.option(
    "--once",
    is_flag=True,
    help="Play one match, verify the database, and exit.  [default: play until Ctrl-C]",
)
@click_options("host", "port", "operator_port")
def demo(once: bool, config: Path | None, **given: str | None) -> int:
    """Run a server with a temporary database and play a scripted match on it."""
    settings = load(given, os.environ, config).settings
    from toteboard.demo import run_demo

    return run_demo(settings, once=once)


def _duration_s(text: str) -> float:
    try:
        milliseconds: int = KINDS["duration"].read(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not {KINDS['duration'].wanted}") from error
    if milliseconds == 0:
        raise click.BadParameter(f"{text!r} must be longer than 0")
    return milliseconds / 1_000


def _web_socket_url(text: str) -> str:
    if not text.startswith(("ws://", "wss://")):
        raise click.BadParameter(f"{text!r} does not begin with ws:// or wss://")
    return text


@main.command()
@click.argument("url", type=_web_socket_url)
@click.option(
    "--users",
    "count",
    type=number_option(int, 1, 10_000),
    metavar="N",
    default=50,
    show_default=True,
    help="Users that bet, 1 to 10,000, in addition to 1 host.",
)
@click.option(
    "--games",
    type=number_option(int, 1, 100),
    metavar="N",
    default=2,
    show_default=True,
    help="Games that the users bet in, 1 to 100, with 1 pool each.",
)
@click.option(
    "--rate",
    type=number_option(float, 0.1, 100_000),
    metavar="BETS_PER_SECOND",
    default=50.0,
    show_default=True,
    help="Bets per second, 0.1 to 100,000, all users combined.",
)
@click.option(
    "--duration",
    "duration_s",
    type=_duration_s,
    metavar="TIME",
    default="10s",
    show_default=True,
    help="How long the users bet, in ms, s, m or h.",
)
@click.option(
    "--database",
    type=click.Path(path_type=Path),
    help="Database of the server: users named bench-... are added, and disabled at the end.",
)
@click.option(
    "--users-file",
    type=click.File("rb"),
    help="File of existing users, one line each as `user add` prints it; the first is the host.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the report as one line of JSON instead of text."
)
def bench(**options: Any) -> int:
    """Load-test a running server and verify its answers.

    URL is the server's WebSocket address, such as ws://127.0.0.1:9999/. Give either --database or
    --users-file.
    """
    if (options["database"] is None) == (options["users_file"] is None):
        raise click.UsageError("Give either --database or --users-file.")
    from toteboard.load_command import run_load_test

    return run_load_test(**options)


@main.command("config")
@click_options()
def show_config(config: Path | None, **given: str | None) -> None:
    """Print the effective settings as TOML, each with its origin; secrets are left out."""
    say(to_toml(load(given, os.environ, config), hides_secrets=True).removesuffix("\n"))


@main.command()
@click.option(
    "--cluster",
    "of_cluster",
    is_flag=True,
    help="Compare the databases of all nodes instead, and verify the log. Asks the running node.",
)
@click_options("database")
def check(of_cluster: bool, config: Path | None, **given: str | None) -> int:
    """Verify the database; the server may be running."""
    path = load(given, os.environ, config).settings.database
    if of_cluster:
        return check_cluster(Path(path))
    with closing(open_for_reading(Path(path))) as database:
        with ended_by_signals(), progress_bar("checking") as on_progress:
            findings = audit(database, on_progress)
        for line in findings or [f"{path} holds: {summary(database)}"]:
            say(line)
    return 1 if findings else 0


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click_options("database")
def backup(file: Path, config: Path | None, **given: str | None) -> None:
    """Copy the database into FILE and verify the copy; the server may be running."""
    path = load(given, os.environ, config).settings.database
    with (
        ended_by_signals(),
        progress_bar("copying") as on_copy,
        progress_bar("checking") as on_check,
    ):
        held = copies.back_up(Path(path), file, on_copy, on_check)
    say_done(f"{file} is a verified copy of {path}: {held}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click_options("database", "key_file")
def restore(file: Path, config: Path | None, **given: str | None) -> None:
    """Replace the database with the backup FILE; the old database is kept.

    Stop the server first."""
    settings = load(given, os.environ, config).settings
    path, stamp = settings.database, datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    keys = key_file(settings, os.environ)
    with ended_by_signals(), ExitStack() as bars:
        labels = "copying", "upgrading the copy", "checking", "keeping the old database"
        shown = [bars.enter_context(progress_bar(label)) for label in labels]
        held, kept = copies.restore(Path(path), file, keys, stamp, *shown)
    say_done(f"{path} is now {file}: {held}" + (f"; kept beside it: {kept.name}" if kept else ""))


@main.command("asyncapi")
def show_asyncapi() -> None:
    """Print the protocol as an AsyncAPI 3 document."""
    from protocol import asyncapi

    say(asyncapi.printed(__version__).removesuffix("\n"))


@main.command("doctor")
@click_options("cluster")
def examine(config: Path | None, **given: str | None) -> int:
    """Verify that the installed packages belong to Toteboard, and a cluster's PostgreSQL.

    Exit with 1 if a setting of PostgreSQL is unsafe.
    """
    url = load(given, os.environ, config).settings.cluster
    if findings := doctor.package_problems():
        raise NotSo("; ".join(findings))
    unsafe = [] if url is None else unsafe_of(url)
    say(f"toteboard {__version__}: {', '.join(doctor.FLOORS)} are Toteboard's, in {doctor.HOME}")
    say(doctor.sqlite())
    for line in unsafe:
        say(f"PostgreSQL: {line}")
    if url is not None and not unsafe:
        say("PostgreSQL has no unsafe setting")
    return 1 if unsafe else 0


for command in (user, source, api_key, hooks, cluster, print_report, print_export):
    main.add_command(command)

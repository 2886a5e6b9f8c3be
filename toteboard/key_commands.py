"""The commands on keys of the operator's API, and those that print reports and exports.

Reports and exports read the file, also while a server runs. They print what the API answers.
"""

import csv
import os
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from storage import catalogue
from storage.api_keys import AddKey, EndKey, KeyRole, ListKeys
from storage.database import Database
from storage.exports import EXPORTS
from storage.opening import open_for_reading
from storage.reports import source_report
from storage.users import UnknownSourceError
from toteboard.api.export_formats import written_as
from toteboard.exits import missing_database, say
from toteboard.people import name_argument, perform_and_print, print_answer
from toteboard.settings import click_options, load

DAY_MS: Final = 86_400_000
_FOREVER: Final = 2**53 - 1


def _day(text: str) -> int:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a day such as 2027-01-31") from None
    return int(day.timestamp() * 1_000)


from_option = click.option(
    "--from",
    "start",
    metavar="YYYY-MM-DD",
    type=_day,
    default="1970-01-01",
    help="First day, in UTC.  [default: the first there is]",
)
to_option = click.option(
    "--to",
    "last",
    metavar="YYYY-MM-DD",
    type=_day,
    help="Last day, in UTC.  [default: the last there is]",
)


@click.group("key", no_args_is_help=False)
def api_key() -> None:
    """Make, list and end keys of the operator's API."""


@api_key.command("add")
@name_argument
@click.option(
    "--role",
    type=click.Choice([str(each) for each in KeyRole]),
    required=True,
    help="What the key may do; every role reads.",
)
@click.option("--source", "source_id", metavar="ID", help="The only source of the key.")
@click_options("database", "key_file")
def add_key(
    name: str, role: str, source_id: str | None, config: Path | None, **given: str | None
) -> None:
    """Make an API key NAME and print it. It is not shown again."""
    settings = load(given, os.environ, config).settings
    what_now = f": end it with `toteboard key end {name}` and add another"
    perform_and_print(settings, AddKey(name, role, source_id), what_now)


@api_key.command("list")
@click_options("database")
def list_keys(config: Path | None, **given: str | None) -> None:
    """Print the API keys, one line of JSON each, without anything secret."""
    print_answer(load(given, os.environ, config).settings, ListKeys())


@api_key.command("end")
@name_argument
@click_options("database", "key_file")
def end_key(name: str, config: Path | None, **given: str | None) -> None:
    """End the API key NAME: calls with it are refused from now on."""
    perform_and_print(load(given, os.environ, config).settings, EndKey(name))


@click.command("report")
@click.option("--source", "source_id", metavar="ID", required=True, help="The source.")
@from_option
@to_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of text.")
@click_options("database")
def print_report(
    source_id: str,
    start: int,
    last: int | None,
    as_csv: bool,
    config: Path | None,
    **given: str | None,
) -> None:
    """Print what the pools of a source took and paid, by day and currency."""
    with closing(_opened(load(given, os.environ, config).settings.database)) as database:
        if catalogue.source(database, source_id) is None:
            raise UnknownSourceError(source_id)
        with database.snapshot():
            days = source_report(database, source_id, start, _end(last))["days"]
    rows = [_flat(day) for day in days]
    if as_csv:
        columns = _REPORT_COLUMNS
        writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        sys.stdout.flush()
        return
    for row in rows:
        say(", ".join(f"{name} {value}" for name, value in row.items()))


@click.command("export")
@click.argument("kind", type=click.Choice(list(EXPORTS)))
@from_option
@to_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "jsonl"]),
    default="jsonl",
    show_default=True,
    help="CSV with a header line, or one JSON object a line.",
)
@click_options("database")
def print_export(
    kind: str,
    start: int,
    last: int | None,
    format_: str,
    config: Path | None,
    **given: str | None,
) -> None:
    """Print all rows of one KIND, as of one moment: transfers, bets, results or users."""
    write = written_as(format_, kind)
    path = load(given, os.environ, config).settings.database
    with closing(_opened(path)) as database, database.snapshot():
        click.echo(write([]), nl=False)
        for page in EXPORTS[kind](database, start, _end(last)):
            click.echo(write(page), nl=False)


_REPORT_COLUMNS: Final = (
    *("day", "currency", "pools_resolved", "pools_cancelled", "pools_corrected", "bets"),
    *("bettors", "staked", "void", "returned", "paid", "takeout", "breakage", "minus", "lent"),
    *("carried_in", "carried_out", "house_balance", "check"),
)


def _flat(day: dict[str, Any]) -> dict[str, Any]:
    """Return a row of a report whose check is one word."""
    check = day["check"]
    said = "holds" if check["holds"] else f"FAILS: {check['left']} is not {check['right']}"
    return day | {"check": said}


def _opened(database: str) -> Database:
    path = Path(database)
    if not path.exists():
        raise missing_database(path)
    return open_for_reading(path)


def _end(last: int | None) -> int:
    return _FOREVER if last is None else last + DAY_MS

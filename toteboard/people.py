"""The commands on users and admins of sources (docs/reference/commands.md).

Each command makes one write of `storage/store.py` and prints one line of JSON. A running server
performs the write; without one, the command does (`toteboard/operator/operating.py`).
"""

import os
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import orjson

from game.money import hundredths
from game.shapes import Currency, WrongShapeError
from storage import users
from storage.listings import ListSources
from storage.opening import open_for_reading
from storage.store import AddSourceAdmin, AddUser, Credit, DisableUser, ListUsers, MakeKey
from storage.user_writes import Debit, EnableUser, SetHost, SetPassword, ShowUser
from storage.write import OperatorQuery, Write
from toteboard.exits import Failure, missing_database, say_done, say_json
from toteboard.hashing import hashed, opaque, password_fault
from toteboard.key_file import key_file
from toteboard.operator.operating import operating
from toteboard.settings import Settings, click_options, load

HOME_CURRENCY: Final = "DON"
"""The currency of `initial_balance` (contract, section 8)."""


def _name(text: str) -> str:
    if not users.is_name(text):
        raise click.BadParameter(f"{text!r} is not 1 to 50 of A-Z a-z 0-9 . _ -")
    return text


def _balance(text: str) -> int:
    try:
        return hundredths(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _credit(text: str) -> int:
    if not (credited := _balance(text)):
        raise click.BadParameter(f"{text!r} is not greater than 0")
    return credited


def _currency(text: str) -> str:
    try:
        return Currency().read(text)
    except WrongShapeError as error:
        raise click.BadParameter(f"{text!r} is not {error}") from error


def _source_id(text: str) -> str:
    # Bytes that are not UTF-8 arrive as surrogates, which SQLite cannot store or look up.
    if not text.isprintable():
        raise click.BadParameter(f"{text!r} is not text")
    return text


name_argument = click.argument("name", type=_name)
no_expiry_option = click.option(
    "--no-expiry",
    is_flag=True,
    help="Make a session key that never expires.  [default: it expires after `session_ttl`]",
)
currency_option = click.option(
    "--currency",
    metavar="CODE",
    type=_currency,
    default=HOME_CURRENCY,
    show_default=True,
    help="Currency of the amount.",
)


@click.group(no_args_is_help=False)
def user() -> None:
    """Add, credit, list and disable users."""


@click.group(no_args_is_help=False)
def source() -> None:
    """List the sources, and add an admin to one."""


@user.command()
@name_argument
@click.option("--can-host", is_flag=True, help="Let the user open sources.")
@click.option(
    "--balance",
    type=_balance,
    metavar="AMOUNT",
    help="Starting balance of the user in --currency.  [default: `initial_balance` of DON]",
)
@currency_option
@no_expiry_option
@click_options("database", "key_file")
def add(
    name: str,
    can_host: bool,
    balance: int | None,
    currency: str,
    no_expiry: bool,
    config: Path | None,
    **given: str | None,
) -> None:
    """Add a user and print the id and the session key.

    The key is not shown again. NAME is 1 to 50 letters, digits, `_`, `-` and `.`; names that
    differ only in case are the same.
    """
    settings = load(given, os.environ, config).settings
    start = {HOME_CURRENCY: settings.limits.initial_balance}
    balances = start if balance is None else {**start, currency: balance}
    write = AddUser(name, can_host, balances, _lives_ms(settings, no_expiry))
    perform_and_print(settings, write, _key_again(name), may_make=True)


@user.command()
@name_argument
@no_expiry_option
@click_options("database", "key_file")
def key(name: str, no_expiry: bool, config: Path | None, **given: str | None) -> None:
    """Replace the session key of the user NAME.

    The old key stops working and the user's connections are closed."""
    settings = load(given, os.environ, config).settings
    perform_and_print(settings, MakeKey(name, _lives_ms(settings, no_expiry)), _key_again(name))


@user.command()
@name_argument
@click.argument("amount", type=_credit)
@currency_option
@click_options("database", "key_file")
def credit(name: str, amount: int, currency: str, config: Path | None, **given: str | None) -> None:
    """Credit AMOUNT to the user NAME.

    AMOUNT is greater than 0 and has at most two decimals."""
    perform_and_print(load(given, os.environ, config).settings, Credit(name, currency, amount))


@user.command()
@name_argument
@click.argument("amount", type=_credit)
@currency_option
@click_options("database", "key_file")
def debit(name: str, amount: int, currency: str, config: Path | None, **given: str | None) -> None:
    """Debit AMOUNT from the user NAME, if the user has it available.

    AMOUNT is greater than 0 and has at most two decimals."""
    perform_and_print(load(given, os.environ, config).settings, Debit(name, currency, amount))


@user.command()
@name_argument
@click_options("database")
def show(name: str, config: Path | None, **given: str | None) -> None:
    """Print the user NAME with rights, balances, own limits, a break and the last acts."""
    now = int(datetime.now(UTC).timestamp() * 1_000)
    print_answer(load(given, os.environ, config).settings, ShowUser(name, now))


@user.command()
@name_argument
@click_options("database", "key_file")
def enable(name: str, config: Path | None, **given: str | None) -> None:
    """Let the disabled user NAME sign in again."""
    perform_and_print(load(given, os.environ, config).settings, EnableUser(name))


@user.command("host")
@name_argument
@click.option("--no", is_flag=True, help="Take the right away.")
@click_options("database", "key_file")
def set_host(name: str, no: bool, config: Path | None, **given: str | None) -> None:
    """Let the user NAME open sources."""
    perform_and_print(load(given, os.environ, config).settings, SetHost(name, not no))


@user.command("password")
@name_argument
@click_options("database", "key_file")
def set_password(name: str, config: Path | None, **given: str | None) -> None:
    """Give the user NAME the password that is the first line of standard input."""
    settings = load(given, os.environ, config).settings
    password = opaque(sys.stdin.readline().rstrip("\r\n"))
    if (wanted := password_fault(password)) is not None:
        raise Failure(f"the password must be {wanted}")
    perform_and_print(settings, SetPassword(name, hashed(password)))


@user.command("list")
@click_options("database")
def list_users(config: Path | None, **given: str | None) -> None:
    """Print the users, one line of JSON each."""
    print_answer(load(given, os.environ, config).settings, ListUsers())


@user.command()
@name_argument
@click_options("database", "key_file")
def disable(name: str, config: Path | None, **given: str | None) -> None:
    """Disable the user NAME and close the user's connections."""
    perform_and_print(load(given, os.environ, config).settings, DisableUser(name))


@source.command("list")
@click_options("database")
def print_sources(config: Path | None, **given: str | None) -> None:
    """Print the sources, the newest first, one line of JSON each."""
    print_answer(load(given, os.environ, config).settings, ListSources())


@source.command("add-admin")
@click.argument("source_id", type=_source_id)
@name_argument
@click_options("database", "key_file")
def add_admin(source_id: str, name: str, config: Path | None, **given: str | None) -> None:
    """Make the user NAME an admin of the source SOURCE_ID."""
    perform_and_print(load(given, os.environ, config).settings, AddSourceAdmin(source_id, name))


def perform_and_print(
    settings: Settings, write: Write, what_now: str = "", *, may_make: bool = False
) -> None:
    """Perform a write and print its values. `may_make`: create a missing database.

    `what_now`: the advice to print if the write was performed and its values cannot be printed.
    """
    path, keys = Path(settings.database), key_file(settings, os.environ)
    with operating(path, may_make=may_make, key_file=keys) as operator:
        values = operator(write)
    say_done(orjson.dumps(values).decode(), what_now)


def print_answer(settings: Settings, query: OperatorQuery) -> None:
    """Print what the file answers, one line of JSON for each item. Raise OperatorError."""
    path = Path(settings.database)
    if not path.exists():
        raise missing_database(path)
    with closing(open_for_reading(path)) as database:
        items = query.answer(database)
    for item in items:
        say_json(**item)


def _lives_ms(settings: Settings, no_expiry: bool) -> int | None:
    return None if no_expiry else settings.limits.session_ttl


def _key_again(name: str) -> str:
    return f": `toteboard user key {name}` creates a new session key"

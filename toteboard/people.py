"""The commands on users and admins (docs/operators.md, "Commands"); they work while a server runs.

Each is one transaction of `storage/users.py` or `storage/accounts.py` and one line of JSON. What a
running server has to hear of, those append as an act.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from game.money import amount as as_number
from game.money import hundredths
from game.shapes import Currency, WrongShapeError
from storage import accounts, users
from storage.database import Database, open_database
from toteboard.exits import Failure, say_json
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


def _gift(text: str) -> int:
    if not (gift := _balance(text)):
        raise click.BadParameter(f"{text!r} is not above 0")
    return gift


def _currency(text: str) -> str:
    try:
        return Currency().read(text)
    except WrongShapeError as error:
        raise click.BadParameter(f"{text!r} is not {error}") from error


def _source_id(text: str) -> str:
    # Bytes that are not UTF-8 arrive as characters that no database can be asked for.
    if not text.isprintable():
        raise click.BadParameter(f"{text!r} is not text")
    return text


name_argument = click.argument("name", type=_name)
no_expiry_option = click.option("--no-expiry", is_flag=True, help="Make a session key without end.")
currency_option = click.option(
    "--currency", type=_currency, default=HOME_CURRENCY, show_default=True, help="Of the amount."
)


@click.group(no_args_is_help=False)
def user() -> None:
    """Add, pay, list and disable users."""


@click.group(no_args_is_help=False)
def source() -> None:
    """Say who administers a source."""


@user.command()
@name_argument
@click.option("--can-host", is_flag=True, help="The user may open sources.")
@click.option("--balance", type=_balance, metavar="AMOUNT", help="What the user starts with.")
@currency_option
@no_expiry_option
@click_options("database")
def add(
    name: str,
    can_host: bool,
    balance: int | None,
    currency: str,
    no_expiry: bool,
    config: Path | None,
    **given: str | None,
) -> None:
    """Add a user; print the id and the session key."""
    with _opened(given, config, may_make=True) as (database, settings):
        start = {HOME_CURRENCY: settings.limits.initial_balance}
        now_ms = _now_ms()
        new = users.add_user(
            database,
            name,
            can_host=can_host,
            balances=start if balance is None else {**start, currency: balance},
            key_expires_at=None if no_expiry else now_ms + settings.limits.session_ttl,
            now_ms=now_ms,
        )
    say_json(id=new.id, name=new.name, session_key=new.session_key)


@user.command()
@name_argument
@no_expiry_option
@click_options("database")
def key(name: str, no_expiry: bool, config: Path | None, **given: str | None) -> None:
    """Make a new session key; the old one ends."""
    with _opened(given, config) as (database, settings):
        now_ms = _now_ms()
        expires_at = None if no_expiry else now_ms + settings.limits.session_ttl
        new = users.new_key(database, name, key_expires_at=expires_at, now_ms=now_ms)
    say_json(id=new.id, name=new.name, session_key=new.session_key)


@user.command()
@name_argument
@click.argument("amount", type=_gift)
@currency_option
@click_options("database")
def credit(name: str, amount: int, currency: str, config: Path | None, **given: str | None) -> None:
    """Give a user money."""
    with _opened(given, config) as (database, _):
        paid = users.known_user(database, name)
        accounts.credit(database, paid.id, currency, amount, _now_ms())
        available = accounts.balances(database, paid.id, currency).available
    say_json(id=paid.id, name=paid.name, currency=currency, available_balance=as_number(available))


@user.command("list")
@click_options("database")
def list_users(config: Path | None, **given: str | None) -> None:
    """Print the users, a line each."""
    with _opened(given, config) as (database, _):
        everybody = users.list_users(database)
    for each in everybody:
        say_json(
            id=each.id,
            name=each.name,
            can_host=each.can_host,
            disabled=each.disabled,
            created_at=_iso(each.created_at),
        )


@user.command()
@name_argument
@click_options("database")
def disable(name: str, config: Path | None, **given: str | None) -> None:
    """Let a user sign in no more."""
    with _opened(given, config) as (database, _):
        ended = users.disable(database, name, now_ms=_now_ms())
    say_json(id=ended.id, name=ended.name, disabled=ended.disabled)


@source.command("add-admin")
@click.argument("source_id", type=_source_id)
@name_argument
@click_options("database")
def add_admin(source_id: str, name: str, config: Path | None, **given: str | None) -> None:
    """Make a user one more admin of a source."""
    with _opened(given, config) as (database, _):
        admin = users.add_source_admin(database, source_id, name, now_ms=_now_ms())
    say_json(source_id=source_id, id=admin.id, name=admin.name)


@contextmanager
def _opened(
    given: Mapping[str, str | None], config: Path | None, *, may_make: bool = False
) -> Iterator[tuple[Database, Settings]]:
    """The database; only who adds the first user may make one, for a name may be misspelt."""
    settings = load(given, os.environ, config).settings
    path = Path(settings.database)
    with closing(open_database(path) if may_make else open_existing(path)) as database:
        yield database, settings


def open_existing(path: Path) -> Database:
    """The database, if there is one. Raises `Failure`, `DatabaseUnusableError`."""
    if not path.exists():
        raise Failure(f"there is no file {path}")
    return open_database(path, must_exist=True)


def _now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1_000)


def _iso(epoch_ms: int) -> str:
    moment = datetime.fromtimestamp(epoch_ms / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

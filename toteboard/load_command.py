"""`toteboard bench`: put a match's load on a running server and report the result.

What is done is `toteboard/load_run.py`, what is made of it `toteboard/load_check.py`. Here it is
given users, a progress bar, and an end: 0 if all was well, 1 if something was not, 2 for bad use.
"""

import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import orjson
import trio
from trio_websocket import ConnectionRejected, HandshakeError

from storage.store import AddUser, DisableUser
from toteboard.client import ServerRefusedError, SessionKey, SignInRefusedError, connect
from toteboard.client.reconnection import UNAUTHORIZED
from toteboard.exits import Failure, innermost, say, say_json
from toteboard.key_file import key_file
from toteboard.load_check import counted, figures, findings
from toteboard.load_run import LoadTest, Person, Plan
from toteboard.operator.operating import operating
from toteboard.people import HOME_CURRENCY
from toteboard.settings import load
from toteboard.signals import StopSignals

BALANCE: Final = 10_000_000
"""Hundredths that a user of `--database` starts with: enough for ten million bets."""
KEY_LIVES_MS: Final = 24 * 3_600_000
NOBODY: Final = 1
"""An id that no user can sign in with, because no key is sent."""

CannotRun = (OSError, HandshakeError, SignInRefusedError, ServerRefusedError)


def run(
    url: str,
    *,
    count: int,
    games: int,
    rate: float,
    duration_s: float,
    database: Path | None,
    users_file: Iterable[bytes] | None,
    as_json: bool,
) -> int:
    """Put the load on the server and say what came of it; gives the exit code.

    `rate`: bets a second of all `count` users together. Raises `Failure` if it cannot be done.
    """
    title = f"bench-{secrets.token_hex(4)}"
    with _crowd(title, count, url, database, users_file) as (host, *people):
        plan = Plan(url, host, people, games, rate, duration_s, title)
        test = LoadTest(plan, StopSignals())
        _run(test, has_added=database is not None)
    # What nobody could be asked any more is not worth a line each.
    found = ["the server is gone"] if test.is_gone else findings(test.tables)
    report = {**figures(test.tables, test.betting_s), "bets_not_sent": test.unsent}
    _report({**report, "findings": found}, as_json=as_json)
    return 1 if found else 0


def _run(test: LoadTest, *, has_added: bool) -> None:
    """Run it behind a progress bar on standard error. Raises `Failure`.

    `has_added`: the users are new ones, of the database that was given.
    """
    bets = round(test.plan.rate * test.plan.duration_s)
    failures: Sequence[BaseException] = ()
    with click.progressbar(length=bets, label="betting", file=sys.stderr) as bar:
        test.on_answer = lambda: bar.update(1)
        try:
            trio.run(test.run)
        except* CannotRun as group:
            failures = group.exceptions
    if failures:
        error = innermost(failures[0])
        if has_added and isinstance(error, SignInRefusedError):
            raise Failure(f"this is not the database of the server at {test.plan.url}")
        raise Failure(f"{test.plan.url}: {error}")


@contextmanager
def _crowd(
    title: str, count: int, url: str, database: Path | None, users_file: Iterable[bytes] | None
) -> Iterator[list[Person]]:
    """The host, and as many users; those that were added are disabled in the end."""
    if database is None:
        yield _read_people(users_file or (), count)
        return
    if not database.exists():
        raise Failure(f"there is no file {database}")
    keys = key_file(load({"database": str(database)}, os.environ, None).settings, os.environ)
    trio.run(_find, url)
    people: list[Person] = []
    try:
        with operating(database, key_file=keys) as operator:
            for number in range(count + 1):
                name = f"{title}-{number or 'host'}"
                new = operator(AddUser(name, not number, {HOME_CURRENCY: BALANCE}, KEY_LIVES_MS))
                people.append(Person(name, SessionKey(new["id"], new["session_key"])))
        yield people
    finally:
        with operating(database, key_file=keys) as operator:
            for person in people:
                operator(DisableUser(person.name))


async def _find(url: str) -> None:
    """Raise `Failure` unless a Toteboard server answers: it refuses an unknown id with 401."""
    try:
        async with connect(url, NOBODY, ""):
            pass
    except ConnectionRejected as rejected:
        if rejected.status_code != UNAUTHORIZED:
            raise Failure(f"{url}: HTTP {rejected.status_code}") from rejected
    except CannotRun as error:
        raise Failure(f"{url}: {error or 'not a Toteboard server'}") from error


def _read_people(file: Iterable[bytes], count: int) -> list[Person]:
    people = []
    for number, line in enumerate(file, start=1):
        try:
            said = orjson.loads(line)
            people.append(Person(said["name"], SessionKey(int(said["id"]), said["session_key"])))
        except (ValueError, KeyError, TypeError) as error:
            why = f"line {number} of the users file is not what `user add` prints"
            raise Failure(why) from error
    if len(people) <= count:
        raise Failure(f"the users file has {len(people)} users; expected 1 host and {count} users")
    return people[: count + 1]


def _report(report: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(**report)
        return
    answer = {name: _known(ms, " ms") for name, ms in report["answer_ms"].items()}
    users, games, bets = (counted(report[f"{noun}s"], noun) for noun in ("user", "game", "bet"))
    say(f"{users} in {games}, {bets}")
    say(f"bets/s        {_known(report['bets_per_second'])}")
    say("answered in   " + ", ".join(f"{name} {ms}" for name, ms in answer.items()))
    say(f"deliveries/s  {_known(report['deliveries_per_second'])}")
    say(f"gaps          {report['gaps']}")
    say(f"bets lost     {report['bets_lost']}")
    if unsent := report["bets_not_sent"]:
        say(f"not sent      {counted(unsent, 'bet')} in time")
    if times := report["disconnections"]:
        say(f"disconnected  {counted(times, 'time')}")
    for line in report["findings"]:
        say(f"FAILED: {line}")


def _known(figure: float | None, unit: str = "") -> str:
    return "-" if figure is None else f"{figure}{unit}"

"""`toteboard bench`: puts the load of a match on a running server and prints a report.

`toteboard/load_run.py` produces the load, and `toteboard/load_check.py` verifies the result. This
module provides the users, a progress bar and the exit code: 0 if all is well, 1 for a fault, 2 for
a usage error.
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

from storage.store import AddUser, DisableUser
from toteboard.exits import Failure, innermost, missing_database, say, say_json
from toteboard.key_file import key_file
from toteboard.load_check import counted, findings, report
from toteboard.load_run import LoadTest, Person, Plan
from toteboard.operator.operating import operating
from toteboard.people import HOME_CURRENCY
from toteboard.settings import load
from toteboard.stop_signals import StopSignals
from toteboard_client import (
    ConnectionRejectedError,
    HandshakeError,
    RefusedError,
    SessionKey,
    SignInRefusedError,
    connect,
)
from toteboard_client.reconnection import UNAUTHORIZED

BALANCE: Final = 10_000_000
"""The starting balance of an added user, in hundredths: enough for ten million bets."""
KEY_LIVES_MS: Final = 24 * 3_600_000
PROBE_USER_ID: Final = 1
"""The id to probe a server with. The probe sends no key, so the server refuses it."""

CannotRun = (OSError, HandshakeError, SignInRefusedError, RefusedError)


def run_load_test(
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
    """Put the load on the server and print the report; return the exit code.

    `rate`: bets per second of all `count` users combined. Raise Failure if the test cannot run.
    """
    title = f"bench-{secrets.token_hex(4)}"
    with _crowd(title, count, url, database, users_file) as (host, *people):
        plan = Plan(url, host, people, games, rate, duration_s, title)
        test = LoadTest(plan, StopSignals())
        _run(test, has_added=database is not None)
    # If the server is gone, report that instead of everything that could not be read.
    found = ["the server is not reachable"] if test.is_gone else findings(test.tables)
    result = {**report(test.tables, test.betting_s), "bets_not_sent": test.unsent}
    _print({**result, "findings": found}, as_json=as_json)
    return 1 if found else 0


def _run(test: LoadTest, *, has_added: bool) -> None:
    """Run the test with a progress bar on standard error. Raise Failure.

    `has_added`: the users were added to the given database.
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
            raise Failure(f"the database is not that of the server at {test.plan.url}")
        raise Failure(f"{test.plan.url}: {error}")


@contextmanager
def _crowd(
    title: str, count: int, url: str, database: Path | None, users_file: Iterable[bytes] | None
) -> Iterator[list[Person]]:
    """Give the host and `count` users; disable the added ones at the end."""
    if database is None:
        yield _read_people(users_file or (), count)
        return
    if not database.exists():
        raise missing_database(database)
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
    """Raise Failure unless a Toteboard server answers: it refuses a client without a key (401)."""
    try:
        async with connect(url, PROBE_USER_ID, ""):
            pass
    except ConnectionRejectedError as rejected:
        if rejected.status_code != UNAUTHORIZED:
            raise Failure(f"{url}: HTTP {rejected.status_code}") from rejected
    except CannotRun as error:
        raise Failure(f"{url}: {error or 'not a Toteboard server'}") from error


def _lines(file: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from file
    except OSError as error:
        raise Failure(f"cannot read the users file: {error.strerror}") from error


def _read_people(file: Iterable[bytes], count: int) -> list[Person]:
    people = []
    for number, line in enumerate(_lines(file), start=1):
        try:
            user = orjson.loads(line)
            people.append(Person(user["name"], SessionKey(int(user["id"]), user["session_key"])))
        except (ValueError, KeyError, TypeError) as error:
            why = f"line {number} of the users file is not what `user add` prints"
            raise Failure(why) from error
    if len(people) <= count:
        raise Failure(f"the users file has {len(people)} users; expected 1 host and {count} users")
    return people[: count + 1]


def _print(result: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(**result)
        return
    answer = {name: _known(ms, " ms") for name, ms in result["answer_ms"].items()}
    users, games, bets = (counted(result[f"{noun}s"], noun) for noun in ("user", "game", "bet"))
    say(f"{users} in {games}, {bets}")
    say(f"bets/s        {_known(result['bets_per_second'])}")
    say("answered in   " + ", ".join(f"{name} {ms}" for name, ms in answer.items()))
    say(f"deliveries/s  {_known(result['deliveries_per_second'])}")
    say(f"gaps          {result['gaps']}")
    say(f"bets lost     {result['bets_lost']}")
    if unsent := result["bets_not_sent"]:
        say(f"not sent      {counted(unsent, 'bet')} in time")
    if times := result["disconnections"]:
        say(f"disconnected  {counted(times, 'time')}")
    for line in result["findings"]:
        say(f"FAILED: {line}")


def _known(figure: float | None, unit: str = "") -> str:
    return "-" if figure is None else f"{figure}{unit}"

"""What `toteboard bench` does: a match's load against a server of one's own, and a report.

What is done is `toteboard/load_run.py`, what is made of it `toteboard/load_check.py`. Here it is
given users, a progress bar, and an end: 0 if all was well, 1 if something was not, 2 for bad use.
"""

import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import click
import orjson
import trio
from trio_websocket import HandshakeError

from actors.clock import SystemClock
from storage import users
from storage.database import open_database
from toteboard.client import ServerRefusedError, SessionKey, SignInRefusedError
from toteboard.exits import Failure, say, say_json
from toteboard.load_check import figures, findings
from toteboard.load_run import LoadTest, Person, Plan

BALANCE: Final = 10_000_000
"""Hundredths that a user of `--database` starts with: enough for ten million bets."""
KEY_LIVES_MS: Final = 24 * 3_600_000

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
    with _crowd(title, count, database, users_file) as (host, *people):
        test = LoadTest(Plan(url, host, people, games, rate, duration_s, title))
        _run(test)
    found = findings(test.tables)
    _report({**figures(test.tables, test.betting_s), "findings": found}, as_json=as_json)
    return 1 if found else 0


def _run(test: LoadTest) -> None:
    """Run it behind a progress bar on standard error. Raises `Failure`."""
    bets = round(test.plan.rate * test.plan.duration_s)
    failures: Sequence[BaseException] = ()
    with click.progressbar(length=bets, label="betting", file=sys.stderr) as bar:
        test.on_answer = lambda: bar.update(1)
        try:
            trio.run(test.run)
        except* CannotRun as group:
            failures = group.exceptions
    if failures:
        raise Failure(f"{test.plan.url}: {_innermost(failures[0])}")


def _innermost(error: BaseException) -> BaseException:
    return _innermost(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


@contextmanager
def _crowd(
    title: str, count: int, database: Path | None, users_file: Iterable[bytes] | None
) -> Iterator[list[Person]]:
    """The host, and as many users; those that were added are disabled in the end."""
    if database is None:
        yield _read_people(users_file or (), count)
        return
    with closing(open_database(database, must_exist=True)) as opened:
        now_ms = SystemClock().now()
        people = []
        for number in range(count + 1):
            new = users.add_user(
                opened,
                f"{title}-{number or 'host'}",
                can_host=not number,
                balances={"DON": BALANCE},
                key_expires_at=now_ms + KEY_LIVES_MS,
                now_ms=now_ms,
            )
            people.append(Person(new.name, SessionKey(new.id, new.session_key)))
        try:
            yield people
        finally:
            for person in people:
                users.disable(opened, person.name, now_ms=SystemClock().now())


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
        raise Failure(f"the users file has {len(people)} users; a host and {count} are wanted")
    return people[: count + 1]


def _report(report: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(**report)
        return
    answer = {name: "-" if ms is None else f"{ms} ms" for name, ms in report["answer_ms"].items()}
    say(f"{report['users']} users in {report['games']} games, {report['bets']} bets")
    say(f"bets/s        {report['bets_per_second']}")
    say("answered in   " + ", ".join(f"{name} {ms}" for name, ms in answer.items()))
    say(f"deliveries/s  {report['deliveries_per_second']}")
    say(f"gaps          {report['gaps']}")
    say(f"bets lost     {report['bets_lost']}")
    for line in report["findings"]:
        say(f"NOT WELL: {line}")

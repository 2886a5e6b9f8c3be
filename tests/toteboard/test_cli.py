"""The command line: the output and the refusals of each command. Some runs are real processes."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from storage.accounts import Balances, balances
from storage.acts import ActKind
from storage.changes import SourceOpened
from storage.database import Database
from storage.opening import open_database
from storage.users import session_key_of, user_by_name
from tests.support.bookkeeper import acts_of
from toteboard import __version__, doctor
from toteboard.cli import main

DAY_MS = 24 * 3_600_000
REAL = [sys.executable, "-c", "from toteboard.__main__ import main; main()"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TOTEBOARD_")]:
        monkeypatch.delenv(name)
    # A real run must find the floors from that folder too.
    monkeypatch.setenv("PYTHONPATH", str(doctor.HOME))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def done(*arguments: str) -> dict[str, Any]:
    """Return the JSON in the only line of a command that succeeds."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("\n") == 1
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def refused(code: int, *arguments: str) -> str:
    """Return the only line of a command that fails."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert re.fullmatch(r"toteboard: .+\n", result.stderr)
    return result.stderr


def held(name: str, currency: str = "DON") -> Balances:
    with closing(open_database(Path("toteboard.db"))) as database:
        user = user_by_name(database, name)
        assert user is not None
        return balances(database, user.id, currency)


def key_lives_ms(name: str) -> int | None:
    with closing(open_database(Path("toteboard.db"))) as database:
        user = user_by_name(database, name)
        assert user is not None
        key = session_key_of(database, user.id)
        assert key is not None
        return key[1] and key[1] - user.created_at


def test_a_user_is_added_with_a_key_for_a_day_and_the_initial_balance() -> None:
    answer = done("user", "add", "the_foozle")
    assert {**answer, "session_key": ""} == {"id": 1, "name": "the_foozle", "session_key": ""}
    assert held("the_foozle") == Balances(available=100_000, exposure=0)
    assert key_lives_ms("the_foozle") == DAY_MS


def test_a_balance_replaces_the_initial_one_of_its_currency_alone() -> None:
    done("user", "add", "ann", "--balance", "50.5")
    done("user", "add", "bob", "--balance", "50", "--currency", "EUR")
    done("user", "add", "eve", "--balance", "0")
    assert [held(name).available for name in ("ann", "bob", "eve")] == [5_050, 100_000, 0]
    assert held("bob", "EUR").available == 5_000


def test_a_key_without_end_has_none() -> None:
    done("user", "add", "ann", "--no-expiry")
    assert key_lives_ms("ann") is None
    done("user", "key", "ann")
    assert key_lives_ms("ann") is not None


def test_adding_follows_the_settings_of_file_and_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("tote.toml").write_text('initial_balance = 7.00\nsession_ttl = "2h"\n')
    monkeypatch.setenv("TOTEBOARD_SESSION_TTL", "3h")
    done("user", "add", "ann", "--config", "tote.toml")
    assert held("ann").available == 700
    assert key_lives_ms("ann") == 3 * 3_600_000


def test_the_database_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOTEBOARD_DATABASE", "environment.db")
    assert done("user", "add", "ann", "--database", "named.db")["id"] == 1
    assert done("user", "add", "ann")["id"] == 1
    assert {each.name for each in Path().glob("*.db")} == {"named.db", "environment.db"}


def test_a_credit_is_added_and_the_balance_told() -> None:
    done("user", "add", "Ann")
    credit = done("user", "credit", "ann", "0.5")
    assert credit == {"id": 1, "name": "Ann", "currency": "DON", "available_balance": 1000.5}
    euros = done("user", "credit", "ann", "12", "--currency", "EUR")
    assert (euros["currency"], euros["available_balance"]) == ("EUR", 12)


def test_a_new_key_is_another_for_the_same_user() -> None:
    old, new = done("user", "add", "ann"), done("user", "key", "ANN")
    assert {**new, "session_key": None} == {**old, "session_key": None}
    assert new["session_key"] != old["session_key"]


def test_users_are_listed_without_their_keys() -> None:
    done("user", "add", "ann", "--can-host")
    done("user", "add", "bob")
    assert done("user", "disable", "bob") == {"id": 2, "name": "bob", "disabled": True}
    ann, bob = map(json.loads, run("user", "list").stdout.splitlines())
    assert ann.keys() == {"id", "name", "external_id", "can_host", "disabled", "created_at"}
    assert (ann["can_host"], ann["disabled"]) == (True, False)
    assert (bob["can_host"], bob["disabled"]) == (False, True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", ann["created_at"])
    age = datetime.now(UTC) - datetime.fromisoformat(ann["created_at"])
    assert 0 <= age.total_seconds() < 60


def test_sources_are_listed_the_newest_first() -> None:
    with closing(open_database(Path("toteboard.db"))) as database:
        database.write([SourceOpened(id_, id_, None, at) for at, id_ in enumerate("ab")])
    listed = [
        tuple(json.loads(line).values()) for line in run("source", "list").stdout.splitlines()
    ]
    assert listed == [("b", "b", "open", 1), ("a", "a", "open", 0)]


def test_a_source_gets_one_more_admin() -> None:
    done("user", "add", "ann")
    with closing(open_database(Path("toteboard.db"))) as database:
        database.write([SourceOpened("s", "league", None, 1)])
    assert done("source", "add-admin", "s", "ann") == {"source_id": "s", "id": 1, "name": "ann"}


def test_each_thing_that_an_operator_did_is_an_act() -> None:
    done("user", "add", "ann")
    with closing(open_database(Path("toteboard.db"))) as database:
        database.write([SourceOpened("s", "league", None, 1)])
    done("user", "credit", "ann", "1")
    done("user", "key", "ann")
    done("source", "add-admin", "s", "ann")
    done("user", "disable", "ann")
    with closing(open_database(Path("toteboard.db"))) as database:
        assert [kind for _, kind, _ in acts_of(database)] == [
            ActKind.USER_ADDED,
            ActKind.CREDITED,
            ActKind.KEY_MADE,
            ActKind.SOURCE_ADMIN_ADDED,
            ActKind.DISABLED,
        ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "add", "ANN"),
        ("user", "credit", "eve", "1"),
        ("user", "key", "eve"),
        ("user", "disable", "eve"),
        ("source", "add-admin", "s", "eve"),
        ("source", "add-admin", "t", "ann"),
    ],
)
def test_a_no_is_one_line_and_exit_1(arguments: tuple[str, ...]) -> None:
    done("user", "add", "ann")
    with closing(open_database(Path("toteboard.db"))) as database:
        database.write([SourceOpened("s", "league", None, 1)])
    refused(1, *arguments)
    assert run("check").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("user",),
        ("nonsense",),
        ("--nonsense",),
        ("user", "add"),
        ("user", "add", "a b"),
        ("user", "add", "x" * 51),
        ("user", "add", "two\nlines"),
        ("user", "add", "ann", "--balance", "1.005"),
        ("user", "add", "ann", "--balance", "-1"),
        ("user", "add", "ann", "--currency", "don"),
        ("user", "add", "ann", "--database", "missing/tote.db"),
        ("user", "add", "ann", "--database", "."),
        ("user", "add", "ann", "--config", "missing.toml"),
        ("user", "credit", "ann"),
        ("user", "credit", "ann", "0"),
        ("user", "credit", "ann", "0.00"),
        ("user", "credit", "ann", "1000000000000"),
        ("user", "credit", "ann", "1e3"),
        ("user", "key", "a/b"),
        ("source", "add-admin", "\udcff", "ann"),
        ("check", "--database", "missing.db"),
        ("serve", "--port", "65536"),
    ],
)
def test_bad_use_is_one_line_and_exit_2(arguments: tuple[str, ...]) -> None:
    refused(2, *arguments)


def test_a_line_about_bad_use_has_the_value_at_issue() -> None:
    assert "'1.005'" in refused(2, "user", "credit", "ann", "1.005")
    assert "'a b'" in refused(2, "user", "key", "a b")


def test_unknown_keys_of_the_file_are_refused() -> None:
    Path("tote.toml").write_text("colour = 'red'\n")
    assert "colour" in refused(2, "user", "list", "--config", "tote.toml")


def test_a_file_that_is_no_database_is_refused() -> None:
    Path("toteboard.db").write_text("not a database, but long enough to have been one, perhaps")
    for command in (("check",), ("user", "list"), ("user", "add", "ann")):
        assert "toteboard.db" in refused(2, *command)


def test_a_file_that_is_not_there_is_said_so() -> None:
    assert "database nope.db does not exist" in refused(2, "user", "list", "--database", "nope.db")
    assert not Path("nope.db").exists()


def test_check_says_in_one_line_that_all_holds() -> None:
    done("user", "add", "ann")
    result = run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "toteboard.db holds: 1 users, 0 games, 0 facts, 1 transfers\n"


def test_check_has_a_line_for_each_thing_that_does_not_hold() -> None:
    done("user", "add", "ann")
    with closing(open_database(Path("toteboard.db"))) as database:
        database.execute("UPDATE accounts SET balance = balance + 1 WHERE account <> 'issue'")
    result = run("check")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "player:1:available has 1,000.01 DON, its transfers sum to 1,000.00",
        "DON sums to 0.01 more than was credited",
        "the statement of user 1 ends at 1,000.00 DON, 1,000.00 of it available;"
        " the accounts have 1,000.01 and 1,000.01",
    ]


def test_config_prints_what_config_takes() -> None:
    first = run("config", "--rate-limit", "7")
    assert "rate_limit = 7  # command line\n" in first.stdout
    Path("tote.toml").write_text(first.stdout)
    again = run("config", "--config", "tote.toml")
    assert again.exit_code == 0
    assert "rate_limit = 7  # file\n" in again.stdout


def test_version_and_help_are_as_usual() -> None:
    assert run("--version").stdout == f"toteboard {__version__}\n"
    commands = ["check", "config", "demo", "doctor", "serve", "source", "user"]
    for arguments in [(), *((command,) for command in commands), ("user", "add")]:
        result = run(*arguments, "--help")
        assert result.exit_code == 0
        assert result.stdout.startswith("Usage: ")


def test_the_doctor_finds_the_floors_beside_each_other_and_names_the_sqlite() -> None:
    result = run("doctor")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 2)
    assert f"SQLite {sqlite3.sqlite_version} " in result.stdout


def test_the_doctor_prints_only_one_line_if_the_engine_does_not_answer() -> None:
    line = refused(2, "doctor", "--cluster", "postgresql://nobody@127.0.0.1:1/tote")
    assert "127.0.0.1" in line


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ((3, 40, 1), "has"),
        ((3, 51, 2), "has"),
        ((3, 51, 3), "is free of"),
        ((3, 53, 0), "is free of"),
        ((3, 50, 6), "has"),
        ((3, 50, 7), "is free of"),
        ((3, 44, 6), "is free of"),
        ((3, 45, 9), "has"),
    ],
)
def test_the_doctor_knows_which_sqlite_must_not_have_two_writers(
    version: tuple[int, ...], says: str
) -> None:
    assert f" {says} the WAL-reset bug" in doctor.sqlite(version)


def test_the_doctor_finds_a_stranger_s_package_and_a_missing_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stranger = Path("stranger.py").resolve()
    monkeypatch.setattr(doctor, "FLOORS", ("game", "stranger", "nowhere_at_all"))
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"game": ["toteboard", "chess"]})
    (stranger.parent / "stranger").mkdir()
    (stranger.parent / "stranger" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(stranger.parent))
    line = refused(1, "doctor")
    assert "distribution chess" in line
    assert f"stranger comes from {stranger.parent}" in line
    assert "nowhere_at_all is missing" in line


def test_a_real_command_answers_and_fails_like_any_other() -> None:
    added = subprocess.run([*REAL, "user", "add", "ann"], capture_output=True, text=True)
    assert (added.returncode, json.loads(added.stdout)["name"], added.stderr) == (0, "ann", "")
    again = subprocess.run([*REAL, "user", "add", "ann"], capture_output=True, text=True)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == "toteboard: the name 'ann' is taken\n"


def test_users_that_are_added_at_once_are_all_there() -> None:
    adding = [subprocess.Popen([*REAL, "user", "add", f"user{n}"], stdout=-3) for n in range(5)]
    assert [each.wait() for each in adding] == [0] * 5
    assert len(run("user", "list").stdout.splitlines()) == 5
    assert run("check").exit_code == 0


def test_a_reader_that_went_away_ends_a_command_without_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run([*REAL, "--help"], stdout=writing, stderr=-1)
    os.close(writing)
    assert (result.returncode, result.stderr) == (1, b"")


def test_an_interrupt_ends_a_command_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Database) -> None:
        raise KeyboardInterrupt

    run("user", "add", "ann")
    monkeypatch.setattr("storage.users.list_users", interrupted)
    result = run("user", "list")
    assert (result.exit_code, result.output.strip()) == (130, "")


@pytest.mark.parametrize("command", [("list",), ("key", "ann"), ("credit", "ann", "1")])
def test_a_misspelt_database_is_not_made(command: tuple[str, ...], tmp_path: Path) -> None:
    missing = tmp_path / "typo.db"
    result = run("user", *command, "--database", str(missing))
    assert (result.exit_code, result.stdout) == (2, "")
    assert not missing.exists()


LONG = "ы" * 5_000 + "'\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [LONG],
        ["user", LONG],
        ["user", "add", LONG],
        ["user", "add", "ann", "--balance", LONG],
        ["user", "add", "ann", f"--currency={LONG}"],
        ["user", "credit", "ann", LONG],
        ["user", "add", "ann", f"--{LONG}"],
        ["source", "add-admin", LONG.strip(), "ann"],
        ["source", "add-admin", LONG, "ann"],
        ["serve", "--port", LONG],
        ["bench", LONG],
        ["bench", "ws://x/", "--users", LONG],
    ],
)
def test_a_command_repeats_at_most_100_code_points_of_an_argument(arguments: list[str]) -> None:
    done("user", "add", "ann")
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert result.stderr.startswith("toteboard: ")
    assert "ы" * 101 not in result.stderr
    assert len(result.stderr) < 500

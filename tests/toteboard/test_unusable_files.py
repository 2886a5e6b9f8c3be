"""A command fails on an unusable file with one line that names it, and without a long wait."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.process import toteboard
from toteboard.cli import main

LONG = "x" * 300
SERVE = "serve", "--port", "0", "--operator-port", "-1"


@pytest.fixture(autouse=True)
def with_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, except for a database, good.db."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TOTEBOARD_")]:
        monkeypatch.delenv(name)
    assert run("user", "add", "ann", "--database", "good.db").exit_code == 0


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def refused(*arguments: str) -> str:
    """Return the one line of a command that exits with 2."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("toteboard: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "list", "--database", LONG),
        ("user", "key", "ann", "--database", LONG),
        ("user", "add", "ann", "--database", "x" * 253),
        ("user", "add", "ann", "--database", f"{LONG}-wal"),
        ("check", "--database", LONG),
        ("backup", LONG, "--database", "good.db"),
        ("restore", LONG, "--database", "other.db"),
        ("restore", "good.db", "--database", LONG),
        ("user", "key", "ann", "--database", "good.db", "--key-file", LONG),
        ("bench", "ws://127.0.0.1:1/", "--database", LONG),
    ],
)
def test_a_name_that_is_too_long_is_said_so(arguments: tuple[str, ...]) -> None:
    line = refused(*arguments)
    assert "File name too long" in line
    assert "standard output" not in line
    assert "xxx" in line


@pytest.mark.parametrize("name", [LONG, "x" * 253, f"{LONG}-wal"])
async def test_a_server_says_so_too(tmp_path: Path, name: str) -> None:
    done = await toteboard(tmp_path, *SERVE, "--database", name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"File name too long" in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("command", [("check",), ("user", "list"), ("config",), SERVE])
def test_a_config_file_of_brackets_is_not_toml(command: tuple[str, ...]) -> None:
    Path("deep.toml").write_text("a = " + "[" * 3_000)
    assert "is not TOML: too many brackets" in refused(*command, "--config", "deep.toml")


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--database", "fifo"),
        ("user", "list", "--database", "fifo"),
        ("backup", "new.db", "--database", "fifo"),
        ("restore", "good.db", "--database", "fifo"),
        (*SERVE, "--database", "fifo"),
        (*SERVE, "--database", "good.db", "--key-file", "fifo"),
        ("user", "key", "ann", "--database", "good.db", "--key-file", "fifo"),
    ],
)
async def test_a_fifo_is_refused_at_once(tmp_path: Path, command: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    done = await toteboard(tmp_path, *command)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"fifo is not a regular file\n")
    assert done.stderr.count(b"\n") == 1


def test_a_users_file_that_cannot_be_read_is_said_so() -> None:
    line = refused("bench", "ws://127.0.0.1:1/", "--users-file", "/proc/self/mem")
    assert line.startswith("toteboard: cannot read the users file: ")

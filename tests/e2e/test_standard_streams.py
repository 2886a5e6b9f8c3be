"""Standard streams that are closed or full: exit code 2, no traceback, one line if possible.

The environment is that of a user: it does not disable Python's output buffers.
"""

import os
import subprocess
import tempfile
from pathlib import Path

import orjson
import pytest

from tests.support.process import PATIENCE_S, TOTEBOARD, environment
from toteboard.doctor import HOME

FULL = "toteboard: cannot write to standard output: No space left on device"
PRINTING = [
    ("--help",),
    ("--version",),
    ("user", "--help"),
    ("config",),
    ("asyncapi",),
    ("user", "list"),
    ("check",),
    ("doctor",),
    ("demo", "--once", "--port", "0", "--operator-port", "0"),
    ("serve", "--port", "0", "--operator-port", "-1"),
]
pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def run(folder: Path, redirected: str, *command: str) -> tuple[int, str, str]:
    """Return the exit code and the output of a command whose streams a shell redirects."""
    with tempfile.TemporaryDirectory() as home:
        minimal = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        tests_own = {name: environment()[name] for name in ("PYTHONPATH", "TOTEBOARD_WORKERS")}
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {redirected}', "sh", *TOTEBOARD, *command],
            cwd=folder,
            env=minimal | tests_own,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("streams")
    assert run(path, "", "user", "add", "first")[0] == 0
    return path


@pytest.mark.parametrize("command", PRINTING, ids=" ".join)
def test_an_output_that_is_full_is_one_line(folder: Path, command: tuple[str, ...]) -> None:
    assert run(folder, "> /dev/full", *command) == (2, "", f"{FULL}\n")
    assert run(folder, "> /dev/full 2>&1", *command) == (2, "", "")


@pytest.mark.parametrize("command", PRINTING, ids=" ".join)
def test_an_output_that_is_closed_is_one_line(folder: Path, command: tuple[str, ...]) -> None:
    assert run(folder, ">&-", *command) == (2, "", "toteboard: standard output is closed\n")
    assert run(folder, "<&- >&- 2>&-", *command) == (2, "", "")


@pytest.mark.parametrize("redirected", ["<&-", "2>&-", "2> /dev/full", "<&- 2>&-"])
def test_a_command_does_without_the_other_streams(folder: Path, redirected: str) -> None:
    code, said, _ = run(folder, redirected, "user", "list")
    assert (code, orjson.loads(said)["name"]) == (0, "first")
    code, said, _ = run(folder, redirected, "user", "key", "nobody")
    assert (code, said) == (1, "")
    code, said, _ = run(folder, redirected, "serve", "--port", "70000")
    assert (code, said) == (2, "")


def test_a_key_that_could_not_be_shown_is_said_to_have_been_made(folder: Path) -> None:
    again = "the change was made: `toteboard user key {}` creates a new session key"
    for name, command in (("ann", "add"), ("first", "key")):
        done = run(folder, "> /dev/full", "user", command, name)
        assert done == (2, "", f"{FULL}; {again.format(name)}\n")
    assert len(run(folder, "", "user", "list")[1].splitlines()) == 2


def test_a_credit_that_could_not_be_shown_is_said_to_have_been_made(folder: Path) -> None:
    done = run(folder, "> /dev/full", "user", "credit", "first", "5")
    assert done == (2, "", f"{FULL}; the change was made\n")


def test_a_reader_that_went_away_hears_what_was_done_all_the_same(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [*TOTEBOARD, "user", "credit", "first", "5"]
    env = os.environ | {"PYTHONPATH": str(HOME)}
    done = subprocess.run(command, stdout=writing, stderr=-1, text=True, cwd=folder, env=env)
    os.close(writing)
    assert done.returncode == 2
    assert done.stderr.endswith("Broken pipe; the change was made\n")

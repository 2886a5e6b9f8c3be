"""The progress bar: on a terminal, on standard error, and nowhere else."""

import io
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from storage.opening import open_database
from tests.support.bookkeeper import season
from tests.support.process import TOTEBOARD, environment
from tests.support.terminal import opened_terminal, shown_on
from tests.support.version_1 import fill_soundly
from toteboard.progress import progress_bar


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make standard error a terminal. Yield the end that its screen reads."""
    with (
        opened_terminal() as (screen, terminal),
        os.fdopen(terminal, "w", closefd=False) as stderr,
        monkeypatch.context() as patched,
    ):
        patched.setattr(sys, "stderr", stderr)
        yield screen


def test_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen:
        with progress_bar("copying") as on_progress:
            for done in range(5):
                on_progress(done, 4)
        text = shown_on(screen, "100%")
    assert "copying" in text
    assert "100%" in text


def test_a_second_count_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen:
        with progress_bar("copying") as on_progress:
            for done, total in ((5, 5), (1, 4), (2, 4)):
                on_progress(done, total)
        assert "25%" in shown_on(screen, "50%")


def test_many_small_steps_are_not_all_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen:
        with progress_bar("x") as on_progress:
            drawn = b""
            for done in range(20_001):
                on_progress(done, 20_000)
                os.set_blocking(screen, False)
                with suppress(BlockingIOError):
                    drawn += os.read(screen, 65_536)
        assert drawn.count(b"x  [") <= 202


def test_a_check_on_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tote.db"
    with closing(open_database(path)) as database:
        season(database)
    with opened_terminal() as (screen, stderr):
        command = [*TOTEBOARD, "check", "--database", str(path)]
        done = subprocess.run(command, stderr=stderr, stdout=subprocess.PIPE, env=environment())
        text = shown_on(screen, "100%")
    assert done.stdout.startswith(f"{path} holds".encode())
    assert "checking" in text
    assert "100%" in text


def test_each_phase_of_a_restore_on_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        fill_soundly(connection)
    path = tmp_path / "tote.db"
    open_database(path).close()
    phases = "copying", "upgrading the copy", "keeping the old database"
    with opened_terminal() as (screen, stderr):
        command = [*TOTEBOARD, "restore", str(old), "--database", str(path)]
        subprocess.run(command, stderr=stderr, stdout=-1, env=environment(), check=True)
        text = shown_on(screen, f"{phases[-1]}.*100%")
    assert [phase for phase in phases if re.search(rf"{phase}.*100%", text)] == [*phases]


def test_nothing_is_shown_of_what_reports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen:
        with progress_bar("copying"):
            pass
        print("the end", file=sys.stderr, flush=True)
        assert shown_on(screen, "end\r\n") == "the end\r\n"


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_nothing_is_shown_where_there_is_no_terminal(
    stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar("copying") as on_progress:
        on_progress(1, 1)
    assert stream is None or stream.getvalue() == ""

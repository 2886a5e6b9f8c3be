"""The progress bar: on a terminal, on standard error, and nowhere else."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from toteboard.progress import progress_bar


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Standard error is a terminal; gives the end that its screen reads."""
    screen, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stderr, monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stderr)
        yield screen
    os.close(screen)


def test_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen:
        with progress_bar("copying") as on_progress:
            for done in range(5):
                on_progress(done, 4)
        shown = os.read(screen, 65_536).decode()
    assert "copying" in shown
    assert "100%" in shown


def test_nothing_is_shown_of_what_reports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen:
        with progress_bar("copying"):
            pass
        print("the end", file=sys.stderr, flush=True)
        assert os.read(screen, 65_536) == b"the end\r\n"


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_nothing_is_shown_where_there_is_no_terminal(
    stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar("copying") as on_progress:
        on_progress(1, 1)
    assert stream is None or stream.getvalue() == ""

"""The recorded entries are exactly SQLite's system calls."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns.power import recording
from tests.campaigns.power.recording import FOLDER, Synced, Truncated, Wrote
from tests.campaigns.power.sqlite_files import hides_sqlite
from tests.support.process import environment

CALLS = "pwrite64,ftruncate,fsync,fdatasync"
CALL = re.compile(r"(?:\d+ +)?(\w+)\(\d+<(.*?)>(?:, .*?\.\.\.)?((?:, \d+)*)\) += +\d+")

Call = tuple[str, ...]


def called(trace: str, folder: Path) -> Iterator[Call]:
    """Yield the system calls on files of the folder and on the folder, except on SQLite's index."""
    for line in trace.splitlines():
        match = CALL.fullmatch(line)
        assert match, line
        call, path, numbers = match.groups()
        if folder in (Path(path), Path(path).parent) and not path.endswith("-shm"):
            name = FOLDER if Path(path) == folder else Path(path).name
            yield call.replace("fdatasync", "fsync"), name, *numbers.split(", ")[1:]


def noted(entries: Path) -> Iterator[Call]:
    """Yield the calls that the entries stand for. Python's file objects write the drafts."""
    for entry in recording.read(entries):
        match entry:
            case Wrote() if not entry.name.endswith(".part"):
                yield "pwrite64", entry.name, str(len(entry.data)), str(entry.offset)
            case Truncated():
                yield "ftruncate", entry.name, str(entry.size)
            case Synced():
                yield "fsync", entry.name


@pytest.mark.skipif(hides_sqlite(), reason="SQLite is hidden within this Python")
@pytest.mark.skipif(not shutil.which("strace"), reason="there is no strace")
def test_every_write_and_sync_is_what_the_system_was_asked_for(tmp_path: Path) -> None:
    folder, entries, trace = (tmp_path / name for name in ("files", "recording", "trace"))
    folder.mkdir()
    tracing = ["strace", "-f", "-y", "-qq", "-s", "0", "-e", f"trace={CALLS}", "-e", "signal=none"]
    recorder = [sys.executable, "-m", "tests.campaigns.power.recorder", str(entries), "none"]
    done = subprocess.run(
        [*tracing, "-o", trace, *recorder, "user", "add", "ann"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if "PTRACE" in done.stderr:
        pytest.skip("strace may not look at processes here")
    assert done.returncode == 0, done.stderr
    calls = [*called(trace.read_text(), folder)]
    assert len([call for call in calls if call[0] == "fsync"]) > 5
    assert calls == [*noted(entries)]

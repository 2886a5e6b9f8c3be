"""`toteboard backup` and `restore` as an operator uses them, while a server runs."""

import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
import trio

from storage.opening import open_database
from storage.store import AddUser
from tests.support.process import PATIENCE_S, TOTEBOARD, Process, environment, toteboard
from tests.support.terminal import opened_terminal, shown_on
from toteboard_client import Client

SOURCES = 40
USERS = 300
"""Enough users that SQLite reports progress while it copies."""
HELD = """
import time
from toteboard import progress
progress.unobserved = lambda done, total: time.sleep({patience_s})
"""
"""Code for the start of a command that pauses it in the middle of a copy until a signal comes."""


async def work(ann: Client, told: list[str], enough: trio.Event, done: trio.Event) -> None:
    """Open sources one after the other until `done` is set. Set `enough` when there are some."""
    while not done.is_set():
        if len(told) == SOURCES:
            enough.set()
        opened = await ann.call(365, source_name=f"source {len(told)}")
        told.append(opened["source_id"])


async def test_a_backup_beside_a_server_at_work_is_one_to_go_back_to(tmp_path: Path) -> None:
    async with Process(tmp_path, "--rate-limit", "0") as server:
        server.add_user("ann", can_host=True)
        told, enough, done = list[str](), trio.Event(), trio.Event()
        async with server.connect("ann") as ann, trio.open_nursery() as nursery:
            nursery.start_soon(work, ann, told, enough, done)
            await enough.wait()
            before = set(told)
            backed_up = await toteboard(tmp_path, "backup", "copy.db")
            assert (backed_up.returncode, backed_up.stderr) == (0, b"")
            assert backed_up.stdout.startswith(b"copy.db is a verified copy of toteboard.db: ")
            at_most = {*told}
            done.set()
        refused = await toteboard(tmp_path, "restore", "copy.db")
        assert (refused.returncode, refused.stdout) == (2, b"")
        assert b"in use by another server" in refused.stderr
        assert await server.stop() == 0
        restored = await toteboard(tmp_path, "restore", "copy.db")
        assert (restored.returncode, restored.stderr) == (0, b"")
        assert restored.stdout.startswith(b"toteboard.db is now copy.db: ")
        checked = await toteboard(tmp_path, "check")
        assert checked.returncode == 0, checked.stdout
        with closing(open_database(server.database)) as database:
            kept = {row["id"] for row in database.rows("SELECT id FROM sources")}
        assert before <= kept <= {*told}
        assert len(kept) <= len(at_most) + 1
        await server.start()
        async with server.connect("ann") as ann:
            assert (await ann.call(1))["res"] == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_signal_ends_a_copy_and_leaves_nothing_of_it(
    tmp_path: Path, how: signal.Signals, command: str
) -> None:
    with closing(open_database(tmp_path / "toteboard.db")) as database:
        database.execute("PRAGMA synchronous=OFF")
        for number in range(USERS):
            AddUser(f"user{number}", False, {"DON": 5}, None).perform(database, 1)
    held = HELD.format(patience_s=PATIENCE_S) + TOTEBOARD[-1]
    run = [*TOTEBOARD[:-1], held, command, "copy.db"]
    if command == "restore":
        made = [*TOTEBOARD, "backup", "copy.db"]
        subprocess.run(made, cwd=tmp_path, env=environment(), stdout=-3, check=True)
    before = contents(tmp_path)
    with subprocess.Popen(run, cwd=tmp_path, env=environment(), stdout=-1, stderr=-1) as process:
        while not any(tmp_path.glob(".*.part")):
            assert process.poll() is None
            time.sleep(0.01)
        # A signal has no effect where Python cannot raise, so it is sent again, as by an operator.
        while process.poll() is None:
            process.send_signal(how)
            time.sleep(0.01)
        said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (130, -how)  # the latter if one comes while the process exits
    assert (said[0], said[1].strip()) == (b"", b"")
    assert contents(tmp_path) == before


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of each file, except for files that exist only while it is open."""
    come_and_go = "-wal", "-shm", ".lock"
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if not path.name.endswith(come_and_go)
    }


def test_a_terminal_is_shown_how_far_it_is(tmp_path: Path) -> None:
    open_database(tmp_path / "toteboard.db").close()
    with opened_terminal() as (screen, stderr):
        command = [*TOTEBOARD, "backup", "copy.db"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(), stdout=-1, stderr=stderr, check=True
        )
        shown = shown_on(screen, "100%")
    assert "copying" in shown
    assert "100%" in shown
    assert done.stdout.count(b"\n") == 1

"""A real PostgreSQL for tests: a primary, and two standbys of which one must acknowledge if wanted.

`Engine.running` makes the data folders in a temporary folder, in memory if there is room. It starts
the servers on loopback ports. PostgreSQL refuses to run as root, so root starts it as the user
`postgres`, or `nobody`. Its settings are the shipped ones (fsync included), except ports, memory
and pauses. The tests act as the role `toteboard`, which has the rights that an operator gives it
and no more; `ask` is the superuser's.

If the process that runs the tests is killed, its servers end too, and their folder is deleted.

A failover has two steps, as an operator's tools would do them: `kill` or `stop` the primary, then
`promote` a standby, which then wants the acknowledgement of the other one.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, LiteralString, Self

import psycopg
from psycopg import sql

from tests.support.process import PATIENCE_S

NO_ENGINE: Final = "no PostgreSQL: install postgresql, or run `make engine` as root"
ROLE: Final = "toteboard"
STANDBYS: Final = ("s1", "s2")
MEMORY: Final = Path("/dev/shm")
ROOM_BYTES: Final = 2 << 30
SETTINGS: Final = {
    "shared_buffers": "16MB",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "wal_keep_size": "256MB",  # a standby that follows a new primary asks for what it lacks
    "max_connections": "40",
    "wal_retrieve_retry_interval": "100ms",
    "unix_socket_directories": "",
    "dynamic_shared_memory_type": "mmap",  # what a killed server leaves is in its folder
}
STOPS: Final = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
LOOK_EVERY_S: Final = 0.02
WATCH: Final = """
    read _
    kill -QUIT "$1" 2>/dev/null
    for _ in $(seq 50); do kill -0 "$1" 2>/dev/null || break; sleep 0.1; done
    rm -rf "$2"
"""
"""Waits for the end of its standard input, ends the server with this number, deletes the folder."""


def engine_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest if there are several; None if none."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((each.parent for each in installed), key=_major, default=None)


def _major(programs: Path) -> int:
    return int(programs.parent.name)


def _user() -> str | None:
    """Return the user to start PostgreSQL as; None for the present one."""
    if os.geteuid():
        return None
    users = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


def free_port() -> int:
    """Return a loopback port that no server listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class EngineServer:
    """One server of PostgreSQL, with a data folder of its own."""

    def __init__(self, programs: Path, folder: Path, name: str) -> None:
        self.name = name
        self.port = free_port()
        self._title = f"{name}-{self.port}"
        self._programs, self._home, self._data = programs, folder, folder / name
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    def initialize(self) -> None:
        """Make a new data folder, with the tests' role."""
        options = ("--auth=trust", "--encoding=UTF8", "--no-locale", "--username=postgres")
        self.run("initdb", *options, "--no-sync", f"--pgdata={self._data}")
        self._configure(**SETTINGS, port=str(self.port), cluster_name=self._title)
        self.start()
        role = sql.Identifier(ROLE)
        self.ask(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        self.ask(sql.SQL("GRANT pg_monitor TO {}").format(role))

    def copy(self, stopped: "EngineServer") -> None:
        """Copy the data folder of a stopped server, to be its standby."""
        self.run("cp", "--archive", str(stopped._data), str(self._data))
        (self._data / "standby.signal").touch()
        if (user := _user()) is not None:
            shutil.chown(self._data / "standby.signal", user)
        follow = following(stopped, self)
        self._configure(port=str(self.port), cluster_name=self._title, primary_conninfo=follow)

    def copy_running(self, primary: "EngineServer") -> None:
        """Make the data folder anew, as a backup of a primary that runs, to be its standby."""
        self.run("rm", "--recursive", "--force", str(self._data))
        source = f"host=127.0.0.1 port={primary.port} user=postgres"
        options = ("--checkpoint=fast", "--no-sync", f"--dbname={source}")
        self.run("pg_basebackup", f"--pgdata={self._data}", "--write-recovery-conf", *options)
        (self._data / "postgresql.auto.conf").write_text("")  # what the primary was told
        follow = following(primary, self)
        self._configure(port=str(self.port), cluster_name=self._title, primary_conninfo=follow)

    def start(self) -> None:
        """Start the server; return when it answers."""
        self.launch()
        until(self._answers, f"{self.name} to answer")

    def launch(self) -> None:
        """Start the server."""
        with (self._home / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data],
                stdout=log, stderr=log, cwd=self._home, user=_user(), start_new_session=True,
            )  # fmt: skip
        # The pipe has no other holder than this process. When it ends, however it does, so does the
        # server. PR_SET_PDEATHSIG would not do: it is about the thread that has started the server.
        self._watcher = subprocess.Popen(
            ["sh", "-c", WATCH, "watcher", str(self._process.pid), self._home],
            stdin=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def stop(self, how: str = "fast") -> None:
        """Stop the server in one of PostgreSQL's ways: smart, fast, immediate."""
        self._end(STOPS[how])

    def kill(self) -> None:
        """End the server with SIGKILL. Its backends notice that at once and end too."""
        self._end(signal.SIGKILL)
        # A backend that has not noticed yet still uses the memory that a restart would need.
        until(lambda: not self._backends(), f"the backends of {self.name} to end")

    def restart(self) -> None:
        """Stop the server if it runs, and start it."""
        self.stop()
        self.start()

    def promote(self) -> None:
        """Make a primary of a standby; return when it accepts writes."""
        self.run("pg_ctl", "promote", "--wait", f"--pgdata={self._data}")

    def set(self, **settings: str) -> None:
        """Change settings that need no restart; return when the server has read them."""
        for name, value in settings.items():
            self.ask(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
        self.ask("SELECT pg_reload_conf()")
        until(lambda: all(self.setting(n) == v for n, v in settings.items()), f"{settings} set")

    def setting(self, name: str) -> str:
        """Return the value of a setting, as new sessions have it."""
        rows = self.ask(sql.SQL("SELECT current_setting({})").format(name))
        return str(rows[0][0])

    def ask(self, query: LiteralString | sql.Composed, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the superuser, in the tests' database; return its rows."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    @property
    def superuser_url(self) -> str:
        """The URL of the superuser."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres?connect_timeout=5"

    @property
    def runs(self) -> bool:
        """Whether the server was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """Return the end of the server's log."""
        return (self._home / f"{self.name}.log").read_text()[-2_000:]

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, as the server's user."""
        path = os.pathsep.join((str(self._programs), os.environ["PATH"]))
        subprocess.run(
            [shutil.which(program, path=path) or program, *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd=self._home, user=_user(),
        )  # fmt: skip

    def _configure(self, **settings: str) -> None:
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def _answers(self) -> bool:
        assert self.runs, self.log()
        try:
            return bool(self.ask("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._unwatch()  # while the process's number cannot be that of another one
            self._process.wait(PATIENCE_S)

    def _unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.communicate()
            self._watcher = None

    def _backends(self) -> list[Path]:
        title = f"postgres: {self._title}: ".encode()
        return [each for each in Path("/proc").glob("[0-9]*") if _title(each).startswith(title)]


def _title(process: Path) -> bytes:
    """Return the command line of a process; b"" if it has ended."""
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


class Engine:
    """A primary and its standbys."""

    def __init__(self, folder: Path, *, standbys: bool) -> None:
        programs = engine_programs()
        assert programs is not None, NO_ENGINE
        self.primary = EngineServer(programs, folder, "s0")
        names = STANDBYS if standbys else ()
        self.standbys = [EngineServer(programs, folder, name) for name in names]
        self.servers = [self.primary, *self.standbys]
        self._databases = 0

    @classmethod
    @contextmanager
    def running(cls, *, standbys: bool = False) -> Iterator[Self]:
        """Start the servers in a folder of their own; stop them and delete it at the end."""
        folder = Path(tempfile.mkdtemp(prefix="tote-engine-", dir=_place()))
        try:
            if (user := _user()) is not None:
                shutil.chown(folder, user)
            engine = cls(folder, standbys=standbys)
            try:
                engine._start()
                yield engine
            finally:
                for server in engine.servers:
                    server.stop("immediate")
        finally:
            shutil.rmtree(folder)

    def new_database(self, encoding: str = "UTF8") -> str:
        """Make a database for the role `toteboard`; return its URL, which names every server."""
        self._databases += 1
        name = f"tote{self._databases}"
        make = sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0")
        self.primary.ask(make.format(sql.Identifier(name), encoding))
        grant = sql.SQL("GRANT CREATE ON DATABASE {} TO {}")
        self.primary.ask(grant.format(sql.Identifier(name), sql.Identifier(ROLE)))
        return self.url(name)

    def url(self, database: str) -> str:
        """Return the URL of a database, of whichever server is the primary."""
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self.servers)
        wanted = "target_session_attrs=read-write&connect_timeout=2"
        return f"postgresql://{ROLE}@{hosts}/{database}?{wanted}"

    def promote(self, standby: EngineServer) -> None:
        """Make a standby the primary, and let the other standby follow it if it runs."""
        standby.promote()
        self.primary = standby
        self.standbys = [each for each in self.standbys if each is not standby]
        for other in filter(lambda each: each.runs, self.standbys):
            other.set(primary_conninfo=following(standby, other))
        self._want_acknowledgements()

    def rejoin(self, server: EngineServer) -> None:
        """Let a server that was killed come back, as a standby with a new copy of the primary."""
        server.copy_running(self.primary)
        server.launch()
        self.standbys = [*(each for each in self.standbys if each is not server), server]
        self._want_acknowledgements()

    def best_standby(self) -> EngineServer:
        """Return the standby that has received most of the log. The primary must have ended."""
        until(lambda: not any(map(is_receiving, self.standbys)), "the last of the log to arrive")
        return max(self.standbys, key=received)

    def rest(self, standby: EngineServer) -> EngineServer:
        """Return the other standby."""
        (other,) = (each for each in self.standbys if each is not standby)
        return other

    def detach(self, standby: EngineServer) -> None:
        """Stop a standby from receiving anything further; it runs on."""
        standby.set(primary_conninfo="")
        until(lambda: not standby.ask("SELECT 1 FROM pg_stat_wal_receiver"), "the receiver to end")

    def attach(self, standby: EngineServer) -> None:
        """Let a standby follow the primary (again); return when it does."""
        standby.set(primary_conninfo=following(self.primary, standby))
        self._wait_for([standby])

    def _start(self) -> None:
        self.primary.initialize()
        if self.standbys:
            # A copy of a stopped server needs no recovery, which would sync each file of it.
            self.primary.stop()
            for standby in self.standbys:
                standby.copy(self.primary)
                standby.launch()
            self.primary.start()
        self._want_acknowledgements()

    def _want_acknowledgements(self) -> None:
        followers = [each for each in self.standbys if each.runs]
        if followers:
            names = ", ".join(each.name for each in followers)
            self._wait_for(followers)
            self.primary.set(synchronous_standby_names=f"ANY 1 ({names})")

    def _wait_for(self, standbys: list[EngineServer]) -> None:
        names = {each.name for each in standbys}

        def stream() -> bool:
            query = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"
            return names <= {name for (name,) in self.primary.ask(query)}

        try:
            until(stream, f"{names} to follow {self.primary.name}")
        except AssertionError as error:
            logs = (f"{each.name}: {each.log()}" for each in (self.primary, *standbys))
            raise AssertionError("\n".join((str(error), *logs))) from error


def _place() -> Path | None:
    """Return the folder for temporary folders: in memory, where a sync does not wait for others."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return MEMORY if has_room else None


def received(standby: EngineServer) -> int:
    """Return how much of the log a standby has received, in bytes."""
    query = "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')"
    return int(standby.ask(query)[0][0] or 0)


def is_receiving(standby: EngineServer) -> bool:
    """Return whether a standby still reads what its primary has sent."""
    return bool(standby.ask("SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'"))


def following(primary: EngineServer, standby: EngineServer) -> str:
    """Return the connection of a standby to its primary."""
    return f"host=127.0.0.1 port={primary.port} user=postgres application_name={standby.name}"


def until(holds: Any, wanted: str) -> None:
    """Wait until a condition of another process holds, which that process cannot report."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / LOOK_EVERY_S)):
        if holds():
            return
        pause.wait(LOOK_EVERY_S)
    raise AssertionError(f"waited in vain for {wanted}")

"""The commands of a cluster: `toteboard cluster ...`.

`init`, `leave`, `rejoin` and `reseed` work on the file of a node that does not run.
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from storage.database import Database
from storage.lock import ServerLock
from storage.opening import open_database
from storage.position import leave_cluster, position_of
from storage.session_keys import refuse_other_secret
from toteboard.exits import Failure, NotSo, missing_database, say, say_done, say_json
from toteboard.key_file import key_file
from toteboard.node_tls import node_tls
from toteboard.operator.operating import ask_the_node
from toteboard.settings import Settings, click_options, load
from toteboard.tls_files import UnusableTlsError

CHECK_ANSWER_S: Final = 660.0
"""How long `check --cluster` waits for the node."""
NAME_THE_CLUSTER: Final = "cluster is not set: name the PostgreSQL database with --cluster"
REJOIN_S: Final = 10.0
"""How long `rejoin` looks for a node that gives a copy."""
ENGINE_S: Final = 30.0
"""How long a command waits for the engine."""


@click.group("cluster", no_args_is_help=False)
def cluster() -> None:
    """Make a cluster of servers, look at it, and take nodes in and out."""


@cluster.command("init")
@click.argument("url")
@click_options("database", "key_file")
def make(url: str, config: Path | None, **given: str | None) -> None:
    """Make a cluster in the PostgreSQL database URL, of the database of a server.

    Stop the server first. Print the cluster's id.
    """
    try:
        from actors.clock import elapsed_s
        from storage.cluster.connection import Deadline
        from storage.cluster.founding import found_cluster
    except ImportError as error:
        raise Failure(f"a cluster needs toteboard[cluster]: {error}") from error
    settings = load(given, os.environ, config).settings
    with _stopped(settings) as database:
        refuse_other_secret(database)
        made = found_cluster(database, url, Deadline(elapsed_s, elapsed_s() + ENGINE_S))
    say_json(cluster=made)


@cluster.command("leave")
@click_options("database", "key_file")
def let_leave(config: Path | None, **given: str | None) -> None:
    """Let the database of a node stand alone, with all that it holds. Stop the node first."""
    settings = load(given, os.environ, config).settings
    with _stopped(settings) as database:
        position = position_of(database)
        if position is None:
            raise NotSo(f"{settings.database} belongs to no cluster")
        leave_cluster(database)
    say_done(f"{settings.database} stands alone; it was at record {position.place.idx}")


@cluster.command("rejoin")
@click_options("database", "key_file", "cluster", "node_tls_cert", "node_tls_key", "node_tls_ca")
def come_back(config: Path | None, **given: str | None) -> None:
    """Replace the database of a node with a copy of another node's; the old one is kept.

    Stop this node first, and leave another one running: it serves on while it makes the copy. For
    a node that was away for longer than `cluster_keep`, or whose database is damaged or missing.
    """
    settings = load(given, os.environ, config).settings
    if settings.cluster is None:
        raise Failure(NAME_THE_CLUSTER)
    try:
        from toteboard.rejoining import rejoin_until_stopped
    except ImportError as error:
        raise Failure(f"a cluster needs toteboard[cluster]: {error}") from error
    path, stamp = Path(settings.database), datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    keys, tls = key_file(settings, os.environ), _calling(settings)
    joined = rejoin_until_stopped(path, settings.cluster, keys, tls, stamp, REJOIN_S)
    if joined is None:
        raise click.Abort
    kept = f"; kept beside it: {joined.kept.name}" if joined.kept else ""
    say_done(f"{path} is now a copy of that of {joined.address}, at record {joined.record}{kept}")


@cluster.command("reseed")
@click_options("database", "key_file", "cluster")
def reseed(config: Path | None, **given: str | None) -> None:
    """Begin the log again behind the database of a node, after the log went back.

    Stop every node first, and take the database with the greatest position (`toteboard cluster
    status` and the error `log_went_back` name positions). The others then need a copy of it. A log
    that has lost nothing of this database is not begun again.
    """
    settings = load(given, os.environ, config).settings
    if settings.cluster is None:
        raise Failure(NAME_THE_CLUSTER)
    try:
        from actors.clock import SystemClock, elapsed_s
        from storage.cluster.connection import Deadline
        from storage.cluster.reseeding import reseed_log
    except ImportError as error:
        raise Failure(f"a cluster needs toteboard[cluster]: {error}") from error
    with _stopped(settings) as database:
        position = position_of(database)
        if position is None:
            raise NotSo(f"{settings.database} belongs to no cluster")
        deadline = Deadline(elapsed_s, elapsed_s() + ENGINE_S)
        last = reseed_log(settings.cluster, position, SystemClock().now(), deadline)
    say_done(f"the log goes on behind record {last}: start this node first")


def check_cluster(path: Path) -> int:
    """Compare the databases of all nodes by the one that runs; print what differs.

    Return the exit code. Raise Failure.
    """
    outcome = ask_the_node(path, "check", patience_s=CHECK_ANSWER_S)
    for line in outcome["findings"] or [
        f"{outcome['nodes']} nodes hold the same, and the log holds"
    ]:
        say(line)
    return 1 if outcome["findings"] else 0


def unsafe_of(url: str) -> list[str]:
    """Return a line for each unsafe setting of a PostgreSQL. Raise Failure, EngineUnclearError."""
    try:
        from actors.clock import elapsed_s
        from storage.cluster.connection import Deadline, connect_engine
        from storage.cluster.safety import unsafe_settings
    except ImportError as error:
        raise Failure(f"a cluster needs toteboard[cluster]: {error}") from error
    deadline = Deadline(elapsed_s, elapsed_s() + ENGINE_S)
    with closing(connect_engine(url, deadline)) as engine:
        return unsafe_settings(engine, deadline)


@cluster.command("status")
@click_options("database")
def print_state(config: Path | None, **given: str | None) -> None:
    """Print the leader, the nodes and their positions as JSON. Ask at any running node."""
    settings = load(given, os.environ, config).settings
    say_json(**ask_the_node(Path(settings.database), "status"))


@cluster.command("hand-over")
@click.argument("address", required=False)
@click_options("database")
def move_lease(address: str | None, config: Path | None, **given: str | None) -> None:
    """Let the node at ADDRESS lead, or any that is ready. Ask at any running node.

    Return when it leads. Print the leader and its epoch.
    """
    settings = load(given, os.environ, config).settings
    say_json(**ask_the_node(Path(settings.database), "hand_over", address=address))


def _calling(settings: Settings) -> ssl.SSLContext | None:
    try:
        return node_tls(settings).calling
    except UnusableTlsError as error:
        raise Failure(str(error)) from error


@contextmanager
def _stopped(settings: Settings) -> Iterator[Database]:
    """Open the database of a server that does not run. Raise Failure, DatabaseUnusableError."""
    path = Path(settings.database)
    if not path.exists():
        raise missing_database(path)
    keys = key_file(settings, os.environ)
    with (
        ServerLock(path),
        closing(open_database(path, lock_held=True, must_exist=True, key_file=keys)) as database,
    ):
        yield database

"""Whether a file belongs to a cluster, found out without changing it.

A file of a cluster is changed by the cluster's log alone: a server without the cluster, or a
command on the file, would make it differ from the files of the other nodes.
"""

from contextlib import closing
from pathlib import Path

from storage.connection import connect_to_file
from storage.errors import SQLITE_ERRORS, DatabaseUnusableError, reason

_HAS_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'position'"


def cluster_of_file(path: Path) -> str | None:
    """Return the id of the cluster that a file belongs to; None if it has none or is missing.

    Raise DatabaseUnusableError.
    """
    if not path.exists():
        return None
    try:
        with closing(connect_to_file(path, "ro")) as connection:
            if connection.execute(_HAS_TABLE).fetchone() is None:
                return None
            row = connection.execute("SELECT cluster FROM position").fetchone()
    except OSError as error:
        raise DatabaseUnusableError(f"cannot open {path}: {error.strerror or error}") from error
    except SQLITE_ERRORS as error:
        text = f"cannot use {path} as a database: {reason(error)}"
        raise DatabaseUnusableError(text) from error
    return None if row is None else str(row[0])


def refuse_cluster_file(path: Path) -> None:
    """Raise DatabaseUnusableError if a file belongs to a cluster."""
    if (cluster := cluster_of_file(path)) is not None:
        raise DatabaseUnusableError(
            f"{path} belongs to the cluster {cluster}: serve it with --cluster, or let it leave "
            "with `toteboard cluster leave`"
        )


def refuse_standalone_file(path: Path) -> None:
    """Raise DatabaseUnusableError if a file is missing or belongs to no cluster."""
    if not path.exists():
        raise DatabaseUnusableError(f"{path} does not exist: run `toteboard cluster rejoin`")
    if cluster_of_file(path) is None:
        raise DatabaseUnusableError(
            f"{path} belongs to no cluster: make one of it with `toteboard cluster init`, or take "
            "a copy of another node's file with `toteboard cluster rejoin`"
        )

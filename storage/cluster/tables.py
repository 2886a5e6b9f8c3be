"""The tables of a cluster in its PostgreSQL database: making them, and telling whose they are.

    toteboard_cluster  the cluster's id, and the version of the schema when it was made (one row)
    toteboard_log      the records (storage/records.py), in partitions by idx (log.py)
    toteboard_lease    which node leads, until when (lease.py; always one row)
    toteboard_nodes    the nodes that were seen (nodes.py)
    toteboard_checks   what the files of the nodes hold (checks.py)

They are in the first schema of the role's search path. If the role may not create tables there, as
in `public` since PostgreSQL 15, they are in a schema with the role's name, which comes first in the
search path by default. So the role needs CREATE in its database and nothing else.
"""

from typing import Final
from uuid import UUID

from attrs import frozen
from psycopg import sql

from storage.cluster.connection import Deadline, EngineConnection, EngineUnclearError
from storage.errors import DatabaseUnusableError

_TABLES: Final = (
    """CREATE TABLE toteboard_cluster (
        id      uuid        PRIMARY KEY,
        level   integer     NOT NULL,
        made_at timestamptz NOT NULL DEFAULT clock_timestamp())""",
    """CREATE TABLE toteboard_log (
        idx   bigint  PRIMARY KEY,
        epoch bigint  NOT NULL,
        level integer NOT NULL,
        at    bigint  NOT NULL,
        kind  text    NOT NULL,
        chain bytea   NOT NULL,
        body  bytea   NOT NULL) PARTITION BY RANGE (idx)""",
    """CREATE TABLE toteboard_lease (
        id      integer     PRIMARY KEY DEFAULT 1 CHECK (id = 1),
        epoch   bigint      NOT NULL,
        holder  text        NOT NULL,
        address text        NOT NULL,
        until   timestamptz NOT NULL,
        successor text      NOT NULL DEFAULT '',
        check_id  text      NOT NULL DEFAULT '')""",
    """CREATE TABLE toteboard_nodes (
        id      text        PRIMARY KEY,
        address text        NOT NULL,
        version text        NOT NULL,
        level   integer     NOT NULL,
        applied bigint      NOT NULL,
        skew_ms bigint      NOT NULL,
        ready   boolean     NOT NULL,
        seen    timestamptz NOT NULL)""",
    """CREATE TABLE toteboard_checks (
        id      text   NOT NULL,
        address text   NOT NULL,
        idx     bigint NOT NULL,
        digests text   NOT NULL,
        PRIMARY KEY (id, address))""",
)
_LEASE: Final = """
    INSERT INTO toteboard_lease (epoch, holder, address, until)
    VALUES (0, '', '', to_timestamp(0))"""
NO_CLUSTER: Final = "this database has no cluster: make one with `toteboard cluster init`"
_CLUSTER: Final = "INSERT INTO toteboard_cluster (id, level) VALUES (%s, %s)"


@frozen
class ClusterAbout:
    """A cluster's id, and the version of the schema with which it was made."""

    id: str
    level: int


def create_cluster(engine: EngineConnection, deadline: Deadline, cluster: str, level: int) -> None:
    """Make the tables of a new cluster, all or none.

    Raise DatabaseUnusableError if the database has a cluster or the role may not create tables, and
    EngineUnclearError.
    """
    if (present := cluster_of(engine, deadline)) is not None:
        raise DatabaseUnusableError(f"this database has a cluster already: {present.id}")
    needs_schema = _refuse_without_right(engine, deadline)
    with engine.transaction(deadline):
        if needs_schema:
            engine.run(deadline, "CREATE SCHEMA AUTHORIZATION CURRENT_USER")
        for table in _TABLES:
            engine.run(deadline, table)
        engine.run(deadline, _LEASE)
        engine.run(deadline, _CLUSTER, UUID(cluster), level)


def cluster_of(engine: EngineConnection, deadline: Deadline) -> ClusterAbout | None:
    """Return the cluster of the engine's database, or None. Raise EngineUnclearError."""
    _, [(is_there,)] = engine.run(deadline, "SELECT to_regclass('toteboard_cluster') IS NOT NULL")
    if not is_there:
        return None
    _, rows = engine.run(deadline, "SELECT id::text, level FROM toteboard_cluster")
    if len(rows) != 1:
        raise EngineUnclearError(f"toteboard_cluster has {len(rows)} rows instead of one")
    return ClusterAbout(*rows[0])


def refuse_other_cluster(engine: EngineConnection, deadline: Deadline, cluster: str) -> None:
    """Raise DatabaseUnusableError unless the engine's database is that of this cluster.

    Raise EngineUnclearError.
    """
    present = cluster_of(engine, deadline)
    if present is None:
        raise DatabaseUnusableError(NO_CLUSTER)
    if present.id != cluster:
        raise DatabaseUnusableError(
            f"this database is that of the cluster {present.id}, and the file of {cluster}"
        )


def _refuse_without_right(engine: EngineConnection, deadline: Deadline) -> bool:
    """Return whether a schema is needed. Raise DatabaseUnusableError if none can be made."""
    rights = """
        SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
               has_database_privilege(current_database(), 'CREATE'),
               current_user::text, current_database()::text"""
    _, [(may_fill, may_make, role, database)] = engine.run(deadline, rights)
    if not may_fill and not may_make:
        grant = sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(
            sql.Identifier(database), sql.Identifier(role)
        )
        raise DatabaseUnusableError(
            f"the role {role} may not create tables in {database}: run {grant.as_string()}"
        )
    return not may_fill

"""Making a cluster of a file that stands alone: the file is its first node's.

What the file holds by then is in no record: it is what the log begins behind. So the other nodes
begin with a copy of such a file, and a file that stands alone never joins by itself.

The file takes the cluster's id first, and then the tables are made with it. If the command is
interrupted in between, the file is that of a cluster which does not exist yet, and the same command
completes it. After that it is refused, also for the same file.
"""

from uuid import uuid4

from storage.cluster.connection import Deadline, connect_engine
from storage.cluster.tables import cluster_of, create_cluster
from storage.database import Database
from storage.errors import DatabaseUnusableError
from storage.migrations import latest_version
from storage.position import FilePosition, join_cluster, leave_cluster, position_of
from storage.records import LOG_START


def found_cluster(database: Database, url: str, deadline: Deadline) -> str:
    """Make a cluster in the engine's database, of a file. Return the cluster's id.

    Raise DatabaseUnusableError if the database or the file has a cluster, and EngineUnclearError.
    Then the file is as it was, unless the engine's last answer was lost.
    """
    engine = connect_engine(url, deadline)
    try:
        present, position = cluster_of(engine, deadline), position_of(database)
        if position is not None and position.place != LOG_START:
            raise DatabaseUnusableError(f"the file has the cluster {position.cluster} already")
        if present is not None:
            is_ours = position is not None and position.cluster == present.id
            whose = ", of this file" if is_ours else ""
            raise DatabaseUnusableError(f"this database has a cluster already: {present.id}{whose}")
        if position is None:
            position = FilePosition(str(uuid4()), LOG_START)
            join_cluster(database, position)
        try:
            create_cluster(engine, deadline, position.cluster, latest_version())
        except DatabaseUnusableError:
            leave_cluster(database)
            raise
    finally:
        engine.close()
    return position.cluster

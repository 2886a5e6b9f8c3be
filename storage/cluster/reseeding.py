"""Beginning a cluster's log again behind a node's file, after the log has lost confirmed records.

The new log has one record, a mark at the file's place. Its chain is the file's, so the records that
follow belong to the same chain as those that are gone. A file at an earlier place needs a copy of
this one; so does a file at a later place, whose further records nobody else has.
"""

from storage.cluster.connection import Deadline, EngineConnection, connect_engine
from storage.cluster.lease import read_lease
from storage.cluster.log import LogPartitions
from storage.cluster.tables import refuse_other_cluster
from storage.errors import DatabaseUnusableError
from storage.migrations import latest_version
from storage.position import FilePosition
from storage.records import RecordKind

_MARK = "INSERT INTO toteboard_log VALUES (%s, %s, %s, %s, %s, %b, %b)"
_FREE = """
    UPDATE toteboard_lease SET epoch = greatest(epoch, %s), holder = '', address = '',
        until = to_timestamp(0), successor = ''"""


def reseed_log(url: str, position: FilePosition, at: int, deadline: Deadline) -> None:
    """Empty the log and begin it again at a file's position, all or nothing; `at` in epoch ms.

    Raise DatabaseUnusableError if a node leads or the database is another cluster's, and
    EngineUnclearError.
    """
    engine = connect_engine(url, deadline)
    try:
        refuse_other_cluster(engine, deadline, position.cluster)
        lease = read_lease(engine, deadline)
        if lease.left_s > 0 and not lease.is_halted:
            raise DatabaseUnusableError(f"the node at {lease.address} leads: stop every node first")
        with engine.transaction(deadline):
            _begin_again(engine, deadline, position, at)
    finally:
        engine.close()


def _begin_again(
    engine: EngineConnection, deadline: Deadline, position: FilePosition, at: int
) -> None:
    place = position.place
    engine.run(deadline, "TRUNCATE toteboard_log, toteboard_nodes")
    engine.run(deadline, _FREE, place.epoch)
    if place.idx:
        LogPartitions().make_room(engine, deadline, place.idx)
        about = place.idx, place.epoch, latest_version(), at, RecordKind.MARK.value
        engine.run(deadline, _MARK, *about, place.chain, b"")

"""Beginning a cluster's log again behind a node's file, after the log has lost confirmed records.

The new log has one record, a mark at the file's place. Its chain is the file's, so the records that
follow belong to the same chain as those that are gone. A file at an earlier place needs a copy of
this one; so does a file at a later place, whose further records nobody else has.

What the log still has is never dropped for a file that lacks it. If the file's place is in the log,
nothing is begun again: nodes may lead again, if one had stopped them, and the file goes on there.
"""

from storage.cluster.connection import Deadline, EngineConnection, connect_engine
from storage.cluster.log import LogPartitions
from storage.cluster.look import LogLook, PlaceInLog, look_at_log
from storage.cluster.tables import refuse_other_cluster
from storage.errors import DatabaseUnusableError
from storage.migrations import latest_version
from storage.position import FilePosition
from storage.records import RecordKind

_MARK = "INSERT INTO toteboard_log VALUES (%s, %s, %s, %s, %s, %b, %b)"
_FREE = """
    UPDATE toteboard_lease SET epoch = greatest(epoch, %s), holder = '', address = '',
        until = to_timestamp(0), successor = ''"""


def reseed_log(url: str, position: FilePosition, at: int, deadline: Deadline) -> int:
    """Begin the log again at a file's position, all or nothing; `at` in epoch ms.

    Return the idx of the record behind which the log goes on. Raise DatabaseUnusableError if the
    log has lost nothing of this file, if a node leads or the database is another cluster's, and
    EngineUnclearError.
    """
    engine = connect_engine(url, deadline)
    try:
        refuse_other_cluster(engine, deadline, position.cluster)
        look = look_at_log(engine, deadline, position.place)
        _refuse_needless(look)
        with engine.transaction(deadline):
            if look.place is PlaceInLog.THERE:
                engine.run(deadline, _FREE, position.place.epoch)
                return look.end.idx
            _begin_again(engine, deadline, position, at)
    finally:
        engine.close()
    return position.place.idx


def _refuse_needless(look: LogLook) -> None:
    """Raise DatabaseUnusableError if a node leads, or if the log would lose records by it."""
    lease = look.lease
    if lease.left_s > 0 and not lease.is_halted:
        raise DatabaseUnusableError(f"the node at {lease.address} leads: stop every node first")
    if look.place is PlaceInLog.TRIMMED:
        raise DatabaseUnusableError(
            "the cluster's log begins behind what the file has applied: take another node's file"
        )
    if look.place is PlaceInLog.THERE and not lease.is_halted:
        raise DatabaseUnusableError("the log has lost nothing of this file: start the node")


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

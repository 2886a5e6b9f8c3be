"""The place of a file in its cluster's log, and applying records to a file.

The place is written in the transaction of the batch that it is about. So a file is always exactly
the records up to its place, also after a crash or a power cut. A record that does not follow that
place is refused: the file would be of two logs. A file that stands alone has no place.
"""

from collections.abc import Sequence

from attrs import frozen

from storage.database import Database
from storage.migrations import latest_version
from storage.records import LogPlace, LogRecord, RecordRefusedError, changes_of


@frozen
class FilePosition:
    """The cluster that a file belongs to, and the place up to which it has applied the log."""

    cluster: str
    place: LogPlace


class StandsAloneError(RecordRefusedError):
    """A record was to be applied to a file that belongs to no cluster."""

    def __init__(self, idx: int) -> None:
        super().__init__(idx, "cannot be applied to a file that stands alone")


def position_of(database: Database) -> FilePosition | None:
    """Return the position of a file; None if it stands alone. Raise StorageError."""
    row = database.row("SELECT cluster, idx, epoch, chain FROM position")
    if row is None:
        return None
    return FilePosition(row["cluster"], LogPlace(row["idx"], row["epoch"], row["chain"]))


def join_cluster(database: Database, position: FilePosition) -> None:
    """Make a file that stands alone one of a cluster. Raise StorageError if it has a cluster."""
    place = position.place
    with database.transaction():
        if position_of(database) is not None:
            raise RecordRefusedError(place.idx, "cannot be the place of a file that has a cluster")
        values = position.cluster, place.idx, place.epoch, place.chain
        database.execute("INSERT INTO position VALUES (?, ?, ?, ?)", values)


def leave_cluster(database: Database) -> None:
    """Make a file stand alone, with all that it holds. Raise StorageError."""
    with database.transaction():
        database.execute("DELETE FROM position")


def move_position(database: Database, place: LogPlace) -> None:
    """Note a new place in the open transaction. Raise StorageError."""
    values = place.idx, place.epoch, place.chain
    database.execute("UPDATE position SET idx = ?, epoch = ?, chain = ?", values)


def apply_records(database: Database, records: Sequence[LogRecord]) -> None:
    """Apply records to a file in one transaction, all or none.

    Raise RecordRefusedError if one does not follow the file's place or the one before it or is
    damaged, NewerLevelError if it needs a newer schema, and StorageError.
    """
    level = latest_version()
    batches = [(record, changes_of(record, level)) for record in records]
    with database.transaction():
        for record, changes in batches:
            _refuse_out_of_turn(database, record)
            database.put(changes)
            move_position(database, record.place)


def _refuse_out_of_turn(database: Database, record: LogRecord) -> None:
    position = position_of(database)
    if position is None:
        raise StandsAloneError(record.idx)
    if not record.follows(position.place):
        raise RecordRefusedError(
            record.idx, f"does not follow what the file has applied, up to {position.place.idx}"
        )

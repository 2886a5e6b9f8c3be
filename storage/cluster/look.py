"""One look at the engine: the lease, what of the log is confirmed, and the records to apply.

Which records are confirmed. A node must not apply a record that a promotion may still lose, because
its file could not be undone. The engine shows such records. These are confirmed:

- all up to the place that any node reports to have applied (`nodes.py`): a leader applies a record
  when it is confirmed, and the others by these rules;
- all before a record of rows: a leader appends rows only after it has a clean acknowledgement of
  what is before them.

The reports are read before the records and in the same session, so on one server. What that server
has at an idx does not change, so the report is about the record that is read.
"""

from enum import Enum, auto
from typing import Final

from attrs import frozen

from storage.cluster.connection import Deadline, EngineConnection
from storage.cluster.lease import Lease, read_lease
from storage.cluster.log import last_place, read_records
from storage.records import LOG_START, LogPlace, LogRecord, RecordKind

_ENDS: Final = """
    SELECT coalesce((SELECT max(applied) FROM toteboard_nodes), 0),
           (SELECT min(idx) FROM toteboard_log),
           (SELECT chain FROM toteboard_log WHERE idx = %s)"""


class PlaceInLog(Enum):
    """How a file's place and the log fit together."""

    THERE = auto()
    TRIMMED = auto()
    """The log begins behind it: the file needs a snapshot."""
    GONE = auto()
    """The log ends before it, although the file has only confirmed records."""
    OTHER = auto()
    """The log has another record there."""


@frozen
class LogLook:
    """What a node saw. `end` is the log's last record, and `end_at` its time (epoch ms)."""

    lease: Lease
    place: PlaceInLog
    end: LogPlace
    end_at: int
    confirmed: int
    """The idx up to which the records are confirmed."""
    records: list[LogRecord]
    """The records behind the place that was asked for, a page of them."""

    def applicable(self, acknowledged: int) -> list[LogRecord]:
        """Return the records that are confirmed. A leader has said so of those up to an idx."""
        confirmed = max(self.confirmed, acknowledged)
        return [record for record in self.records if record.idx <= confirmed]

    @property
    def is_whole(self) -> bool:
        """Whether the records reach to the end of the log."""
        return not self.records or self.records[-1].idx >= self.end.idx


def look_at_log(engine: EngineConnection, deadline: Deadline, place: LogPlace) -> LogLook:
    """Look at the lease and the log behind a place. Raise EngineUnclearError."""
    lease = read_lease(engine, deadline)
    _, [(reported, first, chain)] = engine.run(deadline, _ENDS, place.idx)
    end, end_at = last_place(engine, deadline)
    found = _found(place, first, end.idx, chain)
    records = read_records(engine, deadline, place.idx) if found is PlaceInLog.THERE else []
    confirmed = max(reported, place.idx, _before_rows(records))
    return LogLook(lease, found, end, end_at, confirmed, records)


def _found(place: LogPlace, first: int | None, last: int, chain: bytes | None) -> PlaceInLog:
    if place == LOG_START:
        return PlaceInLog.THERE if first in (None, 1) else PlaceInLog.TRIMMED
    if chain is not None:
        return PlaceInLog.THERE if bytes(chain) == place.chain else PlaceInLog.OTHER
    return PlaceInLog.GONE if last < place.idx else PlaceInLog.TRIMMED


def _before_rows(records: list[LogRecord]) -> int:
    """Return the idx of the record before the last one with rows; 0 if there is none."""
    return max((each.idx - 1 for each in records if each.kind == RecordKind.ROWS), default=0)

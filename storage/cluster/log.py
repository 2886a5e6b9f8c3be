"""The log in PostgreSQL: append a record with a fence, read records, make room, trim.

Fence. The leader names a record's idx itself; a sequence would skip numbers, and show numbers in
another order than that of the commits. The primary key lets only one record have an idx. A record
is inserted only if the record before it is the one that the leader knows, by epoch and chain. So a
leader that was deposed cannot append: the new leader's first record has the next idx, or the one
after it. One statement does both, so there is no moment between the look and the insert.

Partitions. The log is cut into partitions of `PARTITION_RECORDS` records, because dropping a
partition is cheap, and deleting a million rows is not. The next partition is made half a partition
ahead.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import define
from psycopg import sql

from storage.cluster.connection import Deadline, EngineConnection, EngineUnclearError, KeyTakenError
from storage.records import LOG_START, LogPlace, LogRecord

PARTITION_RECORDS: Final = 1_000_000
PAGE_RECORDS: Final = 256
PAGE_BYTES: Final = 8 << 20
"""The records and the bytes of their bodies to read at a time; at least one record is read."""

_APPEND: Final = """
    INSERT INTO toteboard_log (idx, epoch, level, at, kind, chain, body)
    SELECT %s, %s, %s, %s, %s, %b, %b
    WHERE EXISTS (SELECT 1 FROM toteboard_log WHERE idx = %s AND epoch = %s AND chain = %b)"""

_APPEND_FIRST: Final = """
    INSERT INTO toteboard_log (idx, epoch, level, at, kind, chain, body)
    SELECT %s, %s, %s, %s, %s, %b, %b
    WHERE NOT EXISTS (SELECT 1 FROM toteboard_log)"""

_PAGE: Final = """
    SELECT idx, epoch, level, at, kind, chain, body FROM (
        SELECT *, sum(octet_length(body)) OVER (ORDER BY idx) - octet_length(body) AS before
        FROM toteboard_log WHERE idx > %s ORDER BY idx LIMIT %s) AS page
    WHERE before < %s ORDER BY idx"""

_PLACES: Final = """
    SELECT idx, epoch, chain FROM toteboard_log WHERE idx >= %s ORDER BY idx LIMIT %s"""

_LAST: Final = "SELECT idx, epoch, chain, at FROM toteboard_log ORDER BY idx DESC LIMIT 1"

_PARTITIONS: Final = """
    SELECT substring(relname FROM '[0-9]+$')::bigint FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'toteboard_log'::regclass ORDER BY 1"""

_NEWEST: Final = (
    "SELECT at FROM toteboard_log WHERE idx >= %s AND idx < %s ORDER BY idx DESC LIMIT 1"
)


def append_record(
    engine: EngineConnection, deadline: Deadline, record: LogRecord, after: LogPlace
) -> bool:
    """Insert a record if the log's last one is that at `after`; return whether it was inserted.

    Raise KeyTakenError if its idx is taken, EngineFullError, EngineUnclearError.
    """
    values = record.idx, record.epoch, record.level, record.at, record.kind, record.chain
    if after == LOG_START:
        inserted, _ = engine.run(deadline, _APPEND_FIRST, *values, record.body)
    else:
        known = after.idx, after.epoch, after.chain
        inserted, _ = engine.run(deadline, _APPEND, *values, record.body, *known)
    return inserted == 1


def read_records(engine: EngineConnection, deadline: Deadline, after: int) -> list[LogRecord]:
    """Return a page of the records after an idx, none if there are none. Raise EngineUnclearError.

    A record that was read may be lost by a promotion until a later one is known to be confirmed.
    """
    _, rows = engine.run(deadline, _PAGE, after, PAGE_RECORDS, PAGE_BYTES)
    return [LogRecord(*row) for row in rows]


def places_from(engine: EngineConnection, deadline: Deadline, idx: int) -> list[LogPlace]:
    """Return the places of the records from an idx on, in order, at most a page of them.

    Raise EngineUnclearError.
    """
    _, rows = engine.run(deadline, _PLACES, idx, PAGE_RECORDS)
    return [LogPlace(*row) for row in rows]


def last_place(engine: EngineConnection, deadline: Deadline) -> tuple[LogPlace, int]:
    """Return the place of the log's last record and its `at` (epoch ms); 0 for an empty log.

    Raise EngineUnclearError.
    """
    _, rows = engine.run(deadline, _LAST)
    return (LogPlace(*rows[0][:3]), rows[0][3]) if rows else (LOG_START, 0)


@define
class LogPartitions:
    """The partitions of the log, as this session's node has made or found them."""

    size: int = PARTITION_RECORDS
    known: int = -1
    """The number of the last partition that is known to exist."""

    def make_room(self, engine: EngineConnection, deadline: Deadline, idx: int) -> None:
        """Make the partition of an idx, and the next one from half of the first on.

        Raise EngineUnclearError.
        """
        wanted = (idx - 1 + self.size // 2) // self.size
        if wanted <= self.known:
            return
        present = {number for (number,) in engine.run(deadline, _PARTITIONS)[1]}
        for number in range((idx - 1) // self.size, wanted + 1):
            if number not in present:
                self._make(engine, deadline, number)
        self.known = wanted

    def trim(self, engine: EngineConnection, deadline: Deadline, below: int, before: int) -> int:
        """Drop the partitions whose records all have an idx below `below` and are older than
        `before` (epoch ms), from the oldest on. Return their number. Raise EngineUnclearError.
        """
        numbers = [number for (number,) in engine.run(deadline, _PARTITIONS)[1]]
        dropped = 0
        for number in numbers:
            first, end = self._bounds(number)
            newest = engine.run(deadline, _NEWEST, first, end)[1] if end <= below else []
            if not newest or newest[0][0] >= before:
                break
            engine.run(deadline, sql.SQL("DROP TABLE {}").format(_name(number)))
            dropped += 1
        return dropped

    def _make(self, engine: EngineConnection, deadline: Deadline, number: int) -> None:
        make = "CREATE TABLE {} PARTITION OF toteboard_log FOR VALUES FROM ({}) TO ({})"
        statement = sql.SQL(make).format(_name(number), *self._bounds(number))
        try:
            engine.run(deadline, statement)
        except (EngineUnclearError, KeyTakenError):
            # Another node may have made it at the same moment.
            present: Sequence[tuple[Any, ...]] = []
            with suppress(EngineUnclearError):
                present = engine.run(deadline, _PARTITIONS)[1]
            if (number,) not in present:
                raise

    def _bounds(self, number: int) -> tuple[int, int]:
        return number * self.size + 1, (number + 1) * self.size + 1


def _name(number: int) -> sql.Identifier:
    return sql.Identifier(f"toteboard_log_{number}")

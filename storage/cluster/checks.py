"""Comparing the files of all nodes at one place of the log.

    any node      asks, by the lease             the leader appends a mark with the check's id
    every node    has applied the log up to it   pins a snapshot of its file, and reports digests
    any node      waits for all reports          compares them

All nodes apply the same log, so the files are compared as of the same record, although each goes on
meanwhile. A file is read by a connection of its own.
"""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import orjson
from attrs import frozen

from storage.cluster.connection import Deadline, EngineConnection
from storage.digest import digests_of
from storage.opening import open_for_reading
from storage.position import position_of
from storage.records import LOG_START, LogRecord

_REQUEST: Final = """
    WITH old AS (DELETE FROM toteboard_checks) UPDATE toteboard_lease SET check_id = %s"""
_REPORT: Final = """
    INSERT INTO toteboard_checks (id, address, idx, digests) VALUES (%s, %s, %s, %s)
    ON CONFLICT (id, address) DO UPDATE SET idx = excluded.idx, digests = excluded.digests"""
_REPORTS: Final = "SELECT address, idx, digests FROM toteboard_checks WHERE id = %s"


@frozen
class FileReport:
    """The digests of a node's tables, in hexadecimal, at the place `idx`."""

    address: str
    idx: int
    digests: dict[str, str]


class PinnedFile:
    """A file as of one moment, whatever is written to it afterwards. Close it."""

    def __init__(self, path: Path) -> None:
        with ExitStack() as opened:
            self._database = opened.enter_context(closing(open_for_reading(path)))
            opened.enter_context(self._database.snapshot())
            position = position_of(self._database)  # the first read begins the snapshot
            self._opened = opened.pop_all()
        self.idx = position.place.idx if position else 0

    def digests(self) -> dict[str, str]:
        """Return the digest of each table. Raise StorageError."""
        return {name: digest.hex() for name, digest in digests_of(self._database).items()}

    def close(self) -> None:
        """End the snapshot."""
        self._opened.close()


def request_check(engine: EngineConnection, deadline: Deadline, check_id: str) -> None:
    """Ask the leader for a mark with the id of a check."""
    engine.run(deadline, _REQUEST, check_id)


def report_check(
    engine: EngineConnection, deadline: Deadline, check_id: str, report: FileReport
) -> None:
    """Note what a node's file holds."""
    digests = orjson.dumps(report.digests).decode()
    engine.run(deadline, _REPORT, check_id, report.address, report.idx, digests)


def check_reports(
    engine: EngineConnection, deadline: Deadline, check_id: str
) -> dict[str, FileReport]:
    """Return the reports of a check so far, by address."""
    _, rows = engine.run(deadline, _REPORTS, check_id)
    return {address: _report(address, *row) for address, *row in rows}


def broken_record(records: list[LogRecord], before: LogRecord | None) -> int | None:
    """Return the idx of the first record that does not follow the one before it; None if all do.

    Behind nothing, only the log's very first record can be verified.
    """
    place = None if before is None else before.place
    for record in records:
        if place is None and record.idx == 1:
            place = LOG_START
        if place is not None and not record.follows(place):
            return record.idx
        place = record.place
    return None


def _report(address: str, idx: int, digests: Any) -> FileReport:
    return FileReport(address, idx, orjson.loads(digests))

"""What the tests of the engine share: a deadline, a session, a cluster, and records for its log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from storage.changes import OperatorActed
from storage.cluster.appender import Appended, Appender
from storage.cluster.connection import Deadline, EngineConnection, connect_engine
from storage.cluster.log import LogPartitions, read_records
from storage.cluster.tables import create_cluster
from storage.records import LOG_START, LogPlace, LogRecord, epoch_record, rows_record
from tests.support.process import PATIENCE_S

LEVEL = 7


def soon(seconds: float = PATIENCE_S) -> Deadline:
    return Deadline(time.monotonic, time.monotonic() + seconds)


@contextmanager
def session(url: str) -> Iterator[EngineConnection]:
    opened = connect_engine(url, soon())
    try:
        yield opened
    finally:
        opened.close()


def make_cluster(url: str) -> str:
    cluster = str(uuid4())
    with session(url) as engine:
        create_cluster(engine, soon(), cluster, LEVEL)
    return cluster


def log_of(url: str) -> list[LogRecord]:
    with session(url) as engine:
        return read_records(engine, soon(), 0)


def batch(after: LogPlace, text: str = "{}") -> LogRecord:
    act = OperatorActed(1, "credited", text, b"")
    return rows_record(after, LEVEL, after.idx, [act])


class Appenders:
    """Makes appenders, and closes them at the end of the test."""

    def __init__(self) -> None:
        self._made: list[Appender] = []

    def after(self, url: str, place: LogPlace, partitions: LogPartitions | None = None) -> Appender:
        """An appender at a place."""
        self._made.append(Appender(url, place, partitions))
        return self._made[-1]

    def leading(
        self,
        url: str,
        epoch: int = 1,
        after: LogPlace = LOG_START,
        node: str = "a",
        partitions: LogPartitions | None = None,
    ) -> Appender:
        """An appender whose epoch has begun."""
        appender = self.after(url, after, partitions)
        outcome = appender.append(epoch_record(after, epoch, LEVEL, 1, node), soon())
        assert isinstance(outcome, Appended), outcome
        return appender

    def close(self) -> None:
        for appender in self._made:
            appender.close()


def extend(appender: Appender, records: int = 1) -> None:
    """Append so many records."""
    for _ in range(records):
        record = batch(appender.confirmed)
        outcome = appender.append(record, soon())
        assert outcome == Appended(record.place)

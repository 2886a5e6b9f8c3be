"""The leader's side of the log: append one record after another, and find out what became of each.

`Appender` is used by the leader's writer, in its thread, between the file's `put` and its COMMIT.
Every call ends with one of five outcomes:

- Appended: the record is on the engine's disk and on that of a standby. The file takes the place
  that the outcome names, which is behind marks if any were needed.
- AppendRefused: the engine is full or read-only. Nothing is stored, and the leader goes on.
- Deposed: another leader's record is where this one's would be, or behind it. All state is dropped.
- WentBack: a record that was confirmed is gone, because a standby that lagged was promoted.
- Unknown: the deadline has passed. The record may be in the log, or come into it. The leader steps
  down and answers nothing; the next leader's first record decides the matter.

Unclear answers. A warning, an error, a lost connection or silence says nothing about the record. So
connect again, to whichever server is the primary now, and look at the log from the last confirmed
record on:

    the confirmed record is missing or another     WentBack
    nothing is behind it                         insert the record again
    something that is not mine is behind it      Deposed
    the record, and perhaps marks, are behind it append a mark

A record that the log shows may still be lost by a promotion, because the wait for the standby was
cut. The clean acknowledgement of a mark behind it proves that both are on a standby: the engine's
log is one sequence. Inserting twice is harmless, because the primary key and the chain accept one.

An insert of a lost connection may still be under way. It holds its idx, so the next insert fails
after a short wait until the first one has ended, and then finds it.
"""

import threading
from typing import Final

from attrs import frozen

from storage.cluster.connection import (
    Deadline,
    EngineConnection,
    EngineFullError,
    EngineUnclearError,
    KeyTakenError,
    connect_engine,
)
from storage.cluster.log import LogPartitions, append_record, places_from
from storage.records import LOG_START, LogPlace, LogRecord, mark_record

RETRY_PAUSE_S: Final = 0.05
"""The pause before each further try, in seconds."""

LEAST_TRY_S: Final = 0.2
"""Each try may take half of the time that is left, and so many seconds at least: an answer that was
lost on the way is not waited for until the deadline."""


@frozen
class Appended:
    """The record is confirmed; `place` is the end of the log."""

    place: LogPlace


@frozen
class AppendRefused:
    """The engine stored nothing. `reason` is one line."""

    reason: str


@frozen
class Deposed:
    """Another leader has appended."""


@frozen
class WentBack:
    """The confirmed record with this idx is gone."""

    idx: int


@frozen
class Unknown:
    """The deadline passed before the outcome was known. `reason` is the last problem."""

    reason: str


AppendOutcome = Appended | AppendRefused | Deposed | WentBack | Unknown


class Appender:
    """Appends for one leader, after `confirmed`, the last record that is known to be on a standby.

    For a candidate, `confirmed` is the last record that it has applied, and the record to append is
    that of its epoch. It belongs to one thread at a time.
    """

    def __init__(
        self, url: str, confirmed: LogPlace, partitions: LogPartitions | None = None
    ) -> None:
        self.confirmed = confirmed
        self._url = url
        self._partitions = partitions or LogPartitions()
        self._engine: EngineConnection | None = None
        self._pause = threading.Event()

    def append(self, record: LogRecord, deadline: Deadline) -> AppendOutcome:
        """Append the record that follows `confirmed`, and return once its outcome is known.

        Block until the deadline at most, or until the try that is under way then has ended.
        """
        try:
            if self._insert(record, self.confirmed, deadline.halfway(LEAST_TRY_S)):
                return self._confirm(record)
            problem = "the log has another end"
        except EngineFullError as error:
            return AppendRefused(str(error))
        except (EngineUnclearError, KeyTakenError) as error:
            problem = str(error)
        return self._resolve(record, deadline, problem)

    def close(self) -> None:
        """Close the connection to the engine."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _resolve(self, record: LogRecord, deadline: Deadline, problem: str) -> AppendOutcome:
        while deadline.left_s():
            self.close()
            try:
                outcome = self._try_again(record, deadline.halfway(LEAST_TRY_S))
            except (EngineUnclearError, EngineFullError, KeyTakenError) as error:
                problem, outcome = str(error), None
            if outcome is not None:
                return outcome
            self._pause.wait(min(RETRY_PAUSE_S, deadline.left_s()))
        self.close()
        return Unknown(problem)

    def _try_again(self, record: LogRecord, deadline: Deadline) -> AppendOutcome | None:
        """Look at the end of the log, and do what follows. Return None if it has changed since."""
        behind = places_from(self._connected(deadline), deadline, self.confirmed.idx)
        if self.confirmed != LOG_START and self.confirmed not in behind[:1]:
            return WentBack(self.confirmed.idx)
        behind = [place for place in behind if place.idx > self.confirmed.idx]
        if not behind:
            return self._confirmed_by(record, self.confirmed, deadline)
        if behind[0] != record.place or behind[-1].epoch != record.epoch:
            return Deposed()
        mark = mark_record(behind[-1], record.level, record.at)
        return self._confirmed_by(mark, behind[-1], deadline)

    def _confirmed_by(
        self, record: LogRecord, after: LogPlace, deadline: Deadline
    ) -> Appended | None:
        return self._confirm(record) if self._insert(record, after, deadline) else None

    def _confirm(self, record: LogRecord) -> Appended:
        self.confirmed = record.place
        return Appended(self.confirmed)

    def _insert(self, record: LogRecord, after: LogPlace, deadline: Deadline) -> bool:
        engine = self._connected(deadline)
        self._partitions.make_room(engine, deadline, record.idx)
        return append_record(engine, deadline, record, after)

    def _connected(self, deadline: Deadline) -> EngineConnection:
        if self._engine is None:
            self._engine = connect_engine(self._url, deadline)
        return self._engine

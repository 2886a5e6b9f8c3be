"""The file of the leader: each transaction that changes it is a record of the cluster's log first.

Order of a commit:

    BEGIN; put the rows        a row at fault is found here, before any other node has it
    append the record          the engine's fence: only the leader can
    COMMIT                     the file takes the place of the record

If the record is refused, nothing has happened. In all other cases without a clean yes the outcome
is not known here, or another node leads: the transaction is rolled back, LeadershipLostError is
raised, and from then on nothing is written. This node reads in the log what became of it. So it is
if the file cannot take a confirmed record.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from storage.changes import Change
from storage.cluster.appender import Appended, Appender, AppendRefused, Deposed, WentBack
from storage.cluster.connection import Deadline
from storage.database import Database
from storage.errors import LeadershipLostError, LogWentBackError, StorageError
from storage.migrations import latest_version
from storage.position import move_position
from storage.records import LogPlace, LogRecord, mark_record, rows_record


class LeadingDatabase(Database):
    """A database whose commits go through `appender`; its file is at `appender.confirmed`.

    `deadline` returns until when an append may take. Set `at` to the time (epoch ms) before each
    use. It takes over the connection of `database`, and belongs to one thread at a time.
    """

    def __init__(
        self, database: Database, appender: Appender, deadline: Callable[[], Deadline]
    ) -> None:
        super().__init__(database._connection, database.key_file)
        self.at = 0
        self._appender, self._deadline = appender, deadline
        self._place, self._level = appender.confirmed, latest_version()
        self._staged: list[Change] = []
        self._lost: LeadershipLostError | None = None

    @property
    def place(self) -> LogPlace:
        """The place up to which the file has the log."""
        return self._place

    def end(self) -> None:
        """Write nothing any more: the term is over. The connection stays open."""
        self._lost = self._lost or LeadershipLostError("the term is over")
        self._appender.close()

    def put(self, changes: Iterable[Change]) -> None:
        """Write changes in the open transaction, and stage them for its record."""
        changes = list(changes)
        super().put(changes)
        self._staged += changes

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block puts, as one record; or roll it back if the block raises.

        Raise LeadershipLostError, and StorageError if nothing was stored.
        """
        self._refuse_if_lost()
        self._staged = []
        try:
            with super().transaction():
                yield
                if self._staged:
                    self._append(rows_record(self._place, self._level, self.at, self._staged))
        except LeadershipLostError as error:
            self._lost = error
            raise
        except StorageError as error:
            self._refuse_if_lost(error)
            raise
        finally:
            self._staged = []
        self._place = self._appender.confirmed

    def probe(self) -> None:
        """Append a mark, and commit its place."""
        self.mark("")

    def mark(self, check_id: str) -> None:
        """Append a mark with the id of a check, and commit its place."""
        with self.transaction():
            self._append(mark_record(self._place, self._level, self.at, check_id))

    def _append(self, record: LogRecord) -> None:
        outcome = self._appender.append(record, self._deadline())
        match outcome:
            case Appended(place):
                move_position(self, place)
            case AppendRefused(reason):
                raise StorageError(reason)
            case WentBack(idx):
                raise LogWentBackError(idx)
            case Deposed():
                raise LeadershipLostError("another node leads")
            case _:
                raise LeadershipLostError(f"the engine has not answered: {outcome.reason}")

    def _refuse_if_lost(self, error: StorageError | None = None) -> None:
        """Raise LeadershipLostError if nothing may be written any more."""
        if self._lost is None and self._appender.confirmed != self._place:
            self._lost = LeadershipLostError(f"the file lacks a confirmed record: {error}")
        if self._lost is not None:
            raise self._lost from error

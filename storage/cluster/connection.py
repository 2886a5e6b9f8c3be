"""A connection to the engine on which a yes is a yes, and on which every wait ends.

PostgreSQL reports success with a warning, and shows the row, if the wait for a standby is
cancelled. The promotion of a standby may lose that row. So any notice or warning makes an outcome
unclear, like an error, a lost connection, or no answer in time: `EngineUnclearError`. Two errors
are clear, because the engine raises them before a commit: `KeyTakenError` (the primary key exists)
and `EngineFullError` (it is full or read-only).

A statement ends at its deadline, and then the connection is closed: its answer may still come, and
would be taken for the next one's. The clock is the caller's. While connecting, each host of the URL
has an even share of the time that is left, so that a host that does not answer leaves time for the
next.

The engine does not notice that a session is gone while it waits for a standby or for a lock.
Without an acknowledging standby, each retry would leave one more session, until there are too many.
So sessions wait for locks only briefly: the first one waits for the standby, and all retries for
the lock that it holds.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import Any, Final, LiteralString, Self, TypeVar

import psycopg
from attrs import frozen
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import Composed

from storage.errors import StorageError

Result = TypeVar("Result")
Rows = list[tuple[Any, ...]]

LOOK_EVERY_S: Final = 0.02
"""How often a wait looks at its deadline, in seconds."""
LOCK_MS: Final = 50
"""How long a statement waits for a lock, in milliseconds: less than any try lasts."""
_SETTINGS: Final = """
    SELECT set_config('synchronous_commit', 'on', false), set_config('lock_timeout', %s, false)"""
_FULL: Final = (errors.DiskFull, errors.OutOfMemory, errors.ReadOnlySqlTransaction)


class EngineUnclearError(StorageError):
    """The engine did not say yes or no: what was asked may be done, or be done later."""


class KeyTakenError(StorageError):
    """A row with this primary key exists. Nothing was stored."""


class EngineFullError(StorageError):
    """The engine is full or read-only. Nothing was stored."""


@frozen
class Deadline:
    """A time at which to give up: `at` on the clock `now`, in seconds."""

    now: Callable[[], float]
    at: float

    def left_s(self) -> float:
        """Return the seconds that are left; 0 if there are none."""
        return max(0.0, self.at - self.now())

    def halfway(self, least_s: float) -> "Deadline":
        """Return a deadline after half of the time that is left, and `least_s` at least."""
        return Deadline(self.now, self.now() + max(self.left_s() / 2, least_s))

    def shares(self, parts: int) -> "Iterator[Deadline]":
        """Yield a deadline for each part, an even share of the time left then; later, this one."""
        for part in range(parts, 1, -1):
            yield Deadline(self.now, self.now() + self.left_s() / part)
        yield from repeat(self)


class EngineConnection:
    """A session of the engine, in which each statement is a transaction of its own.

    It belongs to one thread at a time.
    """

    def __init__(self, connection: "_BoundedConnection") -> None:
        self._connection = connection
        self._notices: list[str] = []
        connection.add_notice_handler(self._note)

    def run(
        self, deadline: Deadline, statement: LiteralString | Composed, *values: Any
    ) -> tuple[int, Rows]:
        """Run one statement; return the number of rows that it changed or found, and its rows.

        Raise EngineUnclearError, KeyTakenError, EngineFullError.
        """
        self._notices.clear()
        self._connection.deadline = deadline
        try:
            cursor = self._connection.execute(statement, values or None, binary=True)
            rows = cursor.fetchall() if cursor.description else []
        except errors.UniqueViolation as error:
            raise KeyTakenError(_line(error)) from error
        except _FULL as error:
            raise EngineFullError(_line(error)) from error
        except (psycopg.Error, OSError) as error:
            raise EngineUnclearError(_line(error)) from error
        if self._notices:
            raise EngineUnclearError(f"the engine warned: {self._notices[0]}")
        return cursor.rowcount, rows

    @contextmanager
    def transaction(self, deadline: Deadline) -> Iterator[None]:
        """Commit what the block runs, or close the session, which rolls it back."""
        self.run(deadline, "BEGIN")
        try:
            yield
            self.run(deadline, "COMMIT")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the session without waiting for the engine."""
        self._connection.close()

    def _note(self, notice: errors.Diagnostic) -> None:
        self._notices.append(notice.message_primary or "")


def connect_engine(url: str, deadline: Deadline) -> EngineConnection:
    """Open a session with the primary among the hosts of a URL. Raise EngineUnclearError.

    The session waits for a standby's disk on each commit, whatever the role's settings are. It
    waits for the locks of other sessions for `LOCK_MS` only, and then raises EngineUnclearError.
    """
    try:
        of_class = {"deadline": deadline, "attempts": deadline.shares(_hosts(url))}
        bounded: Any = type("_BoundedConnection", (_BoundedConnection,), of_class)
        # Without it, psycopg gives bytes for every text of a database in SQL_ASCII.
        connection = bounded.connect(url, autocommit=True, client_encoding="utf8")
    except (psycopg.Error, OSError) as error:
        raise EngineUnclearError(_line(error)) from error
    session = EngineConnection(connection)
    try:
        session.run(deadline, _SETTINGS, f"{LOCK_MS}ms")
    except BaseException:
        session.close()
        raise
    return session


class _BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection on which a wait ends at the deadline, and closes it.

    `attempts` has a deadline for each attempt to connect: for each address, one after the other.
    """

    deadline: Deadline
    attempts: Iterator[Deadline]

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Generator[Any, Any, Self]:
        # Without this hook of psycopg's, each host of the URL would have its own connect_timeout.
        return _bounded(super()._connect_gen(conninfo), next(cls.attempts))

    def wait(self, gen: Generator[Any, Any, Result], *_: Any, **__: Any) -> Result:
        """Run a generator of psycopg's on the socket. Raise ConnectionTimeout at the deadline."""
        try:
            return super().wait(_bounded(gen, self.deadline), interval=LOOK_EVERY_S)
        except errors.ConnectionTimeout:
            self.pgconn.finish()
            raise


def _bounded(gen: Generator[Any, Any, Result], deadline: Deadline) -> Generator[Any, Any, Result]:
    """Pass a generator on, and raise ConnectionTimeout if it is resumed after the deadline.

    psycopg resumes it when the socket is ready, and otherwise at short intervals. After this error
    it tries the next host.
    """
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not deadline.left_s():
                raise errors.ConnectionTimeout("the engine did not answer in time")
            wanted = gen.send(ready)
    except StopIteration as end:
        result: Result = end.value
        return result


def _hosts(url: str) -> int:
    """Return how many hosts a URL has. Raise psycopg.Error if it is malformed."""
    parameters = conninfo_to_dict(url)
    return len(str(parameters.get("host", parameters.get("hostaddr", ""))).split(","))


def _line(error: Exception) -> str:
    """Return what an error says, as one line without the statement."""
    said: Sequence[str] = str(error).strip().splitlines()
    return said[0] if said else type(error).__name__

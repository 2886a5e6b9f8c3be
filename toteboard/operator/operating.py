"""Has an operator's writes done: by the server that uses the database, else on the file itself.

While a server runs, it alone writes: two processes that write, or that checkpoint, are in reach of
a fault that SQLite had up to 3.51.2. Without a server the command holds the server's lock, so that
none starts meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Final

from storage.database import open_database
from storage.errors import DatabaseInUseError
from storage.lock import TRIES, TRY_AGAIN_S, ServerLock
from storage.sealing import KeyFile
from storage.store import Values, Write
from toteboard.exits import Failure, NotSo, mention
from toteboard.operator import wire
from toteboard.operator.address import connected, socket_path
from toteboard.progress import progress_bar

PATIENCE_S: Final = 10.0
"""How long a command waits for a server that starts or stops, and again for one to say hello."""
PAUSE_S: Final = 0.05
ANSWER_S: Final = 30.0
"""How long a command waits for a server that it has asked."""

Operator = Callable[[Write], Values]
"""Does a write; gives what came of it. Raises `OperatorError`, `StorageError`, ClickException."""


@contextmanager
def operating(
    path: Path, *, may_make: bool = False, key_file: KeyFile | None = None
) -> Iterator[Operator]:
    """The way to have writes done on a database, one after the other.

    `may_make`: without a file, a new one is made. `key_file`: as for `open_database`. Raises
    `Failure`, `DatabaseUnusableError`.
    """
    with ExitStack() as until_the_end:
        for _ in range(round(PATIENCE_S / (PAUSE_S + TRIES * TRY_AGAIN_S))):
            operator = _by_the_server(path, until_the_end)
            operator = operator or _on_the_file(path, may_make, key_file, until_the_end)
            if operator is not None:
                yield operator
                return
            Event().wait(PAUSE_S)
        raise _no_answer(path)


def _on_the_file(
    path: Path, may_make: bool, key_file: KeyFile | None, until_the_end: ExitStack
) -> Operator | None:
    """The way without a server; None while there is one."""
    if not may_make and not path.exists():
        raise Failure(f"there is no file {path}")
    try:
        until_the_end.enter_context(ServerLock(path))
    except DatabaseInUseError:
        return None
    with progress_bar("upgrading the database") as on_progress:
        database = open_database(
            path,
            lock_held=True,
            must_exist=not may_make,
            on_progress=on_progress,
            key_file=key_file,
        )
    until_the_end.callback(database.close)
    if database.upgraded_from is not None:
        mention(
            f"upgraded {path}; {database.upgraded_from} is as it was before, and if it is from "
            "before session keys were sealed, it holds them in plain text"
        )
    return lambda write: write.perform(database, int(datetime.now(UTC).timestamp() * 1_000))


def _by_the_server(path: Path, until_the_end: ExitStack) -> Operator | None:
    """The way through a server; None if it does not let us in at this moment."""
    with ExitStack() as attempt:
        try:
            socket = attempt.enter_context(connected(socket_path(path), PATIENCE_S))
            lines = attempt.enter_context(socket.makefile("rb"))
            hello = lines.readline(wire.LONGEST_REPLY)
        except TimeoutError:
            raise _no_answer(path) from None
        except OSError:
            return None
        if not hello:
            return None  # it stops, or has its hands full
        if why := wire.refuse_hello(hello):
            raise Failure(f"cannot ask the server that uses {path}: {why}")
        until_the_end.push(attempt.pop_all())

    def ask(write: Write) -> Values:
        try:
            socket.settimeout(ANSWER_S)
            socket.sendall(wire.request(write))
            reply = lines.readline(wire.LONGEST_REPLY)
        except OSError:
            reply = b""
        if not reply.endswith(b"\n"):
            raise Failure(
                f"the server that uses {path} was asked and has not answered: "
                "see whether it was done before you try again"
            )
        return _outcome(reply)

    return ask


def _outcome(line: bytes) -> Values:
    """What came of it. Raises `NotSo` and `Failure`, as if it had been refused here."""
    try:
        reply = wire.read_reply(line)
    except wire.MalformedError as error:
        raise Failure(str(error)) from error
    if isinstance(reply, dict):
        return reply
    text, exit_code = reply
    raise NotSo(text) if exit_code == NotSo.exit_code else Failure(text)


def _no_answer(path: Path) -> Failure:
    return Failure(f"the server that uses {path} does not answer")

"""Performs an operator's writes: through the server that uses the database, or on the file.

While a server runs, only the server writes. Two processes that write or checkpoint can trigger a
bug of SQLite up to 3.51.2. Without a server, the command holds the server's lock, so that no server
starts meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, Final, Protocol

from storage.errors import DatabaseInUseError
from storage.lock import TRIES, TRY_AGAIN_S, ServerLock
from storage.membership import cluster_of_file
from storage.opening import open_database
from storage.sealing import KeyFile
from storage.write import Values, Write
from toteboard.exits import Failure, NotSo, mention, missing_database
from toteboard.operator import wire
from toteboard.operator.address import connected, socket_path
from toteboard.progress import progress_bar

PATIENCE_S: Final = 10.0
"""How long a command waits for a server to start or stop, and again for its hello."""
PAUSE_S: Final = 0.05
ANSWER_S: Final = 30.0
"""How long a command waits for the reply to a request."""


class AsksServer(Protocol):
    """Sends a request to the server, and returns the values of its reply."""

    def __call__(self, request: bytes, patience_s: float = ...) -> Values:
        """Wait `patience_s` seconds at most. Raise Failure and NotSo."""


Operator = Callable[[Write], Values]
"""Perform a write; return its values. Raise OperatorError, StorageError, ClickException."""


@contextmanager
def operating(
    path: Path, *, may_make: bool = False, key_file: KeyFile | None = None
) -> Iterator[Operator]:
    """Give a function that performs writes on a database, one after the other.

    `may_make`: create a missing file. `key_file`: as for `open_database`. Raise Failure and
    DatabaseUnusableError.
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
    """Return a function that writes to the file; None while a server uses it."""
    if not may_make and not path.exists():
        raise missing_database(path)
    try:
        until_the_end.enter_context(ServerLock(path))
    except DatabaseInUseError:
        return None
    if (cluster := cluster_of_file(path)) is not None:
        raise Failure(f"{path} belongs to the cluster {cluster}: start the node, which has it done")
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
            f"upgraded {path}; {database.upgraded_from} is the copy from before the upgrade. A "
            "copy from before session keys were sealed holds them in plain text"
        )
    return lambda write: write.perform(database, int(datetime.now(UTC).timestamp() * 1_000))


def ask_the_node(path: Path, word: str, patience_s: float = ANSWER_S, **values: Any) -> Values:
    """Ask the node that runs on a database for a command of the cluster; return the answer.

    Raise Failure if none runs, and NotSo if the command was refused.
    """
    with ExitStack() as until_the_end:
        link = _linked(path, until_the_end)
        if link is None:
            raise Failure(f"no server runs on {path}, and this command asks one")
        return link(wire.command(word, values), patience_s)


def _by_the_server(path: Path, until_the_end: ExitStack) -> Operator | None:
    """Return a function that asks the server; None if there is no server, or it is busy."""
    link = _linked(path, until_the_end)
    return None if link is None else lambda write: link(wire.request(write))


def _linked(path: Path, until_the_end: ExitStack) -> AsksServer | None:
    """Connect to the server; return a function that sends it a request. None as above."""
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
            return None  # the server is stopping, or has too many commands connected
        if why := wire.refuse_hello(hello):
            raise Failure(f"cannot use the server of {path}: {why}")
        until_the_end.push(attempt.pop_all())

    def ask(request: bytes, patience_s: float = ANSWER_S) -> Values:
        try:
            socket.settimeout(patience_s)
            socket.sendall(request)
            reply = lines.readline(wire.LONGEST_REPLY)
        except OSError:
            reply = b""
        if not reply.endswith(b"\n"):
            raise Failure(
                f"the server of {path} has received the request and has not answered: "
                "check whether it was done before you retry"
            )
        return _outcome(reply)

    return ask


def _outcome(line: bytes) -> Values:
    """Return the values of a reply. Raise NotSo or Failure if the server refused the write."""
    try:
        reply = wire.read_reply(line)
    except wire.MalformedError as error:
        raise Failure(str(error)) from error
    if isinstance(reply, dict):
        return reply
    text, exit_code = reply
    raise NotSo(text) if exit_code == NotSo.exit_code else Failure(text)


def _no_answer(path: Path) -> Failure:
    return Failure(f"the server of {path} does not answer")

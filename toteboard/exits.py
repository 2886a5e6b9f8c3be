"""How a command ends: its answer on standard output, or one line on standard error.

Exit codes: 0 for success; 1 if the request was refused; 2 for a usage error, an invalid setting or
an unusable file; 130 if interrupted. The commands themselves are in `toteboard/cli.py`.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click
import orjson

from game.refusals import LONGEST_QUOTE, quote
from storage.copies import NotSoundError
from storage.errors import StorageError
from storage.users import OperatorError


class Failure(click.ClickException):
    """The command cannot run: a usage error, an invalid setting or an unusable file."""

    exit_code = 2


class NotSo(click.ClickException):
    """The request was refused."""

    exit_code = 1


def missing_database(path: Path) -> Failure:
    """Return the failure of a command that needs an existing database."""
    text = f"database {path} does not exist; `toteboard serve` or `user add` creates one"
    return Failure(text)


class OneLineGroup(click.Group):
    """A command line that reports every failure in one line, without a traceback.

    A command returns its exit code, None for 0.
    """

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any
    ) -> NoReturn:
        """Run the command that the arguments name, and end the process with its exit code."""
        words = sys.argv[1:] if args is None else args
        try:
            _open_standard_streams()
            code = super().main(args, standalone_mode=False, **extra)
        except click.ClickException as error:
            code = complain(_briefly(error.format_message(), words), error.exit_code)
        except OperatorError as error:
            code = complain(_briefly(str(error), words), 1)
        except NotSoundError as error:
            code = complain(str(error), 1)
        except StorageError as error:
            code = complain(str(error), 2)
        except OSError as error:
            code = complain(_briefly(_unusable(error), words), 2)
        except click.Abort:
            code = 130
        except BaseExceptionGroup as group:
            if group.split(KeyboardInterrupt)[1] is not None:
                raise
            code = 130
        for stream in (sys.stdout, sys.stderr):
            _discard_unwritten(stream)
        sys.exit(code)


def say(line: str) -> None:
    """Write and flush a line of the answer. Raise OSError."""
    click.echo(line)


def say_json(**record: Any) -> None:
    """Write a JSON object as a line of the answer. Raise OSError."""
    say(orjson.dumps(record).decode())


def say_done(line: str, what_now: str = "") -> None:
    """Write the answer of a command that has changed something.

    If that fails, raise a Failure that says that the change was made, followed by `what_now`.
    """
    try:
        say(line)
    except OSError as error:
        raise Failure(f"{unwritable(error)}; the change was made{what_now}") from error


def complain(message: str, code: int) -> int:
    """Write the one line of a failing command to standard error if possible; return `code`."""
    line = " ".join(message.split())
    with suppress(OSError):
        click.echo(f"toteboard: {line}", err=True)
    return code


def mention(what: str) -> None:
    """Write a remark to standard error if possible."""
    with suppress(OSError):
        click.echo(f"toteboard: {what}", err=True)


def unwritable(error: OSError) -> str:
    """Return the line for an answer that cannot be printed."""
    return f"cannot write to standard output: {error.strerror}"


def _unusable(error: OSError) -> str:
    """Return the line for an error of the system. Only printing raises one without a file name."""
    if error.filename is None:
        return unwritable(error)
    return f"cannot use {os.fsdecode(error.filename)}: {error.strerror}"


def innermost(error: BaseException) -> BaseException:
    """Return the first error inside the groups that nurseries wrap around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _briefly(message: str, words: Sequence[str]) -> str:
    """Shorten each long word of the command line in a message, as refusals on the wire do."""
    given = {part for word in words for part in (word, word.partition("=")[2])}
    for part in sorted(given, key=len, reverse=True):
        for spelt in (part, repr(part)[1:-1]):
            if len(spelt) > LONGEST_QUOTE:
                message = message.replace(spelt, quote(spelt))
    return message


def _open_standard_streams() -> None:
    """Open the standard streams that are missing, so that no other file gets their numbers.

    Otherwise, the log could be written into the database. Raise Failure if standard output is
    closed.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  # open to the end of the process
    if sys.stdout is None:
        sys.stdout = sys.stderr
        raise Failure("standard output is closed")


def _discard_unwritten(stream: TextIO) -> None:
    """Discard what a stream cannot write: the interpreter would fail on it when it exits."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

"""How a command ends: its answer on standard output, or one line on standard error.

0: done; 1: a no; 2: bad use, or settings or a database that cannot be used; 130: interrupted.
What the commands do is in `toteboard/cli.py`.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn, TextIO

import click
import orjson

from game.refusals import LONGEST_QUOTE, quote
from storage.copies import NotSoundError
from storage.errors import StorageError
from storage.users import OperatorError


class Failure(click.ClickException):
    """What cannot be done as things are."""

    exit_code = 2


class NotSo(click.ClickException):
    """A no to what was asked."""

    exit_code = 1


class OneLineGroup(click.Group):
    """A command line in which whatever fails says so in one line, never with a traceback.

    A command gives its exit code, None for 0.
    """

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any
    ) -> NoReturn:
        """Run the command that the arguments name, and end the process."""
        words = sys.argv[1:] if args is None else args
        try:
            _stand_on_own_feet()
            code = super().main(args, standalone_mode=False, **extra)
        except click.ClickException as error:
            code = complain(_briefly(error.format_message(), words), error.exit_code)
        except OperatorError as error:
            code = complain(_briefly(str(error), words), 1)
        except NotSoundError as error:
            code = complain(str(error), 1)
        except StorageError as error:
            code = complain(str(error), 2)
        except OSError as error:  # the storage's are its own: this is what was to be printed
            code = complain(unwritable(error), 2)
        except click.Abort:
            code = 130
        except BaseExceptionGroup as group:
            if group.split(KeyboardInterrupt)[1] is not None:
                raise
            code = 130
        for stream in (sys.stdout, sys.stderr):
            _let_go_of(stream)
        sys.exit(code)


def say(line: str) -> None:
    """Write a line of the answer, at once. Raises OSError."""
    click.echo(line)


def say_json(**record: Any) -> None:
    """Write a JSON object as a line of the answer. Raises OSError."""
    say(orjson.dumps(record).decode())


def say_done(line: str, what_now: str = "") -> None:
    """Write the answer of a command that has changed something.

    Raises `Failure` if it cannot be written, which says that it was done, and `what_now` helps.
    """
    try:
        say(line)
    except OSError as error:
        raise Failure(f"{unwritable(error)}; it was done all the same{what_now}") from error


def complain(message: str, code: int) -> int:
    """Write the one line of a command that fails, if there is where to; gives the exit code."""
    line = " ".join(message.split())
    with suppress(OSError):
        click.echo(f"toteboard: {line}", err=True)
    return code


def mention(what: str) -> None:
    """Write a line beside the answer, for the person at the terminal, if there is where to."""
    with suppress(OSError):
        click.echo(f"toteboard: {what}", err=True)


def unwritable(error: OSError) -> str:
    """Why nothing can be printed."""
    return f"cannot write to standard output: {error.strerror}"


def innermost(error: BaseException) -> BaseException:
    """What went wrong, without the groups that nurseries wrap around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _briefly(message: str, words: Sequence[str]) -> str:
    """The message with each long word of the command line, raw or by `repr`, cut as on the wire."""
    given = {part for word in words for part in (word, word.partition("=")[2])}
    for part in sorted(given, key=len, reverse=True):
        for spelt in (part, repr(part)[1:-1]):
            if len(spelt) > LONGEST_QUOTE:
                message = message.replace(spelt, quote(spelt))
    return message


def _stand_on_own_feet() -> None:
    """Have all three standard streams, or what is opened next would get the number of one.

    A log would be written into the database. Raises `Failure` if there is no standard output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  # to the end of the process
    if sys.stdout is None:
        sys.stdout = sys.stderr
        raise Failure("standard output is closed")


def _let_go_of(stream: TextIO) -> None:
    """What could not be written by now never can: the interpreter would fail on it at its end."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

"""How a command ends: its answer on standard output, or one line on standard error.

0: done; 1: a no; 2: bad use, or settings or a database that cannot be used; 130: interrupted.
What the commands do is in `toteboard/cli.py`.
"""

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click
import orjson

from game.refusals import LONGEST_QUOTE, quote
from storage.database import StorageError
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
            code = super().main(args, standalone_mode=False, **extra)
        except click.ClickException as error:
            code = _fail(_briefly(error.format_message(), words), error.exit_code)
        except OperatorError as error:
            code = _fail(_briefly(str(error), words), 1)
        except StorageError as error:
            code = _fail(str(error), 2)
        except click.Abort:
            code = 130
        sys.exit(code)


def say(line: str) -> None:
    """Write a line of the answer, at once."""
    try:
        click.echo(line)
    except BrokenPipeError:
        raise  # whoever read has seen enough: click ends the process without a word
    except OSError as error:
        raise Failure(f"cannot write to standard output: {error.strerror}") from error


def say_json(**record: Any) -> None:
    """Write a JSON object as a line of the answer."""
    say(orjson.dumps(record).decode())


def _briefly(message: str, words: Sequence[str]) -> str:
    """The message with each long word of the command line, raw or by `repr`, cut as on the wire."""
    given = {part for word in words for part in (word, word.partition("=")[2])}
    for part in sorted(given, key=len, reverse=True):
        for spelt in (part, repr(part)[1:-1]):
            if len(spelt) > LONGEST_QUOTE:
                message = message.replace(spelt, quote(spelt))
    return message


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    click.echo(f"toteboard: {line}", err=True)
    return code

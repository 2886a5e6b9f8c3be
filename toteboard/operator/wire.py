"""The messages between a command and the server: one JSON object on each line.

The server sends its hello first, so a command sends nothing to a server that is frozen. Then
requests and replies alternate. A request holds the word of a write and its values. A reply holds
the values that answer the write, or a refusal with the exit code of the command.
"""

from typing import Any, Final

import attrs
import orjson

from storage.store import OPERATOR_WRITES
from storage.write import Values, Write
from toteboard import __version__

CONTROL_VERSION: Final = 1
"""The version of these messages. A command disconnects at a hello of another version."""
LONGEST_REQUEST: Final = 65_536
"""Bytes of a request, its newline included."""
LONGEST_REPLY: Final = 1_048_576


class MalformedError(ValueError):
    """A line is not a valid message. The text gives the reason, for a person."""


def hello() -> bytes:
    """Return the server's first line."""
    return _line(control=CONTROL_VERSION, version=__version__)


def refuse_hello(line: bytes) -> str | None:
    """Return why a command cannot use the server that sent this hello; None if it can."""
    try:
        greeting = _read(line)
    except MalformedError as error:
        return str(error)
    if greeting.get("control") == CONTROL_VERSION:
        return None
    theirs = greeting.get("version")
    return f"it is toteboard {theirs}, and this is {__version__}: use the command of {theirs}"


def request(write: Write) -> bytes:
    """Return the line that asks for a write."""
    values = attrs.asdict(write)  # type: ignore[arg-type]  # every write is an attrs class
    return _line(control=CONTROL_VERSION, write=write.word, values=values)


def read_request(line: bytes) -> Write:
    """Return the write that a line asks for. Raise MalformedError."""
    asked = _read(line)
    kind = OPERATOR_WRITES.get(str(asked.get("write")))
    if asked.get("control") != CONTROL_VERSION or kind is None:
        raise MalformedError(
            "the server does not know this request: use the command of the server's version"
        )
    try:
        return kind(**asked["values"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError(f"{kind.word}: {error}") from error


def command(word: str, values: Values) -> bytes:
    """Return the line that asks for a command of a cluster."""
    return _line(control=CONTROL_VERSION, command=word, values=values)


def asked_command(line: bytes) -> tuple[str, Values] | None:
    """Return the command of a cluster that a line asks for, None for a write.

    Raise MalformedError.
    """
    asked = _read(line)
    if "command" not in asked:
        return None
    if not isinstance(asked.get("values"), dict):
        raise MalformedError("a command has no values")
    return str(asked["command"]), asked["values"]


def performed(values: Values) -> bytes:
    """Return the reply to a write that was performed."""
    return _line(ok=True, values=values)


def refused(text: str, exit_code: int) -> bytes:
    """Return the reply to a write that was refused, with the exit code of the command."""
    return _line(ok=False, text=text, exit_code=exit_code)


def read_reply(line: bytes) -> Values | tuple[str, int]:
    """Return the values of a reply, or its reason and exit code. Raise MalformedError."""
    reply = _read(line)
    try:
        if reply["ok"]:
            return dict(reply["values"])
        return str(reply["text"]), int(reply["exit_code"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError(f"the server's reply is malformed: {error}") from error


def _line(**message: Any) -> bytes:
    return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)


def _read(line: bytes) -> dict[str, Any]:
    try:
        message = orjson.loads(line)
    except ValueError as error:
        raise MalformedError("a line is not JSON") from error
    if not isinstance(message, dict):
        raise MalformedError("a line is not a JSON object")
    return message

"""What a command and the server say to each other: a JSON object a line, ended by a newline.

The server begins with its hello; so a server that is frozen has been asked nothing. Then requests
and replies take turns. A request is the word of a write with its values, a reply either what came
of it or a refusal with the exit code of the command.
"""

from typing import Any, Final

import attrs
import orjson

from storage.store import WRITES, Values, Write
from toteboard import __version__

VERSION: Final = 1
"""Of these lines. A server and a command of different versions part at the hello."""
LONGEST_REQUEST: Final = 65_536
"""Bytes of a line."""
LONGEST_REPLY: Final = 1_048_576


class MalformedError(ValueError):
    """A line that is none of these; the text says why, for a person."""


def hello() -> bytes:
    """The server's first line."""
    return _line(control=VERSION, version=__version__)


def refuse_hello(line: bytes) -> str | None:
    """Why a command cannot talk to who says this hello; None if it can."""
    try:
        said = _read(line)
    except MalformedError as error:
        return str(error)
    if said.get("control") == VERSION:
        return None
    return f"it is toteboard {said.get('version')}, and this is {__version__}: use that one's"


def request(write: Write) -> bytes:
    """What is to be done."""
    values = attrs.asdict(write)  # type: ignore[arg-type]  # every write is an attrs class
    return _line(control=VERSION, write=write.word, values=values)


def read_request(line: bytes) -> Write:
    """The write that a line asks for. Raises `MalformedError`."""
    asked = _read(line)
    kind = WRITES.get(str(asked.get("write")))
    if asked.get("control") != VERSION or kind is None:
        raise MalformedError("the server does not know this request: are both of one version?")
    try:
        return kind(**asked["values"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError(f"{kind.word}: {error}") from error


def done(values: Values) -> bytes:
    """The reply when it is done."""
    return _line(ok=True, values=values)


def refused(text: str, exit_code: int) -> bytes:
    """The reply when nothing was done."""
    return _line(ok=False, text=text, exit_code=exit_code)


def read_reply(line: bytes) -> Values | tuple[str, int]:
    """What came of it, or why not, with the exit code. Raises `MalformedError`."""
    reply = _read(line)
    try:
        if reply["ok"]:
            return dict(reply["values"])
        return str(reply["text"]), int(reply["exit_code"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError(f"the server's reply makes no sense: {error}") from error


def _line(**said: Any) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def _read(line: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(line)
    except ValueError as error:
        raise MalformedError("a line that is not JSON") from error
    if not isinstance(said, dict):
        raise MalformedError("a line that is not a JSON object")
    return said

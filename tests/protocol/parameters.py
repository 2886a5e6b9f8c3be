"""Read the parameters of one request as the server does."""

from typing import Any

import pytest

from game.commands import Command
from game.refusals import Code, Refusal
from protocol.codec import Frame, read_command
from protocol.ops import BY_CODE

NOW = 1_800_000_000_000
ANY_ID = {"source_id": "s", "game_id": "g", "pool_id": "p"}


def command(op: int, **parameters: Any) -> Command:
    """Return the command of a request with these parameters, which must be valid."""
    read = read_command(BY_CODE[op], Frame({"op": op, **parameters}), NOW)[1]
    if (untimely := read.wrong_at(NOW)) is not None:
        raise untimely
    return read


def refusal(op: int, **parameters: Any) -> tuple[Code, str | None]:
    """Return the code of the refusal of a request, and the parameter at fault."""
    with pytest.raises(Refusal) as caught:
        command(op, **parameters)
    return caught.value.code, caught.value.parameter

"""What happened in a world, to be read, and to be compared with another run of the same seed."""

from collections import Counter
from hashlib import sha256
from traceback import format_exception
from typing import Any

from attrs import Factory, define, field


@define
class Story:
    """The lines of a world, each with the step in which it was written.

    `counts` has how often things happened, by their names.
    """

    step: int = 0
    lines: list[str] = Factory(list)
    counts: Counter[str] = Factory(Counter)
    _hash: Any = field(factory=sha256)

    def tell(self, time: str, line: str) -> None:
        """Record a line."""
        line = f"{self.step:4} {time} {line}"
        self._hash.update(line.encode())
        self.lines.append(line)

    @property
    def digest(self) -> str:
        """Return a digest that is equal for two runs exactly if the same happened."""
        return str(self._hash.hexdigest())


@define
class Outcome:
    """The result of a seed. `failure` is empty if all checks passed."""

    seed: int
    story: Story
    failure: str = ""


def first_of(error: BaseException) -> str:
    """Return the traceback of an error, or of the first in a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return "".join(format_exception(error))

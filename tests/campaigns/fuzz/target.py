"""The base of every fuzzing target. It takes inputs, some hundreds per world.

The effects of one input remain for the next. At the end the world is audited and another begins. A
failure carries all the inputs of its world, which reproduce it.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Generic, Protocol, Self, TypeVar

from tests.campaigns.fuzz.loop import Work


class Failure(AssertionError):
    """A check failed after these inputs."""

    def __init__(self, inputs: Sequence[bytes], why: str) -> None:
        super().__init__(why)
        self.inputs = inputs


class Inputs(Protocol):
    """Generates inputs for a target. `longest`: the most bytes of one."""

    longest: int

    def sown(self, chance: Random) -> Iterator[bytes]:
        """Yield meaningful inputs to begin with."""

    def damaged(self, data: bytes, chance: Random) -> bytes:
        """Return a changed copy of an input."""

    def words(self) -> list[bytes]:
        """Return words that are worth inserting into inputs."""


class Living(Protocol):
    """A world from its start to its end."""

    def do(self, work: Work) -> Any:
        """Run work in the world."""

    def end(self) -> None:
        """End the world between two steps, as a kill would."""

    def remove(self) -> None:
        """Delete its files after the end."""


Life = TypeVar("Life", bound=Living)


class Target(ABC, Generic[Life]):
    """Call it with one input after another. `outcomes` counts the results."""

    def __init__(self, lifetime: int) -> None:
        self.outcomes: Counter[str] = Counter()
        self._lifetime = lifetime
        self._taken: list[bytes] = []
        self._life: Life | None = None

    def __enter__(self) -> Self:
        self._exits = ExitStack()
        self._open(Path(self._exits.enter_context(TemporaryDirectory(prefix="fuzz"))))
        return self

    def __exit__(self, *_: object) -> None:
        if self._life is not None:
            self._life.end()
        self._exits.close()

    def __call__(self, data: bytes) -> None:
        """Run an input. Raise `Failure`."""
        if len(self._taken) >= self._lifetime:
            self.finish()
        self._taken.append(data)
        try:
            if self._life is None:
                self._life = self._begin()
            self._take(self._life, data)
        except BaseException as error:
            raise self._failure(error) from error

    def finish(self) -> None:
        """Audit the world and end it. The next input starts another. Raise `Failure`."""
        if self._life is None:
            return
        try:
            self._audit(self._life)
        except BaseException as error:
            raise self._failure(error) from error
        self._abandon()

    def _failure(self, error: BaseException) -> Failure:
        failure = Failure(tuple(self._taken), f"{type(error).__name__}: {error}")
        self._abandon()
        return failure

    def _abandon(self) -> None:
        if self._life is not None:
            self._life.end()
            self._life.remove()
        self._life, self._taken = None, []

    # The methods that a target defines.

    @property
    @abstractmethod
    def inputs(self) -> Inputs:
        """Return the generator of inputs."""

    @abstractmethod
    def _open(self, folder: Path) -> None: ...

    @abstractmethod
    def _begin(self) -> Life: ...

    @abstractmethod
    def _take(self, life: Life, data: bytes) -> None: ...

    @abstractmethod
    def _audit(self, life: Life) -> None: ...

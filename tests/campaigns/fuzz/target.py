"""What every target of a fuzzer does: it takes inputs, some hundreds to a world.

What one input leaves behind meets the next; then the world is audited and another begins. A failure
tells all the inputs of its world: they bring it about again.
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
    """Something did not hold, after these inputs."""

    def __init__(self, inputs: Sequence[bytes], why: str) -> None:
        super().__init__(why)
        self.inputs = inputs


class Inputs(Protocol):
    """Makes inputs for a target. `longest`: bytes of one."""

    longest: int

    def sown(self, chance: Random) -> Iterator[bytes]:
        """Those to begin with: they make sense."""

    def damaged(self, data: bytes, chance: Random) -> bytes:
        """Another one, made of this one."""

    def words(self) -> list[bytes]:
        """What is worth putting into one."""


class Living(Protocol):
    """A world from its beginning to its end."""

    def do(self, work: Work) -> Any:
        """Have something done in it."""

    def end(self) -> None:
        """As if it were killed, between two steps."""

    def remove(self) -> None:
        """Delete its files, once it has ended."""


Life = TypeVar("Life", bound=Living)


class Target(ABC, Generic[Life]):
    """Call it with one input after another. `outcomes` counts what they came to."""

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
        """Take an input. Raises `Failure`."""
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
        """Audit the world and end it: the next input begins another. Raises `Failure`."""
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

    # What a target is made of.

    @property
    @abstractmethod
    def inputs(self) -> Inputs:
        """What makes inputs for it."""

    @abstractmethod
    def _open(self, folder: Path) -> None: ...

    @abstractmethod
    def _begin(self) -> Life: ...

    @abstractmethod
    def _take(self, life: Life, data: bytes) -> None: ...

    @abstractmethod
    def _audit(self, life: Life) -> None: ...

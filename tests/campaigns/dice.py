"""All chance in a simulated world comes from its seed, so that a seed that fails fails again."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from random import Random
from typing import TypeVar
from unittest.mock import patch
from uuid import UUID

from trio._core import _run

T = TypeVar("T")

MAKERS_OF_IDS = ("actors.edge.connection", "actors.games.sources_actor", "actors.games.supervisor")


class Dice(Random):
    """Chance of its own for everything that needs some: one more throw here moves none there."""

    def __init__(self, *of: object) -> None:
        super().__init__(" ".join(map(str, of)))
        self._of = of

    def another(self, name: object) -> "Dice":
        """Dice for something else."""
        return Dice(*self._of, name)

    def happens(self, probability: float) -> bool:
        """Whether something does that has this probability."""
        return self.random() < probability

    def one_of(self, *weighted: tuple[float, T]) -> T:
        """One of the things, each as likely as its weight says."""
        things = [thing for _, thing in weighted]
        return self.choices(things, [weight for weight, _ in weighted])[0]

    def some(self, things: Sequence[T], most: int) -> list[T]:
        """Between one and `most` of the things, in any order; none if there are none."""
        return self.sample(things, min(len(things), self.randint(1, most)))


@contextmanager
def seeded(seed: int) -> Iterator[Dice]:
    """Let everything that a server and its clients draw by chance come from the seed."""
    dice = Dice(seed)
    ids, secrets = dice.another("ids"), dice.another("secrets")
    with ExitStack() as patched:
        for module in MAKERS_OF_IDS:
            patched.enter_context(patch(f"{module}.uuid4", partial(_uuid, ids)))
        patched.enter_context(patch("secrets.token_urlsafe", partial(_token, secrets)))
        # trio runs what is ready in any order, and offers no other way to say which one.
        patched.enter_context(patch.object(_run, "_ALLOW_DETERMINISTIC_SCHEDULING", True))
        patched.enter_context(patch.object(_run, "_r", dice.another("scheduler")))
        yield dice


def _uuid(dice: Dice) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def _token(dice: Dice, size: int = 32) -> str:
    return dice.randbytes(size).hex()

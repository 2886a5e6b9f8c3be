"""Make all randomness in a simulated world depend on its seed, so that failures can be repeated."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from random import Random
from typing import TypeVar
from unittest.mock import patch
from uuid import UUID

from trio._core import _run

T = TypeVar("T")

MAKERS_OF_IDS = (
    "actors.edge.following_side",
    "actors.games.chat",
    "actors.games.sign_ins",
    "actors.games.sources_actor",
    "actors.games.supervisor",
    "actors.survival",
)


class Dice(Random):
    """A source of randomness per purpose: a draw from one does not affect the others."""

    def __init__(self, *of: object) -> None:
        super().__init__(" ".join(map(str, of)))
        self._of = of

    def another(self, name: object) -> "Dice":
        """Return independent dice for another purpose."""
        return Dice(*self._of, name)

    def happens(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random() < probability

    def one_of(self, *weighted: tuple[float, T]) -> T:
        """Return one of the values with the probability that its weight sets."""
        things = [thing for _, thing in weighted]
        return self.choices(things, [weight for weight, _ in weighted])[0]

    def some(self, things: Sequence[T], most: int) -> list[T]:
        """Return between one and `most` of the values in random order; none if there are none."""
        return self.sample(things, min(len(things), self.randint(1, most)))


@contextmanager
def seeded(seed: int) -> Iterator[Dice]:
    """Make everything random in the server and its clients depend on the seed."""
    dice = Dice(seed)
    ids, secrets = dice.another("ids"), dice.another("secrets")
    with ExitStack() as patched:
        for module in MAKERS_OF_IDS:
            patched.enter_context(patch(f"{module}.uuid4", partial(_uuid, ids)))
        patched.enter_context(patch("secrets.token_urlsafe", partial(_token, secrets)))
        # trio runs ready tasks in random order and has no public way to control it.
        patched.enter_context(patch.object(_run, "_ALLOW_DETERMINISTIC_SCHEDULING", True))
        patched.enter_context(patch.object(_run, "_r", dice.another("scheduler")))
        yield dice


def _uuid(dice: Dice) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def _token(dice: Dice, size: int = 32) -> str:
    return dice.randbytes(size).hex()

"""What did not hold, by the promise that it breaks."""

from collections import Counter
from enum import StrEnum
from typing import Final

from attrs import Factory, define

FEW: Final = 3
"""So many of a kind are told."""
LENGTH: Final = 500


class Broken(StrEnum):
    """The promises, by what becomes of them when they are not kept."""

    LOST = "lost"
    TWICE = "twice"
    TWO_REPLIES = "two replies to a key"
    MONEY = "money astray"
    GAP = "gaps"
    REFUSED = "refused for no reason"
    BOOKS = "books that disagree"


@define
class Findings:
    """All that did not hold. Empty: everything did."""

    counts: Counter[Broken] = Factory(Counter)
    told: list[str] = Factory(list)

    def add(self, broken: Broken, *about: object) -> None:
        """Note that a promise was broken."""
        self.counts[broken] += 1
        if self.counts[broken] <= FEW:
            text = " ".join(map(str, about))
            self.told.append(f"{broken}: {text[:LENGTH]}")

    def expect(self, so: bool, broken: Broken, *about: object) -> None:
        """Note that a promise was broken, unless it was not."""
        if not so:
            self.add(broken, *about)

"""Violations, by the promise that they break."""

from collections import Counter
from enum import StrEnum
from typing import Final

from attrs import Factory, define

FEW: Final = 3
"""The number of examples to report of each kind."""
LENGTH: Final = 500


class Broken(StrEnum):
    """The promises, named by their violations."""

    LOST = "lost"
    TWICE = "twice"
    TWO_REPLIES = "two replies to a key"
    MONEY = "money astray"
    GAP = "gaps"
    REFUSED = "refused for no reason"
    BOOKS = "books that disagree"


@define
class Findings:
    """All violations; empty if every promise was kept."""

    counts: Counter[Broken] = Factory(Counter)
    told: list[str] = Factory(list)

    def add(self, broken: Broken, *about: object) -> None:
        """Record that a promise was broken."""
        self.counts[broken] += 1
        if self.counts[broken] <= FEW:
            text = " ".join(map(str, about))
            self.told.append(f"{broken}: {text[:LENGTH]}")

    def expect(self, so: bool, broken: Broken, *about: object) -> None:
        """Record that a promise was broken unless `so`."""
        if not so:
            self.add(broken, *about)

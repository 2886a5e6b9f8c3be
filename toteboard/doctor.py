"""Whether the five floors that Python would import are ours, and which SQLite they use.

The floors' names are common words: another distribution, or a folder that somebody works in, may
carry one of them. Then parts of two programs would run as one.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Final

FLOORS: Final = ("game", "protocol", "storage", "actors", "toteboard")
HOME: Final = Path(__file__).resolve().parents[1]


WAL_RESET_MENDED: Final = (3, 51, 3)
"""From this version on, two processes that write or checkpoint at once cannot lose commits."""
MENDED_TOO: Final[dict[tuple[int, ...], int]] = {(3, 44): 6, (3, 50): 7}
"""Older branches, by the patch release that has the same correction."""


def sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """Return a line about the SQLite library in use, for an operator."""
    name = f"SQLite {'.'.join(map(str, version[:3]))}"
    if version >= WAL_RESET_MENDED or version[2] >= MENDED_TOO.get(version[:2], version[2] + 1):
        return f"{name} is free of the WAL-reset bug (3.7.0 to 3.51.2)"
    return (
        f"{name} has the WAL-reset bug (3.7.0 to 3.51.2): two processes that write at once can "
        "damage a database. While a server runs, toteboard writes from it alone; let no other "
        "program write"
    )


def findings() -> list[str]:
    """What is wrong, a line each."""
    owners = packages_distributions()
    return [line for floor in FLOORS for line in (*_misplaced(floor), *_shared(floor, owners))]


def _misplaced(floor: str) -> Iterator[str]:
    spec = find_spec(floor)
    if spec is None or spec.origin is None:
        yield f"the package {floor} is missing"
    elif (home := Path(spec.origin).resolve().parents[1]) != HOME:
        yield f"the package {floor} comes from {home}, not from {HOME}"


def _shared(floor: str, owners: Mapping[str, list[str]]) -> Iterator[str]:
    for owner in sorted({*owners.get(floor, ())} - {"toteboard"}):
        yield f"the distribution {owner} has a package {floor} too"

"""`toteboard doctor`: verifies that the five packages that Python imports belong to Toteboard.

The names of the packages are common words. If another distribution or the working folder has a
package of the same name, parts of two programs would run as one. `doctor` also names the SQLite
library in use.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Final

FLOORS: Final = ("game", "protocol", "storage", "actors", "toteboard")
HOME: Final = Path(__file__).resolve().parents[1]

WAL_RESET_FIXED: Final = (3, 51, 3)
"""The first version in which two processes that write or checkpoint cannot lose commits."""
FIXED_PATCHES: Final[dict[tuple[int, ...], int]] = {(3, 44): 6, (3, 50): 7}
"""The patch releases of older branches that have the same fix."""


def sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """Return a line for the operator about the SQLite library in use."""
    name = f"SQLite {'.'.join(map(str, version[:3]))}"
    if version >= WAL_RESET_FIXED or version[2] >= FIXED_PATCHES.get(version[:2], version[2] + 1):
        return f"{name} is free of the WAL-reset bug (3.7.0 to 3.51.2)"
    return (
        f"{name} has the WAL-reset bug (3.7.0 to 3.51.2): two processes that write at the same "
        "time can damage a database. While a server runs, only the server writes; let no other "
        "program write to the database"
    )


def package_problems() -> list[str]:
    """Return a line for each package that is missing or not Toteboard's."""
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
        yield f"the distribution {owner} also has a package {floor}"

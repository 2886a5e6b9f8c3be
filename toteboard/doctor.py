"""Whether the five floors that Python would import are ours.

Their names are common words: another distribution, or a folder that somebody works in, may carry
one of them. Then parts of two programs would run as one.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Final

FLOORS: Final = ("game", "protocol", "storage", "actors", "toteboard")
HOME: Final = Path(__file__).resolve().parents[1]


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

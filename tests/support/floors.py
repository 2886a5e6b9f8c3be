"""The modules of the five floors of any checkout of this repository, parsed."""

import ast
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from tests.support.tree import FLOORS


@frozen
class Module:
    """One Python file of a floor. `path` is relative to the checkout."""

    path: str
    text: str
    syntax: ast.Module

    @property
    def floor(self) -> str:
        """The top-level package."""
        return self.path.partition("/")[0]

    @property
    def name(self) -> str:
        """The last part of the module's name: `clock` for actors/clock.py."""
        return Path(self.path).stem


def modules(root: Path) -> Iterator[Module]:
    """Parse each Python file of the floors below `root`, floor by floor, sorted by path."""
    for floor in FLOORS:
        for file in sorted((root / floor).rglob("*.py")):
            text = file.read_text("utf-8")
            yield Module(file.relative_to(root).as_posix(), text, ast.parse(text))

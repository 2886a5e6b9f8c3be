"""Print figures that show how easily a newcomer can read the server.

    python -m tests.support.house_figures [--tree PATH]... [--walks]

For this checkout, or for each `--tree`, side by side: how many functions and files one bet, one
joined 361, one close_at and one sign-up go through (tests/support/house_walks.py), the sizes of
files, functions and classes, the share of comments (tests/support/house_sizes.py), and the homonyms
(tests/support/house_names.py). `--walks` also prints the functions of each walk in the order of
their first calls.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from attrs import frozen

from tests.support.floors import modules
from tests.support.house_names import Places, homonyms
from tests.support.house_sizes import size_figures
from tests.support.house_walks import Walk, walks
from tests.support.tree import ROOT


@frozen
class House:
    """What was found in one checkout."""

    tree: Path
    walks: Mapping[str, Walk]
    sizes: Mapping[str, str]
    homonyms: Places

    def figures(self) -> dict[str, str]:
        """Return all figures by label."""
        figures = {"": str(self.tree)}
        for name, walk in self.walks.items():
            in_actors = sum(file.startswith("actors/") for file, _, _ in walk.functions)
            figures[f"{name}, functions"] = f"{len(walk.functions)}, {in_actors} of them in actors"
            figures[f"{name}, files"] = str(len(walk.files))
            figures[f"{name}, changes of file"] = str(walk.changes_of_file)
        return figures | dict(self.sizes) | {"homonyms": str(len(self.homonyms))}


def examine(tree: Path) -> House:
    """Take the figures of a checkout."""
    found = [*modules(tree)]
    return House(tree, walks(tree), size_figures(found), homonyms(found))


def table(columns: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield the lines of a table with a row for each label and a column for each checkout."""
    labels = [*dict.fromkeys(label for column in columns for label in column)]
    cells = [labels, *([column.get(label, "-") for label in labels] for column in columns)]
    widths = [max(map(len, column)) for column in cells]
    for row in zip(*cells, strict=True):
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def listed_names(houses: Sequence[House]) -> Iterator[str]:
    """Yield the homonyms of each checkout, with the modules that define them."""
    for house in houses:
        yield f"\nHomonyms of {house.tree}"
        for name, paths in house.homonyms.items():
            yield f"  {name}: {', '.join(paths)}"


def listed_walks(houses: Sequence[House]) -> Iterator[str]:
    """Yield the walks of each checkout, a line for each stay in a file."""
    for house in houses:
        for name, walk in house.walks.items():
            yield f"\n{name} in {house.tree}"
            for file, stay in groupby(walk.functions, key=lambda call: call[0]):
                yield f"  {file}: {', '.join(function for _, function, _ in stay)}"


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description="Print figures of the five floors.")
    parser.add_argument("--tree", type=Path, action="append", help="a checkout; this one if none")
    parser.add_argument("--walks", action="store_true", help="print the functions of each walk")
    arguments = parser.parse_args()
    houses = [examine(tree.resolve()) for tree in arguments.tree or [ROOT]]
    lines = [*table([house.figures() for house in houses]), *listed_names(houses)]
    print("\n".join([*lines, *(listed_walks(houses) if arguments.walks else ())]))


if __name__ == "__main__":
    main()

"""How large files, functions and classes are, and how many lines are comments.

A function, a method and a class reach from their `def` or `class` to their last line. The share of
comments is that of the lines with nothing but a comment, among the lines that are not blank;
docstrings are no comments.
"""

import ast
from collections.abc import Sequence
from statistics import median

from tests.support.floors import Module
from tests.support.tree import FLOORS

Function = ast.FunctionDef | ast.AsyncFunctionDef


def size_figures(modules: Sequence[Module]) -> dict[str, str]:
    """Return the figures of all floors together, then those of each, by label."""
    figures = _figures_of("all floors", modules)
    for floor in FLOORS:
        figures |= _figures_of(floor, [module for module in modules if module.floor == floor])
    return figures


def _figures_of(title: str, modules: Sequence[Module]) -> dict[str, str]:
    nodes = [(node, module.path) for module in modules for node in ast.walk(module.syntax)]
    functions = [(node, path) for node, path in nodes if isinstance(node, Function)]
    classes = [(node, path) for node, path in nodes if isinstance(node, ast.ClassDef)]
    sizes = {
        "lines of a file": [(len(each.text.splitlines()), each.path) for each in modules],
        "lines of a function": [(_lines(node), f"{path} {node.name}") for node, path in functions],
        "lines of a class": [(_lines(node), f"{path} {node.name}") for node, path in classes],
        "methods of a class": [(_methods(node), f"{path} {node.name}") for node, path in classes],
    }
    figures = {f"{title}, {what}": _summary(each) for what, each in sizes.items()}
    return figures | {f"{title}, comments": f"{_share_of_comments(modules):.1%}"}


def _summary(sizes: Sequence[tuple[int, str]]) -> str:
    """Summarize sizes, each with the name of what has it."""
    if not sizes:
        return "none"
    most, name = max(sizes)
    return f"median {median(size for size, _ in sizes):g} of {len(sizes)}, most {most}: {name}"


def _lines(node: Function | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _methods(node: ast.ClassDef) -> int:
    return sum(isinstance(each, Function) for each in node.body)


def _share_of_comments(modules: Sequence[Module]) -> float:
    lines = [line.strip() for module in modules for line in module.text.splitlines()]
    written = [line for line in lines if line]
    return sum(line.startswith("#") for line in written) / max(1, len(written))

"""The names that the five floors define: homonyms, and words that have been replaced.

A homonym is a public name that two modules define at module level: a class, a function, a constant
or a type alias. An import defines nothing. A name that begins with a lower-case letter and is only
assigned, such as `log`, is no constant and does not count.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from tests.support.floors import Module

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Places = dict[str, list[str]]
"""For each name, the paths of the modules that define it."""


def homonyms(modules: Iterable[Module]) -> Places:
    """Return the public names that more than one module defines."""
    places = _places((module, public_names(module)) for module in modules)
    return {name: paths for name, paths in places.items() if len(paths) > 1}


def old_words(modules: Iterable[Module], floors: Mapping[str, Collection[str]]) -> Places:
    """Return the replaced words that are still defined. `floors` names the floors for each word."""
    return _places(
        (module, (name for name in defined_names(module) if module.floor in floors.get(name, ())))
        for module in modules
    )


def public_names(module: Module) -> Iterator[str]:
    """Yield the public classes, functions, constants and type aliases of a module."""
    for statement in module.syntax.body:
        is_definition = isinstance(statement, Definition)
        for name in _named_by(statement):
            if not name.startswith("_") and (is_definition or name[0].isupper()):
                yield name


def defined_names(module: Module) -> Iterator[str]:
    """Yield the names that a module defines, without leading underscores.

    These are its classes, functions, methods, constants and attributes, and the module's own name
    spelled as a class; not parameters, and not the variables of a function.
    """
    yield "".join(part.title() for part in module.name.split("_"))
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.Module | ast.ClassDef):
            yield from (name.lstrip("_") for each in node.body for name in _named_by(each))
        elif isinstance(node, Definition):
            yield node.name.lstrip("_")
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr.lstrip("_")


def _named_by(statement: ast.stmt) -> Iterator[str]:
    """Yield the name of a definition, or the names that an assignment binds."""
    if isinstance(statement, Definition):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _places(names: Iterable[tuple[Module, Iterable[str]]]) -> Places:
    places = defaultdict(list)
    for module, defined in names:
        for name in set(defined):
            places[name].append(module.path)
    return dict(sorted(places.items()))

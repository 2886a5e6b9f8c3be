"""Rules that no linter checks: who catches bugs, sizes, no addresses, imports between tests."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.tree import FLOORS, ROOT, tracked_files, tracked_python

CATCHER = "actors/survival.py"
GENERATED = "/_generated/"
FILE_LINES = 400
FUNCTION_LINES = 50

# The address of a registry, or a folder of a developer's machine.
REGISTRY = re.compile(r"https?://[^\s/]*(?:pypi|registry|pythonhosted)", re.I)
MACHINE_PATH = re.compile(r"(?<![\w.~}-])/(?:work|root|home|tmp|opt)/")
SQLITE = b"SQLite format 3\0"
"""How every database file begins."""


def swallows_everything(node: ast.AST) -> bool:
    """Whether `node` is a handler, or a suppress(), that swallows any exception."""
    if isinstance(node, ast.ExceptHandler):
        return (node.type is None or names_everything(node.type)) and not passes_on(node)
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        return any(names_everything(argument) for argument in node.args)
    return False


def names_everything(kind: ast.expr) -> bool:
    """Whether `kind` names `Exception` or a wider class."""
    spelled = {ast.unparse(part).removeprefix("builtins.") for part in ast.walk(kind)}
    return not spelled.isdisjoint({"Exception", "BaseException"})


def passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether `handler` only undoes something, such as a transaction, and raises again."""
    leaves = (ast.Return, ast.Break, ast.Continue)
    last = handler.body[-1]
    raises_again = isinstance(last, ast.Raise) and last.exc is None
    return raises_again and not any(isinstance(node, leaves) for node in ast.walk(handler))


def long_functions(text: str) -> Iterator[str]:
    """Yield the functions in `text` that are too long."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{node.name}: {lines} lines"


def test_only_one_file_swallows_every_exception() -> None:
    catchers = {
        path.relative_to(ROOT).as_posix()
        for path, text in tracked_python(*FLOORS)
        if any(swallows_everything(node) for node in ast.walk(ast.parse(text)))
    }
    assert catchers <= {CATCHER}


@pytest.mark.parametrize(
    "code",
    [
        "try: f()\nexcept: pass",
        "try: f()\nexcept Exception: pass",
        "try: f()\nexcept (ValueError, BaseException) as e: pass",
        "try: f()\nexcept* Exception: pass",
        "try: f()\nexcept BaseException:\n  if late: return\n  raise",
        "with contextlib.suppress(Exception): f()",
    ],
)
def test_swallowing_every_exception_is_seen_however_it_is_written(code: str) -> None:
    assert any(swallows_everything(node) for node in ast.walk(ast.parse(code)))


def test_undoing_and_raising_again_is_not_swallowing() -> None:
    code = "try: f()\nexcept BaseException:\n  undo()\n  raise"
    assert not any(swallows_everything(node) for node in ast.walk(ast.parse(code)))


def test_files_are_short() -> None:
    """Except generated ones, which a person does not read."""
    files = {path.relative_to(ROOT).as_posix(): text for path, text in tracked_python()}
    lengths = {name: text.count("\n") for name, text in files.items() if GENERATED not in name}
    assert not {name: lines for name, lines in lengths.items() if lines > FILE_LINES}


def test_functions_are_short() -> None:
    found = {
        str(path.relative_to(ROOT)): [*long_functions(text)] for path, text in tracked_python()
    }
    assert not {name: functions for name, functions in found.items() if functions}


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry", "machine path"])
def test_no_tracked_file_names(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


def test_no_database_and_no_secret_that_a_run_has_left_is_tracked() -> None:
    left = [
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if path.suffix == ".key" or path.read_bytes().startswith(SQLITE)
    ]
    assert not left


QUOTERS = {"Refusal": 1, "AdminRefusal": 0, "invalid": 1, "rate_limited": 0}
"""The calls that make a refusal, and which of their arguments is the sentence."""


def filled_in_sentences(text: str) -> Iterator[str]:
    """Yield the sentences of refusals in `text` that already contain values."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in QUOTERS:
            continue
        for sentence in node.args[QUOTERS[ast.unparse(node.func)] :]:
            if any(isinstance(part, ast.JoinedStr | ast.Mod) for part in ast.walk(sentence)):
                yield ast.unparse(node)


def test_what_a_refusal_quotes_is_given_apart_so_that_it_is_cut() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): [*filled_in_sentences(text)]
        for path, text in tracked_python(*FLOORS)
    }
    assert not {name: sentences for name, sentences in found.items() if sentences}


@pytest.mark.parametrize(
    "code",
    [
        "Refusal(Code.X, f'There is no {thing}.')",
        "invalid('x', f'not {value}')",
        "AdminRefusal('no ' + f'{name}')",
        "Refusal(Code.X, 'There is no %s.' % thing)",
    ],
)
def test_a_sentence_that_is_filled_in_beforehand_is_seen(code: str) -> None:
    assert [*filled_in_sentences(code)]


def imported_from_tests(text: str) -> Iterator[str]:
    """Yield the modules of tests/ that `text` imports, or may import from a package of it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("tests."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests"):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_only_pytest_imports_a_test_module() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): modules
        for path, text in tracked_python()
        if (modules := [name for name in imported_from_tests(text) if ".test_" in name])
    }
    assert not found


def test_what_two_folders_of_tests_need_is_in_support() -> None:
    """Each folder in tests/ imports from itself and from tests/support."""
    found = {}
    for path, text in tracked_python("tests"):
        own = path.relative_to(ROOT).parts[1]
        modules = [name.split(".") for name in imported_from_tests(text)]
        if foreign := [name for name in modules if name[1] not in (own, "support")]:
            found[path.relative_to(ROOT).as_posix()] = foreign
    assert not found

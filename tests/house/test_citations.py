"""Docstrings, comments and documents cite only existing files, sections and decisions."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.support.tree import ROOT, tracked_files

DOCS = ROOT / "docs"
NOT_OURS = ("toteboard/page/vendor/", "tests/e2e/games_chapter.md")
MADE_BY_USERS = {
    "first.py",
    "first.mjs",
    "match.py",
    "match.mjs",
    "provider.py",
    "compare.py",
    "toteboard.db.lock",
    "000N_name.sql",
}
"""Files that a page tells its reader to make, or that the server makes."""

COMMENTS = {
    ".js": r"//.*|/\*.*?\*/",
    ".mjs": r"//.*|/\*.*?\*/",
    ".css": r"/\*.*?\*/",
    ".sql": r"--.*",
    ".toml": r"#.*",
    ".yml": r"#.*",
    ".service": r"#.*",
    "": r"#.*",
}
"""What is prose in a file, by suffix. Python is parsed; a document is prose except its programs."""

FILE = re.compile(
    r"(?<![\w./*<>{}$@:-])((?:\.\./)*[\w-]+(?:[./][\w-]+)*"
    r"\.(?:md|py|mjs|js|css|html|toml|json|sql|svg|png|lock|service))(?![\w/*-]|\.\w)"
)
SECTION = re.compile(r'(docs/(?:[\w-]+/)*[\w-]+\.md),\s+"([^"]+)"')
CONTRACT = re.compile(r'[Cc]ontract,?\s+sections?\s+(\d)(?:\s*,\s+"([^"]+)")?')
TESTS = re.compile(r"`((?:\w+/)*test_\w+\.py)`: (`\w+`(?:, `\w+`)*)")
DECISION = re.compile(r"\bdecisions?[ /](\d{1,4})\b")


def prose(path: Path, text: str) -> str:
    """Return docstrings and comments, or a document without its programs, on single lines."""
    if path.suffix == ".py":
        parts = [*docstrings(text), *comments(text)]
    elif path.suffix == ".md":
        parts = [re.sub(r"```.*?```", "", text, flags=re.S)]
    elif path.suffix in COMMENTS:
        parts = re.findall(COMMENTS[path.suffix], text, re.S if path.suffix == ".css" else 0)
    else:
        parts = []
    return "\n\n".join(re.sub(r"\s*\n\s*(?:#|//|--)?\s*", " ", part) for part in parts)


def docstrings(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


@cache
def sources() -> Sequence[tuple[Path, str]]:
    """Return the prose of each tracked file."""
    return [*_sources()]


def _sources() -> Iterator[tuple[Path, str]]:
    for path in tracked_files():
        if path.relative_to(ROOT).as_posix().startswith(NOT_OURS):
            continue
        if path.suffix in {".py", ".md", *COMMENTS} and not path.name.startswith("LICENSE"):
            yield path, prose(path, path.read_text("utf-8", "replace"))


def is_there(cited: str, citing: Path, names: set[str]) -> bool:
    """Whether a file exists: a bare name anywhere; a path from the root, tests/ or `citing`."""
    if "/" not in cited:
        return cited in names | MADE_BY_USERS
    if cited.rpartition("/")[2] in MADE_BY_USERS:
        return True
    return any((base / cited).resolve().exists() for base in (ROOT, ROOT / "tests", citing.parent))


def has_section(page: Path, title: str) -> bool:
    """Whether a page has a heading, or a paragraph that begins with it in bold or with a colon."""
    name = re.escape(title)
    head = rf"^(?:#+ (?:\d+\. )?|\*\*){name}\b|^{name}:$"
    return re.search(head, page.read_text(), re.M) is not None


def file_of_tests(cited: str) -> Path:
    """Return the file of a cited test: its path is relative to the root or to tests/."""
    return next(path for base in (ROOT, ROOT / "tests") if (path := base / cited).exists())


NAMES = {path.name for path in tracked_files()}


def test_every_file_that_is_cited_is_there() -> None:
    missing = {
        f"{path.relative_to(ROOT)}: {cited}"
        for path, said in sources()
        for cited in FILE.findall(said)
        if not is_there(cited, path, NAMES)
    }
    assert missing == set()


def test_every_section_that_is_cited_is_there() -> None:
    contract = DOCS / "reference" / "contract.md"
    missing = {
        f"{path.relative_to(ROOT)}: {page}, {title}"
        for path, said in sources()
        for page, title in SECTION.findall(said)
        if not has_section(ROOT / page, title)
    }
    missing |= {
        f"{path.relative_to(ROOT)}: contract, section {number}, {title}"
        for path, said in sources()
        for number, title in CONTRACT.findall(said)
        if f"\n## {number}. " not in contract.read_text()
        or (title and not has_section(contract, title))
    }
    assert missing == set()


def test_every_test_that_is_cited_is_there() -> None:
    missing = {
        f"{path.relative_to(ROOT)}: {file}, {name}"
        for path, said in sources()
        for file, names in TESTS.findall(said)
        for name in re.findall(r"\w+", names)
        if not re.search(rf"^(?:async )?def test_\w*{name}", file_of_tests(file).read_text(), re.M)
    }
    assert missing == set()


def test_every_decision_that_is_cited_is_there() -> None:
    missing = {
        f"{path.relative_to(ROOT)}: decision {number}"
        for path, said in sources()
        for number in DECISION.findall(said)
        if not [*(DOCS / "decisions").glob(f"{int(number):04}-*.md")]
    }
    assert missing == set()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", '"""Said in operation.md."""'),
        ("a.py", "x = 1  # as in docs/nowhere.md"),
        ("a.py", 'x = 1\n"""What `game/nothing.py` makes."""'),
        ("a.js", "// The arithmetic is ../nothing.js."),
        ("a.md", "See [there](nowhere.md)."),
        ("a.sql", "-- as storage/nothing.py has it"),
    ],
)
def test_a_citation_of_nothing_is_seen(name: str, text: str) -> None:
    path = ROOT / "docs" / name
    cited = FILE.findall(prose(path, text))
    assert cited
    assert not any(is_there(each, path, NAMES) for each in cited)

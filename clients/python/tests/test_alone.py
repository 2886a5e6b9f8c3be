"""The client needs nothing of the server, and files of the same names do not disturb it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "toteboard_client"
ALLOWED = {*sys.stdlib_module_names, "anyio", "wsproto", "toteboard_client"}


def imported(path: Path) -> set[str]:
    """Return the top-level modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add(node.module or "")
    return {name.partition(".")[0] for name in found}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_it_imports_only_its_dependencies(path: Path) -> None:
    assert imported(path) <= ALLOWED


def test_files_with_the_names_of_the_server_do_not_disturb_it(tmp_path: Path) -> None:
    for name in ("game", "protocol", "storage", "actors", "toteboard", "money", "session"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('this is the user\\'s own file')\n")
    program = tmp_path / "program.py"
    program.write_text("from toteboard_client import sync, open_session, messages, refusals\n")
    done = subprocess.run([sys.executable, str(program)], cwd=tmp_path, check=False)
    assert done.returncode == 0

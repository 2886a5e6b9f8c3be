"""The client for JavaScript: its own tests, and what the TypeScript compiler finds."""

import subprocess
from pathlib import Path

import pytest

from tests.support.tree import ROOT

CLIENT = ROOT / "clients" / "js"


def in_client(*command: str) -> str:
    if not (CLIENT / "node_modules").is_dir():
        pytest.fail("its tools are not installed: `make test` does it, or `npm ci` in clients/js")
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tests_of_the_client_pass() -> None:
    assert "# fail 0\n" in in_client("node", "--test", "--test-reporter=tap", "tests/")


def test_the_compiler_finds_a_wrong_op_or_field_and_nothing_else() -> None:
    in_client("node_modules/.bin/tsc", "--project", ".")


def test_the_committed_types_are_those_of_the_source(tmp_path: Path) -> None:
    """`npm install` of the folder needs no compiler, because the types are in it."""
    tsc = ("node_modules/.bin/tsc", "--project", "tsconfig.build.json")
    in_client(*tsc, "--outDir", str(tmp_path))
    declared = declarations(tmp_path) | declarations(CLIENT / "src", "generated/*.d.ts")
    committed = declarations(CLIENT / "types")
    stale = [name for name in declared | committed if declared.get(name) != committed.get(name)]
    assert not stale, "run `make docs`"


def declarations(folder: Path, pattern: str = "**/*.d.ts") -> dict[str, str]:
    """Return the text of each declaration file by its path in the folder."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.glob(pattern)}

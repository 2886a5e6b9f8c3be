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


def test_a_program_sees_the_types(tmp_path: Path) -> None:
    """The declarations that the package is published with are those of the source."""
    in_client(
        "node_modules/.bin/tsc", "--project", "tsconfig.build.json", "--outDir", str(tmp_path)
    )
    declared = (tmp_path / "session.d.ts").read_text()
    assert "export function openSession(url: string" in declared

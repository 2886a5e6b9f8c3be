"""The client for JavaScript: its own tests, and what the TypeScript compiler finds."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.tree import ROOT, tracked_files

CLIENT = ROOT / "clients" / "js"


STRICT = ("--strict", "--target", "es2022", "--module", "nodenext")
PROGRAM = """
import { Money } from "@toteboard/client";
import type { BetPlaced } from "@toteboard/client/messages";
const amount: BetPlaced["amount"] = Money.of("2.50");
console.log(String(amount));
"""


def in_client(*command: str) -> str:
    if not (CLIENT / "node_modules").is_dir():
        pytest.fail("its tools are not installed: `make test` does it, or `npm ci` in clients/js")
    return run(CLIENT, *command)


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
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


@pytest.mark.parametrize("is_packed", [False, True], ids=["folder", "package"])
def test_npm_installs_it_with_its_types_from_a_fresh_clone(tmp_path: Path, is_packed: bool) -> None:
    clone, app = tmp_path / "clone", tmp_path / "app"
    app.mkdir()
    for path in tracked_files(str(CLIENT)):
        copy = clone / path.relative_to(CLIENT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    if is_packed:
        run(app, "npm", "pack", "--silent", str(clone))
        [clone] = app.glob("*.tgz")
    run(app, "npm", "install", "--offline", "--no-audit", "--no-fund", str(clone))
    (app / "program.mts").write_text(PROGRAM)
    run(app, str(CLIENT / "node_modules" / ".bin" / "tsc"), *STRICT, "program.mts")
    assert run(app, "node", "program.mjs") == "2.50\n"


def declarations(folder: Path, pattern: str = "**/*.d.ts") -> dict[str, str]:
    """Return the text of each declaration file by its path in the folder."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.glob(pattern)}

"""What type checkers find in programs: nothing in the documented ones, each mistake in others."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.documents import (
    JS_CLIENT,
    install_js_client,
    pages,
    program_for_browsers,
    programs,
)
from tests.support.tree import ROOT

TSC = ("--noEmit", "--target", "es2022", "--module", "nodenext", "--types", "node")
STRICT = ("--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes")
"""As `tsc --init` sets them."""
IN_PROGRAMS = {"python": "toteboard_client", "js": "import "}
"""What each program has, and a part of a program has not."""


def save_programs(folder: Path, language: str, suffix: str) -> list[str]:
    """Save the programs of all pages, in Python those that use the client. Return their names."""
    names = []
    for page in pages():
        stem = re.sub(r"\W", "_", page.removesuffix(".md"))
        for number, text in enumerate(programs(page, language)):
            if IN_PROGRAMS[language] in text:
                names.append(f"{stem}_{number}{suffix}")
                (folder / names[-1]).write_text(text)
    return names


def mypy(folder: Path, *names: str) -> str:
    """Return what mypy finds for a user who has the client installed, and no settings."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("MYPY")}
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ".cache", *names]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr


def tsc(folder: Path, *names: str) -> str:
    """Return what the TypeScript compiler finds for a user who has the client installed."""
    install_js_client(folder)
    (folder / "node_modules" / "@types").symlink_to(JS_CLIENT / "node_modules" / "@types")
    command = [str(JS_CLIENT / "node_modules" / ".bin" / "tsc"), *TSC, *STRICT, *names]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


def test_documented_programs_in_python_pass_strict_mypy(tmp_path: Path) -> None:
    names = save_programs(tmp_path, "python", ".py")
    assert len(names) >= 4
    assert mypy(tmp_path, *names) == f"Success: no issues found in {len(names)} source files\n"


def test_documented_programs_in_javascript_pass_the_strict_compiler(tmp_path: Path) -> None:
    names = save_programs(tmp_path, "js", ".mjs")
    assert len(names) >= 4
    (tmp_path / "browsers.mjs").write_text(program_for_browsers())
    assert tsc(tmp_path, "--allowJs", "--checkJs", *names, "browsers.mjs") == ""


def test_documented_programs_with_the_client_are_also_typescript(tmp_path: Path) -> None:
    names = [
        name
        for name in save_programs(tmp_path, "js", ".mts")
        if "@toteboard/client" in (tmp_path / name).read_text()
    ]
    assert len(names) >= 3
    assert tsc(tmp_path, *names) == ""


def test_mypy_finds_each_wrong_op_parameter_and_field(tmp_path: Path) -> None:
    name = "wrong_uses.py"
    (tmp_path / name).write_text((ROOT / "clients" / "python" / "tests" / name).read_text())
    assert mypy(tmp_path, name) == "Success: no issues found in 1 source file\n"

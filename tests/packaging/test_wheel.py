"""The wheel has the five floors, the schema and the command, and nothing else."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.tree import FLOORS, ROOT, tracked_files

VENDOR = "toteboard/page/vendor/"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from this tree without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def shipped(wheel: Path) -> set[str]:
    """Return the names of the files in the wheel."""
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_exactly_the_five_packages(shipped: set[str]) -> None:
    tops = {name.split("/")[0] for name in shipped}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(FLOORS)


def test_every_tracked_file_of_a_package_is_in_the_wheel(shipped: set[str]) -> None:
    tracked = {path.relative_to(ROOT).as_posix() for path in tracked_files(*FLOORS)}
    ours = {name for name in shipped if ".dist-info/" not in name and VENDOR not in name}
    assert ours == tracked


def test_the_wheel_holds_the_libraries_of_the_page_with_their_licences(shipped: set[str]) -> None:
    vendored = {name.removeprefix(VENDOR) for name in shipped if name.startswith(VENDOR)}
    files = (path for path in (ROOT / VENDOR).rglob("*") if path.is_file())
    assert vendored == {path.relative_to(ROOT / VENDOR).as_posix() for path in files}
    assert {"preact.js", "preact.LICENSE.txt"} <= vendored


def test_the_wheel_holds_the_schema(shipped: set[str]) -> None:
    assert "storage/schema/0001_initial.sql" in shipped


@pytest.mark.parametrize("floor", FLOORS)
def test_a_package_says_that_it_is_typed(shipped: set[str], floor: str) -> None:
    assert f"{floor}/py.typed" in shipped


def test_the_wheel_installs_the_command(wheel: Path, shipped: set[str]) -> None:
    (entry_points,) = (name for name in shipped if name.endswith("entry_points.txt"))
    with ZipFile(wheel) as archive:
        text = archive.read(entry_points).decode()
    assert "toteboard = toteboard.__main__:main" in text


def test_the_wheel_has_the_version_of_the_package(wheel: Path) -> None:
    assert wheel.name.split("-")[:2] == [
        "toteboard",
        importlib.import_module("toteboard").__version__,
    ]


def test_the_imported_packages_are_siblings_and_ours() -> None:
    """The floors have common names, so no other distribution's package may be found instead."""
    places = {Path(str(importlib.import_module(floor).__file__)).parent for floor in FLOORS}
    assert places == {ROOT / floor for floor in FLOORS}


def test_the_linter_knows_the_same_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert tuple(project["hatch"]["build"]["targets"]["wheel"]["packages"]) == FLOORS
    assert tuple(project["importlinter"]["root_packages"]) == (*FLOORS, "toteboard_client")

"""The client for Python is a distribution of its own: a package, a licence, few dependencies."""

import re
import subprocess
import sys
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest

import toteboard
import toteboard_client
from tests.support.tree import ROOT, tracked_files

SOURCE = ROOT / "clients" / "python"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), "."]
    subprocess.run(command, cwd=SOURCE, check=True)
    (built,) = folder.glob("*.whl")
    return ZipFile(built)


def metadata(archive: ZipFile) -> Message:
    (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
    return message_from_bytes(archive.read(name))


def test_the_wheel_of_the_client_holds_every_file_of_its_package(archive: ZipFile) -> None:
    package = SOURCE / "src"
    tracked = {path.relative_to(package).as_posix() for path in tracked_files(str(package))}
    assert {name for name in archive.namelist() if ".dist-info/" not in name} == tracked
    assert "toteboard_client/py.typed" in tracked


def test_the_client_needs_anyio_and_wsproto_only(archive: ZipFile) -> None:
    needed = metadata(archive).get_all("Requires-Dist", [])
    always = [each for each in needed if "extra ==" not in each]
    assert [re.split(r"[<>=]", each)[0] for each in always] == ["anyio", "wsproto"]


def test_the_client_has_the_version_of_the_server(archive: ZipFile) -> None:
    assert metadata(archive)["Version"] == toteboard.__version__ == toteboard_client.__version__
    licence = [name for name in archive.namelist() if name.endswith("/LICENSE")]
    assert [archive.read(name) for name in licence] == [Path(ROOT / "LICENSE").read_bytes()]

"""The lock files agree, and install what they name from any index."""

import re
import tomllib

import pytest

from tests.support.tree import ROOT

PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+).*\\(?P<rest>(?:\n .*)+)", re.M)


def pins(lock: str) -> dict[str, str]:
    """Return the version of each distribution in `lock`."""
    text = (ROOT / lock).read_text("utf-8")
    return {pin["name"]: pin["version"] for pin in PIN.finditer(text)}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_of_a_lock_has_a_version_and_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    stated = [line for line in text.splitlines() if line and line[0] not in " #"]
    hashed = [pin for pin in PIN.finditer(text) if "--hash=sha256:" in pin["rest"]]
    assert stated
    assert len(hashed) == len(stated)


def test_what_is_tested_is_what_is_run() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_the_locks_hold_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime = names(project["project"]["dependencies"] + project["build-system"]["requires"])
    runtime -= {"toteboard-client"}  # it is installed from this tree
    extras = project["project"]["optional-dependencies"]
    tools = names(extras["dev"] + extras["cluster"])
    assert runtime <= pins("requirements.lock").keys()
    assert runtime | tools <= pins("requirements-dev.lock").keys()


def names(requirements: list[str]) -> set[str]:
    """Return the distributions in `requirements`, without their bounds."""
    return {re.split(r"[<>=~!\s;\[]", requirement)[0] for requirement in requirements}

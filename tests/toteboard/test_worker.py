"""What a worker loads: it has connections and HTTP, and nothing that decides."""

import subprocess
import sys

import pytest

LOADED = "import sys, toteboard.worker_process; print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return the modules that a worker imports."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_a_worker_imports_connections(loaded: set[str]) -> None:
    assert {"actors.edge.connection", "actors.worker_edge"} <= loaded


@pytest.mark.parametrize("package", ["actors.games", "actors.services", "prometheus_client"])
def test_a_worker_imports_nothing_that_decides_or_counts(loaded: set[str], package: str) -> None:
    assert [name for name in loaded if f"{name}.".startswith(f"{package}.")] == []

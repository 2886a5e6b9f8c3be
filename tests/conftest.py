"""Settings for every test: how many examples Hypothesis takes, and which tests run together.

`make test` runs the tests in parallel processes (pytest-xdist). Tests that share an expensive
fixture stay in one process, those of the browser in a few. The longest begin first.
"""

import os
import signal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import Phase, settings

from tests.support.depth import depth

HERE: Final = Path(__file__).parent
TOGETHER: Final = (
    "page/test_match.py",
    "page/test_axe.py",
    "page/test_operator.py",
    "page",
    "campaigns/power/test_cuts.py",
    "campaigns/power/test_restore.py",
    "campaigns/power/test_upgrade.py",
    "campaigns/fuzz/test_messages.py",
    "campaigns/fuzz/http",
    "campaigns/corruption",
    "campaigns/cluster",
    "e2e/test_websocket_conformance.py",
    "actors/cluster",
    "e2e/cluster",
    "storage/cluster",
    "storage/test_audit_pools.py",
    "packaging/test_wheel.py",
    "house/test_citations.py",
)
"""Folders and modules whose tests share a fixture, the longest first."""
FIRST: Final = ("campaigns", "e2e")
"""Folders whose tests take long: the others fill in at the end."""

# A shell starts a command in the background with SIGINT ignored, nohup one with SIGHUP ignored, and
# every process that a test starts would inherit that. A handler is not inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

# Never judge by the wall clock: the machine may be busy.
settings.register_profile(
    "toteboard", deadline=None, print_blob=True, max_examples=depth(gate=100, deep=2_000)
)
settings.load_profile("toteboard")

# For `make mutants`: only the failure of a test counts there, not how small the example is.
settings.register_profile(
    "mutants",
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    database=None,
    derandomize=True,
)


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes of `-n auto`: tests of real servers often only wait."""
    cores = len(os.sched_getaffinity(0))
    return cores + (cores + 1) // 2


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares a fixture; begin with what takes long."""
    places = {item: Path(os.path.relpath(item.path, HERE)).as_posix() for item in items}

    def group(item: pytest.Item) -> int:
        found = (n for n, name in enumerate(TOGETHER) if places[item].startswith(name))
        return next(found, len(TOGETHER))

    def rank(item: pytest.Item) -> tuple[int, bool]:
        return group(item), not places[item].startswith(FIRST)

    for item in items:
        if (number := group(item)) < len(TOGETHER):
            item.add_marker(pytest.mark.xdist_group(TOGETHER[number]))
    items.sort(key=rank)

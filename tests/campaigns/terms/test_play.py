"""A cluster keeps its promises under faults of all kinds, on enough seeds to notice common bugs.

`make terms` runs many more and longer ones.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns.mutations import changed
from tests.campaigns.terms.mutations import FOUND_AT, MUTATIONS
from tests.campaigns.terms.play import play
from tests.support.depth import IS_DEEP, depth
from tests.support.tree import ROOT

SEEDS, STEPS = depth(gate=20, deep=300), depth(gate=6, deep=12)
QUICKLY_FOUND = [name for name, seed in FOUND_AT.items() if seed == 1]


def terms(*options: object) -> subprocess.CompletedProcess[str]:
    """Run `python -m tests.campaigns.terms`."""
    command = [sys.executable, "-m", "tests.campaigns.terms", *map(str, options)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_all_that_a_cluster_promises_holds_whatever_befalls_it() -> None:
    failed = [outcome for seed in range(1, SEEDS + 1) if (outcome := play(seed, STEPS)).failure]
    assert not failed, (failed[0].seed, failed[0].failure)


def test_a_seed_plays_the_same_again() -> None:
    assert play(7, STEPS).story.digest == play(7, STEPS).story.digest


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_changes_the_cluster_as_it_is_now(name: str) -> None:
    mutation = MUTATIONS[name]
    source = Path(ROOT, *mutation.module.split(".")).with_suffix(".py").read_text()
    assert changed(source, mutation) != source


@pytest.mark.deep
@pytest.mark.parametrize("name", MUTATIONS if IS_DEEP else QUICKLY_FOUND[:1])
def test_a_bug_makes_the_seed_fail_that_is_known_to_find_it(name: str) -> None:
    played = terms("--mutation", name, "--first", FOUND_AT[name], "--seeds", 1, "--jobs", 1)
    assert (played.returncode, played.stdout[:5]) == (1, "seed "), played

"""The promises hold under faults of all kinds, on enough seeds to notice common bugs.

`make sim` runs many more and longer ones.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from actors.games.subscribers import Subscribers
from tests.campaigns.mutations import MUTATIONS, changed
from tests.campaigns.sim.play import play
from tests.support.depth import depth
from tests.support.tree import ROOT

SEEDS, STEPS = depth(gate=16, deep=200), 20


def sim(*options: object) -> subprocess.CompletedProcess[str]:
    """Run `python -m tests.campaigns.sim`."""
    command = [
        sys.executable,
        "-m",
        "tests.campaigns.sim",
        "--steps",
        str(STEPS),
        *map(str, options),
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.deep
def test_all_that_is_promised_holds_whatever_befalls_the_server() -> None:
    played = sim("--seeds", SEEDS, "--jobs", 1)
    assert played.returncode == 0, played.stdout


def test_a_seed_plays_the_same_again() -> None:
    played = sim("--seed", 11)
    assert played.returncode == 0, played.stdout
    assert sim("--seed", 11).stdout == played.stdout


def test_a_seed_that_fails_fails_again_at_the_same_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Subscribers, "leave", lambda *_: [])
    failed = [outcome for seed in (1, 2, 3, 4) if (outcome := play(seed, STEPS)).failure]
    assert failed
    again = play(failed[0].seed, STEPS)
    assert again.story.step == failed[0].story.step
    assert again.story.digest == failed[0].story.digest


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_changes_the_server_as_it_is_now(name: str) -> None:
    mutation = MUTATIONS[name]
    source = Path(ROOT, *mutation.module.split(".")).with_suffix(".py").read_text()
    assert changed(source, mutation) != source


def test_a_bug_is_found() -> None:
    played = sim("--mutation", "prev-seq-off-by-one", "--seeds", 5, "--jobs", 1)
    assert (played.returncode, played.stdout[:5]) == (1, "seed "), played

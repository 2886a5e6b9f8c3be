"""`toteboard check` misses exactly the changes that docs/explanation/reliability.md lists.

This is a sample of `make corruption`.
"""

from collections import Counter
from pathlib import Path

import pytest

from storage.audit import audit
from storage.opening import open_for_reading
from tests.campaigns.corruption.campaign import documented, listed, outcomes
from tests.campaigns.corruption.played import play

STEP = 17
"""One of `STEP` changes is made. 17 has no factor in common with the number of their kinds."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a played match."""
    path = tmp_path_factory.mktemp("corruption") / "played.db"
    play(path)
    return path


def test_the_file_holds_before(path: Path) -> None:
    assert audit(open_for_reading(path)) == []


def test_there_are_many_ways_in_every_table(path: Path) -> None:
    ways = Counter(each.where.partition(".")[0] for each in listed(path))
    assert ways.total() > 1_500
    assert len(ways) == 32
    assert min(ways.values()) >= 5


def test_what_is_not_found_is_documented(path: Path) -> None:
    some = listed(path)[::STEP]
    unfound = [each for each in outcomes(path, some) if each.is_unfound]
    assert [str(each.corruption) for each in unfound if each.kind not in documented()] == []
    assert unfound


def test_what_is_documented_is_not_found(path: Path) -> None:
    everything = listed(path)
    for kind in documented():
        of_kind = [each for each in everything if (each.where, each.how) == kind]
        assert any(each.is_unfound for each in outcomes(path, of_kind)), kind

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import bench
from bench import askers, bets, ops, slow_readers
from bench.betting_database import Generated
from bench.crowd import Busy, Cast, Crew, Heard, Task
from bench.field import Contender
from bench.line import CrowdError
from bench.sample import OURS
from bench.server_process import AnyServer

MADE = Generated(Path("none"), [(1, "key")] * 2, [("a game", ["a pool"])])


class Resting(AnyServer):
    def __init__(self) -> None:
        pass

    def cpu_s(self) -> float:
        return 0.0

    def rss_kb(self) -> int:
        return 1


OURSELVES = Contender(OURS, 0, Resting())


def slow(task: Task) -> Callable[[], Heard]:
    """A crowd that hears one answer however long it waits."""
    return lambda: Heard(answers=[9.0], delays=[9.0], took=9.0)


@contextmanager
def slow_crowd(port: int, cast: Cast) -> Iterator[Crew]:
    yield slow


def ask_bets() -> None:
    ground = bets.Ground(OURSELVES, MADE, slow, seconds=1.0)
    list(bets.rates(ground, bets.Scene(1, False), *MADE.games[0]))


def ask_ops() -> None:
    list(ops._figures(OURSELVES, slow, Busy([], 1.0)))


def ask_slow_readers() -> None:
    slow_readers._life(OURSELVES, MADE, stalled=0, seconds=1.0)


def ask_askers() -> None:
    few = Heard(answers=[9.0])
    list(askers._figures({0: few, askers.ASKERS: few}, OURS, 0))


@pytest.mark.parametrize("ask", [ask_bets, ask_ops, ask_slow_readers, ask_askers])
def test_a_question_with_too_few_answers_is_given_up_and_not_the_suite(
    ask: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in (bets, slow_readers):
        monkeypatch.setattr(question, "gathered", slow_crowd)
    with pytest.raises(CrowdError, match="too few answers"):
        ask()


def test_what_is_imported_goes_in_no_circle() -> None:
    found = grimp.build_graph(bench.__name__, cache_dir=None)
    imports = {name: found.find_modules_directly_imported_by(name) for name in found.modules}
    assert imports["bench.suite"]
    TopologicalSorter(imports).prepare()

from pathlib import Path

import pytest

from bench import bets, durable, offered, report
from bench.fanout import STAGES, title
from bench.growth import SIZES
from bench.ops import CONNECTIONS, IN_FLIGHT
from bench.policies import FULL
from bench.sample import LIMIT, OURS, USUAL, WEBSOCKETS, WS, Sample
from bench.targets import TARGETS, Target

FIGURE = "flood, 1,000 subscribers: CPU a delivery, us"


def samples(who: str, *values: float, figure: str = FIGURE) -> list[Sample]:
    return [Sample(figure, who, number, value) for number, value in enumerate(values)]


def test_a_ratio_compares_values_of_the_same_round() -> None:
    values = report.by_figure([*samples(OURS, 1, 10, 4), *samples(WEBSOCKETS, 2, 20, 4)])[FIGURE]
    assert report.ratios(FIGURE, values, WEBSOCKETS) == [2, 2, 1]


def test_a_peer_that_is_missing_leaves_its_column_out_and_its_target_open() -> None:
    text = report.table([*samples(OURS, 10), *samples(WEBSOCKETS, 13)])
    head, _, line = text.splitlines()
    assert "xW" in head
    assert "xN" not in head
    assert line.endswith("| yes; - |")


@pytest.mark.parametrize(("theirs", "verdict"), [(11, False), (12, True)])
def test_a_ratio_is_reached_by_the_median(theirs: float, verdict: bool) -> None:
    values = {OURS: [10.0], WEBSOCKETS: [theirs]}
    assert report.reached(Target(FIGURE, 1.2, against=WEBSOCKETS), values) is verdict


@pytest.mark.parametrize(("is_most", "verdict"), [(True, False), (False, True)])
def test_a_bound_is_from_above_or_from_below(is_most: bool, verdict: bool) -> None:
    assert report.reached(Target("x", 5, is_most=is_most), {OURS: [6.0]}) is verdict


def test_only_what_lies_between_the_marks_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"by hand\n{report.BEGIN}old\n{report.END}by hand too\n")
    monkeypatch.setattr(report, "README", readme)
    report.renew("new")
    assert readme.read_text() == f"by hand\n{report.BEGIN}\nnew\n\n{report.END}by hand too\n"


def test_the_readme_has_the_marks() -> None:
    text = report.README.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1


def test_a_scene_with_a_target_is_one_that_is_measured() -> None:
    fanout = {title(scene, size) for size, scenes in STAGES.items() for scene in scenes}
    ops = {
        f"{name}, {CONNECTIONS} x {n} in flight"
        for name in ("ping", "get_game_details")
        for n in IN_FLIGHT
    }
    with_peers = {target.figure.partition(":")[0] for target in TARGETS if target.against}
    assert with_peers <= fanout | ops | {durable.TITLE}
    assert {target.against for target in TARGETS} <= {"", WEBSOCKETS, WS, LIMIT, USUAL}
    betting = {scene.title for scene in bets.SCENES} | {scene.title for scene in offered.SCENES}
    betting |= {
        f"pool of {SIZES[2]:,} bets against one of {SIZES[0]}",
        f"{FULL} against a plain one",
    }
    own = {target.figure.partition(":")[0] for target in TARGETS if not target.against}
    assert {name for name in own if "pool" in name} <= betting


def test_of_a_rate_more_is_better_and_of_a_cost_less() -> None:
    rate, cost = "200 in flight: bets a second", "200 in flight: CPU a bet, us"
    values = {OURS: [10.0], LIMIT: [20.0]}
    assert report.ratios(rate, values, LIMIT) == [0.5]
    assert report.ratios(cost, values, LIMIT) == [2.0]

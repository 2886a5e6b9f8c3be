"""Turn samples into tables in README.md: medians, ranges and ratios over the rounds."""

import os
import platform
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median

from bench.interpreter import running
from bench.sample import BEFORE, LIMIT, OURS, TRIO, USUAL, WEBSOCKETS, WS, Sample
from bench.targets import TARGETS, Target

COLUMNS = {
    BEFORE: "xBefore",
    WEBSOCKETS: "xW",
    WS: "xN",
    TRIO: "xTrio",
    LIMIT: "xLimit",
    USUAL: "xUsual",
}
"""The column for the ratio to each contender: how many times better our server is."""
RATE = " a second"
"""The end of the name of a figure where more is better."""

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"

Values = Mapping[str, list[float]]
"""The values of a figure for each contender, in the order of rounds."""


def table(samples: Iterable[Sample]) -> str:
    """Return a Markdown table: a line per figure, a column per contender and per ratio."""
    figures = by_figure(samples)
    peers = [name for name in COLUMNS if any(name in values for values in figures.values())]
    head = ["figure", OURS, *peers, *(COLUMNS[name] for name in peers), "to reach", "reached"]
    lines = [_line(head), _line(["---", *["---:"] * (1 + 2 * len(peers)), "---", "---"])]
    for figure, values in figures.items():
        cells = [_spread(values.get(name, ())) for name in (OURS, *peers)]
        cells += [_spread(ratios(figure, values, name)) for name in peers]
        targets = [target for target in TARGETS if target.figure == figure]
        wanted = "; ".join(map(str, targets))
        lines.append(
            _line([figure, *cells, wanted, "; ".join(_reached(t, values) for t in targets)])
        )
    return "\n".join(lines)


def by_figure(samples: Iterable[Sample]) -> dict[str, dict[str, list[float]]]:
    """Return the values by figure and contender, in order."""
    figures: dict[str, dict[str, list[float]]] = {}
    for sample in samples:
        values = figures.setdefault(sample.figure, defaultdict(list))
        values[sample.who].append(sample.value)
    return figures


def ratios(figure: str, values: Values, peer: str) -> list[float]:
    """Return how many times better our server was than the peer, for each round."""
    who = (OURS, peer) if figure.endswith(RATE) else (peer, OURS)
    pairs = zip(*(values.get(name, ()) for name in who), strict=False)
    return [more / less for more, less in pairs if less]


def reached(target: Target, values: Values) -> bool | None:
    """Return whether the median meets the target, or None if it was not measured."""
    found = (
        ratios(target.figure, values, target.against) if target.against else values.get(OURS, [])
    )
    return target.is_met_by(median(found)) if found else None


def machine(versions: Mapping[str, str], load: float) -> str:
    """Describe the machine, its load average at the start, and the versions.

    A peer without a version is reported as missing.
    """
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in cpus if "model name" in line), "")
    theirs = [f"{name} {number or 'missing'}" for name, number in versions.items()]
    ran = "; ".join([running(), ", ".join(theirs)])
    return (
        f"{model or platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"{platform.system()} {platform.release()}; {ran}, SQLite {sqlite3.sqlite_version}; "
        f"load average at the start {load:.1f}."
    )


def renew(text: str) -> None:
    """Replace the text between the markers in README.md."""
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{text.strip()}\n\n{END}{after}")


def _reached(target: Target, values: Values) -> str:
    return {True: "yes", False: "no", None: "-"}[reached(target, values)]


def _spread(values: Iterable[float]) -> str:
    found = sorted(values)
    if not found:
        return "-"
    middle, low, high = (_short(v) for v in (median(found), found[0], found[-1]))
    return middle if low == high else f"{middle} ({low} to {high})"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

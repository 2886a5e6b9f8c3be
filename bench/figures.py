"""Draw the three results that are curves as one SVG, readable on light and dark backgrounds.

The same samples produce the same bytes.
"""

from collections.abc import Mapping, Sequence
from io import StringIO
from statistics import median

from attrs import frozen
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from bench.fanout import CHAT, STAGES, title
from bench.growth import FLIGHTS, SIZES
from bench.report import by_figure
from bench.sample import OURS, TRIO, WEBSOCKETS, WS, Sample

INK = "#808080"
COLOURS = {OURS: "#e8590c", WEBSOCKETS: "#4c8ed9", WS: "#3fa45b", TRIO: "#a06cd5"}
STYLE = {
    "svg.hashsalt": "toteboard",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK
    ),
}


@frozen
class Chart:
    """A curve for each contender. `figures` maps each x to the name of its figure."""

    title: str
    x_label: str
    y_label: str
    figures: Mapping[int, str]
    is_log: bool = False


CHARTS = (
    Chart(
        "A lone chat line: server CPU a delivery",
        "subscribers",
        "microseconds",
        {size: f"{title(CHAT, size)}: CPU a delivery, us" for size in STAGES},
        is_log=True,
    ),
    Chart(
        "A bet: server CPU",
        "bets in its pool already",
        "microseconds",
        {size: f"pool of {size:,} bets: CPU a bet, us" for size in SIZES},
    ),
    Chart(
        "Durable bets a second, one pool",
        "bets in flight",
        "bets a second",
        {n: f"{n:,} in flight: bets a second" for n in FLIGHTS},
    ),
)


def draw(samples: Sequence[Sample]) -> str:
    """Return the charts as SVG, with medians and error bars from the minimum to the maximum."""
    found = by_figure(samples)
    with rc_context(STYLE):
        figure = Figure(figsize=(11, 3.4), layout="constrained")
        for axes, chart in zip(figure.subplots(1, len(CHARTS)), CHARTS, strict=True):
            _draw(axes, chart, found)
        text = StringIO()
        figure.savefig(
            text, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
        )
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def _draw(axes: Axes, chart: Chart, found: Mapping[str, Mapping[str, list[float]]]) -> None:
    for who, colour in COLOURS.items():
        curve = {x: v for x, name in chart.figures.items() if (v := found.get(name, {}).get(who))}
        if not curve:
            continue
        middle = [median(values) for values in curve.values()]
        down = [m - min(values) for m, values in zip(middle, curve.values(), strict=True)]
        up = [max(values) - m for m, values in zip(middle, curve.values(), strict=True)]
        axes.errorbar(list(curve), middle, [down, up], color=colour, marker="o", ms=4, label=who)
    axes.set(title=chart.title, xlabel=chart.x_label, ylabel=chart.y_label, xscale="log")
    measured = [x for x, name in chart.figures.items() if name in found]
    axes.set_xticks(measured, [f"{x:,}" for x in measured])
    axes.xaxis.set_minor_locator(NullLocator())
    if chart.is_log:
        axes.set(yscale="log", ylim=(5, 500))
        axes.set_yticks([5, 10, 20, 50, 100, 200, 500])
        axes.yaxis.set_minor_locator(NullLocator())
        axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper right")
    else:
        axes.margins(y=0.15)
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.0f}"))
    axes.grid(color=INK, alpha=0.25, linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)

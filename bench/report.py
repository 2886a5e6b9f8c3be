"""What becomes of the figures: medians and ranges over rounds, a table, a section of README.md."""

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

README = Path(__file__).with_name("README.md")

Round = Mapping[str, float]
"""One value for each figure; the figure's name says its unit."""


def table(rounds: Sequence[Round], aims: Mapping[str, str]) -> str:
    """A Markdown table: a line for each figure, in the order of the first round."""
    lines = ["| figure | median | range | to reach |", "|---|---:|---:|---|"]
    for name in rounds[0]:
        values = [figures[name] for figures in rounds]
        span = f"{_short(min(values))} to {_short(max(values))}"
        lines.append(f"| {name} | {_short(median(values))} | {span} | {aims.get(name, '')} |")
    return "\n".join(lines)


def machine() -> str:
    """What the figures were measured on."""
    cores = len(os.sched_getaffinity(0))
    kernel, python = platform.release(), platform.python_version()
    return (
        f"{cores} cores, {platform.system()} {kernel}, Python {python}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def renew_section(title: str, text: str) -> None:
    """Put `text` under this heading of README.md, in place of what was there."""
    before, _, rest = README.read_text().partition(f"## {title}\n")
    _, heading, after = rest.partition("\n## ")
    README.write_text(f"{before.rstrip()}\n\n## {title}\n\n{text.strip()}\n{heading}{after}")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"

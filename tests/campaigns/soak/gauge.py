"""Sample a server's resource use, and decide whether it is the same at the end."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression, mean
from typing import Final

import httpx
from attrs import fields, frozen
from prometheus_client.parser import text_string_to_metric_families

from tests.support.process import Process

FLAT_MIB_H: Final = 8.0
"""Memory counts as flat if a line through the last half of the samples grows by less per hour."""
FEWEST: Final = 10
"""The fewest samples for that line."""
TICKS_PER_S: Final = 100
_ERRORS: Final = ("error", "critical")


@frozen
class Sample:
    """One row. `cpu`: share of a core since the last sample; `errors`: log lines since then."""

    minute: float
    rss_mib: float
    files: int
    threads: int
    cpu: float
    connections: int
    games: int
    outbox: int
    ops: int
    lagging: int
    errors: int


class Gauge:
    """Reads the figures of the system and of the server."""

    def __init__(self, server: Process, http_url: str) -> None:
        self._server, self._http_url = server, http_url
        self._used_s, self._at = 0.0, -1.0
        self.wrong: list[str] = []
        """Log lines that report a bug."""

    async def sample(self, now_s: float) -> Sample:
        """Return a sample. `now_s`: seconds since the start."""
        async with httpx.AsyncClient() as http:
            said = (await http.get(f"{self._http_url}metrics")).text
        metrics = _sums(said)
        process = Path(f"/proc/{self._server.process.pid}")
        used_s, before_s = _cpu_s(process), self._used_s
        share = (used_s - before_s) / max(now_s - self._at, 1e-9)
        self._used_s, self._at = used_s, now_s
        return Sample(
            minute=round(now_s / 60, 1),
            rss_mib=round(_rss_kb(process) / 1_024, 1),
            files=len([*(process / "fd").iterdir()]),
            threads=len([*(process / "task").iterdir()]),
            cpu=round(share, 3),
            connections=metrics["toteboard_connections"],
            games=metrics["toteboard_games"],
            outbox=metrics["toteboard_outbox_messages"],
            ops=metrics["toteboard_ops_total"],
            lagging=metrics["toteboard_lagging_closes_total"],
            errors=self._errors(),
        )

    def _errors(self) -> int:
        """Return the number of errors since the last sample."""
        lines, self._server.lines = self._server.lines, []
        wrong = [line for line in lines if line["level"] in _ERRORS]
        self.wrong += map(str, wrong)
        return len(wrong)


def growth_mib_h(samples: Sequence[Sample]) -> float | None:
    """Return the growth in MiB per hour over the last half, or None for too few samples."""
    half = samples[len(samples) // 2 :]
    if len(half) < FEWEST:
        return None
    line = linear_regression([each.minute for each in half], [each.rss_mib for each in half])
    return line.slope * 60


def table(samples: Sequence[Sample]) -> str:
    """Return the samples as a Markdown table."""
    names = [field.name for field in fields(Sample)]
    rows = [[f"{getattr(each, name):,}" for name in names] for each in samples]
    lines = [names, ["---:"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def judged(before: Sample, samples: Sequence[Sample], after: Sample) -> list[str]:
    """Return the failed checks. `before`: no client had come; `after`: every client had left."""
    wrong = []
    if (growth := growth_mib_h(samples)) is not None and growth > FLAT_MIB_H:
        wrong.append(f"memory grows by {growth:.1f} MiB an hour")
    if after.files > before.files:
        wrong.append(f"{after.files} files are open, and {before.files} were at first")
    left = {name: getattr(after, name) for name in ("connections", "games", "outbox")}
    wrong += [f"{count} left of {name}" for name, count in left.items() if count]
    return wrong


def told(samples: Sequence[Sample]) -> str:
    """Summarize the samples in a line."""
    cpu, growth = mean(each.cpu for each in samples), growth_mib_h(samples)
    if growth is None:
        return f"too short to say whether memory grows; {cpu:.0%} of a core"
    return f"memory grows by {growth:.1f} MiB an hour; {cpu:.0%} of a core"


def _sums(text: str) -> Counter[str]:
    """Return each metric, summed over its labels."""
    sums: Counter[str] = Counter()
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            if each.name.startswith("toteboard_"):
                sums[each.name] += int(each.value)
    return sums


def _cpu_s(process: Path) -> float:
    user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS_PER_S


def _rss_kb(process: Path) -> int:
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

"""Counts what the server does: whole numbers and histograms, nothing else.

The event loop counts by a call that costs almost nothing: no lock, no library, no I/O.
`toteboard/metrics.py` reads the counts and prints them for Prometheus.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
UNITS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0)
LATENESS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 3_600.0)
DONE: Final = "done"
"""The outcome of an op that was not refused. The outcome of others is the refusal's code."""


class Histogram:
    """Counts the values up to each of `bounds`, and those above the last."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def merge(self, counts: Sequence[int], total: float) -> None:
        """Add the counts of another histogram with the same bounds."""
        self.counts = [own + other for own, other in zip(self.counts, counts, strict=True)]
        self.total += total


class Counters:
    """The counts since the start. Durations are in seconds."""

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.op_seconds: defaultdict[str, Histogram] = defaultdict(lambda: Histogram(SECONDS))
        self.commit_seconds = Histogram(SECONDS)
        self.commit_units = Histogram(UNITS)
        self.commits_failed = 0
        self.timer_lateness = Histogram(LATENESS)
        self.deliveries = 0
        self.lagging = 0

    # What an edge in another process counts.

    def take(self) -> dict[str, Any]:
        """Return as JSON values what an edge has counted since the last call."""
        taken = {
            "outcomes": [[*names, count] for names, count in self.outcomes.items()],
            "op_seconds": {
                name: [each.counts, each.total] for name, each in self.op_seconds.items()
            },
            "lagging": self.lagging,
        }
        self.outcomes.clear()
        self.op_seconds.clear()
        self.lagging = 0
        return taken

    def add(self, taken: Mapping[str, Any]) -> None:
        """Count what an edge has counted."""
        for name, outcome, count in taken["outcomes"]:
            self.outcomes[name, outcome] += count
        for name, (counts, total) in taken["op_seconds"].items():
            self.op_seconds[name].merge(counts, total)
        self.lagging += taken["lagging"]

    # What happens in this process.

    def op(self, name: str, outcome: str, duration_s: float) -> None:
        """Count an op that was answered."""
        self.outcomes[name, outcome] += 1
        self.op_seconds[name].add(duration_s)

    def refused(self, name: str, outcome: str) -> None:
        """Count a message that was refused before it became a request."""
        self.outcomes[name, outcome] += 1

    def commit(self, duration_s: float, units: int) -> None:
        """Count a commit of the changes of `units` callers."""
        self.commit_seconds.add(duration_s)
        self.commit_units.add(units)

    def commit_failed(self) -> None:
        """Count a commit that failed."""
        self.commits_failed += 1

    def delivered(self, messages: int) -> None:
        """Count publications, each once for every subscriber."""
        self.deliveries += messages

    def lagged(self) -> None:
        """Count a client that was disconnected because it read too slowly."""
        self.lagging += 1

    def timer_late(self, late_ms: int) -> None:
        """Count a game that acted on its time, `late_ms` milliseconds after it."""
        self.timer_lateness.add(late_ms / 1_000)

"""What is counted, as Prometheus wants to be told (`/metrics`).

The counts themselves are in `actors/counters.py`, which knows nothing of Prometheus; what the
database holds is read in a thread, from a connection of its own, and at most every few seconds. The
text is made in the loop, in up to 5 ms: a thread would have to fight a busy loop for each line of
it.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import structlog
import trio
from attrs import Factory, define, frozen
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from actors.counters import Counters, Histogram
from actors.services import Services
from game.vocabulary import Status
from storage.database import Database
from storage.errors import StorageError
from storage.figures import Figures, figures

log = structlog.get_logger()

CONTENT_TYPE: Final = "text/plain; version=0.0.4"
FIGURES_LIVE_S: Final = 5.0
"""How old what was read from the database may be."""
READING_S: Final = 0.5
"""How long a request waits for it: a disk that is stuck must not keep the rest from being told."""


@frozen
class Moment:
    """What is true at the moment, rather than counted."""

    connections: int
    users: int
    waiting: int
    fullest: int
    figures: Figures | None


@define(eq=False)
class _Making:
    """A text under way. None once it is `done`: nothing came of it."""

    text: bytes | None = None
    done: trio.Event = Factory(trio.Event)


class Metrics:
    """Makes the text. `database` is a connection that nobody else uses."""

    def __init__(self, services: Services, database: Database) -> None:
        self._services = services
        self._database = database
        self._making: _Making | None = None
        self._one_thread = trio.CapacityLimiter(1)
        self._figures: Figures | None = None
        self._read_at = float("-inf")
        self._told = _Told(services.counters)
        self._registry = CollectorRegistry()
        self._registry.register(self._told)
        for basics in (ProcessCollector, PlatformCollector, GCCollector):
            basics(registry=self._registry)

    async def text(self) -> bytes:
        """All metrics, in Prometheus' text format: as of now or later. Many ask for one text."""
        while (making := self._making) is not None:
            await making.done.wait()
            if making.text is not None:
                return making.text
        making = self._making = _Making()
        try:
            await trio.lowlevel.checkpoint()  # those who ask in this round of the loop join
            await self._read()
            making.text = self._made()
            return making.text
        finally:
            self._making = None
            making.done.set()

    def _made(self) -> bytes:
        connections = self._services.connections.all()
        waiting = [connection.queued_batches for connection in connections]
        self._told.moment = Moment(
            connections=len(connections),
            users=len({connection.user_id for connection in connections}),
            waiting=sum(waiting),
            fullest=max(waiting, default=0),
            figures=self._figures,
        )
        return generate_latest(self._registry)

    async def _read(self) -> None:
        """What cannot be read is left out, rather than told as it was."""
        if trio.current_time() - self._read_at < FIGURES_LIVE_S:
            return
        self._read_at = trio.current_time()
        self._figures = None
        with trio.move_on_after(READING_S):
            try:
                self._figures = await trio.to_thread.run_sync(
                    figures, self._database, abandon_on_cancel=True, limiter=self._one_thread
                )
            except StorageError as error:
                log.error("storage_failed", error=str(error))


class _Told(Collector):
    """Reads the tally."""

    def __init__(self, counters: Counters) -> None:
        self._tally = counters
        self.moment = Moment(0, 0, 0, 0, None)

    def describe(self) -> Iterator[Metric]:
        """Nothing: the names are only known with the counts."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Every family of metrics."""
        yield from self._at_work()
        yield from self._of_readers()
        if self.moment.figures is not None:
            yield from _of_database(self.moment.figures)

    def _at_work(self) -> Iterator[Metric]:
        counters = self._tally
        ops = CounterMetricFamily(
            "toteboard_ops", "Ops answered, by name and by outcome.", labels=["op", "outcome"]
        )
        for names, count in list(counters.outcomes.items()):
            ops.add_metric(names, count)
        yield ops
        seconds = HistogramMetricFamily(
            "toteboard_op_seconds", "From the message to its answer.", labels=["op"]
        )
        for name, histogram in list(counters.op_seconds.items()):
            seconds.add_metric([name], _buckets(histogram), histogram.total)
        yield seconds
        yield _histogram("commit_seconds", "One durable commit.", counters.commit_seconds)
        yield _histogram("commit_units", "Callers joined in one commit.", counters.commit_units)
        yield _histogram("timer_late_seconds", "After a game's time.", counters.timer_lateness)
        yield _counter("commits_failed", "Commits that the disk refused.", counters.commits_failed)

    def _of_readers(self) -> Iterator[Metric]:
        counters, moment = self._tally, self.moment
        yield _counter("deliveries", "Publications, times readers.", counters.deliveries)
        yield _counter("lagging_closes", "Readers closed for not reading.", counters.lagging)
        yield _gauge("connections", "Open connections.", moment.connections)
        yield _gauge("users_connected", "Users with a connection.", moment.users)
        yield _gauge("outbox_messages", "What waits for readers, altogether.", moment.waiting)
        yield _gauge("outbox_fullest", "What waits for the slowest reader.", moment.fullest)


def _of_database(counted: Figures) -> Iterator[Metric]:
    games = GaugeMetricFamily("toteboard_games", "Games not closed.", labels=["status"])
    for status in Status:
        if status is not Status.CLOSED:
            games.add_metric([status], counted.open_games.get(status, 0))
    yield games
    for name, about, money in (
        ("money_held", "What players have and have staked.", counted.held),
        ("money_issued", "What was credited; the same, or money got lost.", counted.issued),
    ):
        family = GaugeMetricFamily(f"toteboard_{name}", about, labels=["currency"])
        for currency, hundredths in money.items():
            family.add_metric([currency], hundredths / 100)
        yield family


def _counter(name: str, about: str, count: int) -> Metric:
    return CounterMetricFamily(f"toteboard_{name}", about, value=count)


def _gauge(name: str, about: str, value: int) -> Metric:
    return GaugeMetricFamily(f"toteboard_{name}", about, value=value)


def _histogram(name: str, about: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(
        f"toteboard_{name}", about, buckets=_buckets(histogram), sum_value=histogram.total
    )


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """Cumulative, with their upper bounds."""
    bounds = [*map(str, histogram.bounds), "+Inf"]
    return list(zip(bounds, accumulate(list(histogram.counts)), strict=True))

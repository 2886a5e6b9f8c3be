"""The metrics in Prometheus' text format (`/metrics`).

`actors/counters.py` counts, and knows nothing of Prometheus. The figures of the database are read
in a thread, from a connection of their own, at most every few seconds. The text is made on the
event loop, which takes up to 5 ms; a thread would compete with a busy loop for each line of it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
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
"""The maximum age of the figures read from the database, in seconds."""
READING_S: Final = 0.5
"""How long a request waits for the figures: a stuck disk must not hide the other metrics."""


@frozen
class Moment:
    """The values of one moment, as opposed to counts."""

    connections: int
    users: int
    waiting: int
    fullest: int
    figures: Figures | None


@define(eq=False)
class _Making:
    """A text in progress. If `text` is None once `done` is set, it failed."""

    text: bytes | None = None
    done: trio.Event = Factory(trio.Event)


class Metrics:
    """Makes the text.

    `database` is a connection that nothing else uses. `outboxes` returns how many batches wait for
    each client. `others` have metrics of their own.
    """

    def __init__(
        self,
        services: Services,
        database: Database,
        outboxes: Callable[[], Collection[int]],
        others: Iterable[Collector] = (),
    ) -> None:
        self._services, self._outboxes = services, outboxes
        self._database = database
        self._making: _Making | None = None
        self._one_thread = trio.CapacityLimiter(1)
        self._figures: Figures | None = None
        self._read_at = float("-inf")
        self._families = _Families(services.counters)
        self._registry = CollectorRegistry()
        self._registry.register(self._families)
        for other in others:
            self._registry.register(other)
        for basics in (ProcessCollector, PlatformCollector, GCCollector):
            basics(registry=self._registry)

    async def text(self) -> bytes:
        """Return all metrics, as of now or later. Concurrent requests share one text."""
        while (making := self._making) is not None:
            await making.done.wait()
            if making.text is not None:
                return making.text
        making = self._making = _Making()
        try:
            await trio.lowlevel.checkpoint()  # requests of this round of the loop share the text
            await self._read()
            making.text = self._made()
            return making.text
        finally:
            self._making = None
            making.done.set()

    def _made(self) -> bytes:
        connections = self._services.connections.all()
        waiting = self._outboxes()
        self._families.moment = Moment(
            connections=len(connections),
            users=len({connection.user_id for connection in connections}),
            waiting=sum(waiting),
            fullest=max(waiting, default=0),
            figures=self._figures,
        )
        return generate_latest(self._registry)

    async def _read(self) -> None:
        """Read the figures. If that fails, leave them out instead of repeating old ones."""
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


class _Families(Collector):
    """The families of metrics, from the counters and the figures."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self.moment = Moment(0, 0, 0, 0, None)

    def describe(self) -> Iterator[Metric]:
        """Describe nothing, because the labels are known only with the counts."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield every family of metrics."""
        yield from self._of_work()
        yield from self._of_connections()
        if self.moment.figures is not None:
            yield from _of_database(self.moment.figures)

    def _of_work(self) -> Iterator[Metric]:
        counters = self._counters
        ops = CounterMetricFamily(
            "toteboard_ops", "Requests answered, by op and outcome.", labels=["op", "outcome"]
        )
        for names, count in list(counters.outcomes.items()):
            ops.add_metric(names, count)
        yield ops
        about = "Time from receiving a request to answering it, in seconds."
        seconds = HistogramMetricFamily("toteboard_op_seconds", about, labels=["op"])
        for name, histogram in list(counters.op_seconds.items()):
            seconds.add_metric([name], _buckets(histogram), histogram.total)
        yield seconds
        yield _histogram(
            "commit_seconds", "Duration of a durable commit, in seconds.", counters.commit_seconds
        )
        about = "Callers whose changes shared one commit."
        yield _histogram("commit_units", about, counters.commit_units)
        about = "Delay between the time of a game's timer and its action, in seconds."
        yield _histogram("timer_late_seconds", about, counters.timer_lateness)
        yield _counter("commits_failed", "Commits that failed.", counters.commits_failed)

    def _of_connections(self) -> Iterator[Metric]:
        counters, moment = self._counters, self.moment
        about = "Publications delivered, counted once per subscriber."
        yield _counter("deliveries", about, counters.deliveries)
        about = "Connections closed because the client read too slowly."
        yield _counter("lagging_closes", about, counters.lagging)
        yield _gauge("connections", "Open connections.", moment.connections)
        yield _gauge("users_connected", "Users with at least one connection.", moment.users)
        yield _gauge("outbox_messages", "Messages waiting in all outboxes.", moment.waiting)
        yield _gauge("outbox_fullest", "Messages waiting in the fullest outbox.", moment.fullest)


def _of_database(counted: Figures) -> Iterator[Metric]:
    about = "Games that are not closed, by status."
    games = GaugeMetricFamily("toteboard_games", about, labels=["status"])
    for status in Status:
        if status is not Status.CLOSED:
            games.add_metric([status], counted.open_games.get(status, 0))
    yield games
    for name, about, money in (
        ("money_held", "Money that players hold or have staked.", counted.held),
        ("money_house", "Takeout and breakage less what minus pools cost.", counted.house),
        ("money_carried", "Money carried over to later pools.", counted.carried),
        (
            "money_issued",
            "Money ever credited; must equal money_held + money_house + money_carried.",
            counted.issued,
        ),
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
    """Return the cumulative counts with their upper bounds."""
    bounds = [*map(str, histogram.bounds), "+Inf"]
    return list(zip(bounds, accumulate(list(histogram.counts)), strict=True))

"""The metrics of the event stream, by hook (docs/reference/metrics.md)."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from toteboard.hooks.stream import EventStream


class HookMetrics(Collector):
    """How far each hook is behind, and whether it has stopped."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream

    def describe(self) -> Iterator[Metric]:
        """Describe nothing, because the labels are known only with the hooks."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield the families of metrics."""
        about = "How long the oldest fact that a hook is posting has waited, in seconds."
        lag = GaugeMetricFamily("toteboard_hook_lag_seconds", about, labels=["hook"])
        about = "1 if the receiver of a hook has answered 410: nothing is posted until a replay."
        stopped = GaugeMetricFamily("toteboard_hook_stopped", about, labels=["hook"])
        for name, figures in self._stream.figures().items():
            lag.add_metric([name], figures.lag_s)
            stopped.add_metric([name], float(figures.is_stopped))
        yield from (lag, stopped)

"""The targets of the figures, as data. The benchmarks define the names of the figures.

`must` is the required value, `aim` the desired one.
"""

from attrs import frozen

from bench.sample import WEBSOCKETS, WS


@frozen
class Target:
    """A bound on a figure of our server, or on how many times cheaper it is than a peer."""

    figure: str
    must: float
    aim: float | None = None
    against: str = ""
    is_most: bool = True
    """The bound is a maximum. A ratio to a peer is always a minimum."""

    def is_met_by(self, value: float) -> bool:
        """Return whether the value satisfies `must`."""
        return value <= self.must if self.is_most and not self.against else value >= self.must

    def __str__(self) -> str:
        bound = {WEBSOCKETS: "xW ", WS: "xN "}.get(self.against, "≤ " if self.is_most else "≥ ")
        return f"{bound}{self.must:,g}" + (f", aim {self.aim:,g}" if self.aim is not None else "")


Bounds = tuple[float, float]
"""`must` and `aim`."""


def _times(figure: str, websockets: Bounds, ws: Bounds) -> tuple[Target, Target]:
    return (
        Target(figure, *websockets, against=WEBSOCKETS),
        Target(figure, *ws, against=WS),
    )


def _rate(scene: str, bets: Bounds, p99_ms: tuple[float, float | None]) -> tuple[Target, Target]:
    return (
        Target(f"{scene}: bets a second", *bets, is_most=False),
        Target(f"{scene}: p99, ms", *p99_ms),
    )


TARGETS = (
    Target("lone event, 1,000 subscribers: CPU a delivery, us", 1.2, 1.7, WEBSOCKETS),
    Target("lone event, 1,000 subscribers: CPU a delivery, us", 1.0, None, WS),
    *_times("flood, 1,000 subscribers: CPU a delivery, us", (1.2, 1.5), (1.1, 1.3)),
    Target("busy game, 1,000 subscribers: CPU a delivery, us", 10, 15, WEBSOCKETS),
    Target("busy game, 5,000 subscribers: CPU a delivery, us", 5, 6.5, WEBSOCKETS),
    *_times("ping, 50 x 4 in flight: CPU a reply, us", (3, 4), (1.1, 1.5)),
    *_times("get_game_details, 50 x 4 in flight: CPU a reply, us", (3, 4), (1.1, 1.5)),
    *_times("ping, 50 x 1 in flight: CPU a reply, us", (1.7, 2.2), (0.8, 1.0)),
    *_times("get_game_details, 50 x 1 in flight: CPU a reply, us", (1.7, 2.2), (0.8, 1.0)),
    *_rate("200 bettors, one pool, 0 watching", (10_000, 25_000), (20, None)),
    *_rate("200 bettors, fifty pools, 0 watching", (10_000, 25_000), (20, None)),
    *_rate("200 bettors, one pool, 1,000 watching", (5_000, 12_000), (40, 20)),
    *_rate("200 bettors, fifty pools, 1,000 watching", (5_000, 12_000), (40, 20)),
    Target("pool of 100,000 bets against one of 10: CPU, ratio", 1.1, 1.0),
    Target("20 ask 387: p50 of bets, ratio", 1.5, 1.2),
    Target("idle connection: memory, kB", 26, 18),
    Target("200 of 1,000 stalled: p99 of the others, ratio", 1.2),
    Target("actors: memory a game, kB", 8, 5),
    Target("rows only: start to listening, s", 20),
    Target("fell due while down: start to listening, s", 20),
    Target("10,000 due in a second: late p99, ms", 250, 100),
)

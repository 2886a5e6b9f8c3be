"""The targets of the figures, as data. The benchmarks define the names of the figures.

`must` is the required value, `aim` the desired one.
"""

from attrs import frozen

from bench.sample import LIMIT, USUAL, WEBSOCKETS, WS

BOUNDS = {WEBSOCKETS: "xW ", WS: "xN ", LIMIT: "xLimit ", USUAL: "xUsual "}


@frozen
class Target:
    """A bound on a figure of our server, or on how many times better it is than a peer."""

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
        bound = BOUNDS.get(self.against, "≤ " if self.is_most else "≥ ")
        return f"{bound}{self.must:,g}" + (f", aim {self.aim:,g}" if self.aim is not None else "")


Bounds = tuple[float, float | None]
"""`must` and `aim`."""


def _times(figure: str, websockets: Bounds, ws: Bounds) -> tuple[Target, Target]:
    return (
        Target(figure, *websockets, against=WEBSOCKETS),
        Target(figure, *ws, against=WS),
    )


def _rate(scene: str, must: float, aim: float) -> Target:
    return Target(f"{scene}: bets a second", must, aim, is_most=False)


TARGETS = (
    *_times("lone chat line, 1,000 subscribers: CPU a delivery, us", (1.2, None), (1.0, None)),
    *_times("lone event, 1,000 subscribers: CPU a delivery, us", (1.0, 1.2), (0.9, 1.1)),
    *_times("flood, 1,000 subscribers: CPU a delivery, us", (1.0, 1.2), (0.9, 1.1)),
    Target("busy game, 1,000 subscribers: CPU a delivery, us", 20, 30, WEBSOCKETS),
    Target("busy game, 5,000 subscribers: CPU a delivery, us", 20, 40, WEBSOCKETS),
    *_times("ping, 50 x 4 in flight: CPU a reply, us", (3, None), (1.4, 1.8)),
    *_times("get_game_details, 50 x 4 in flight: CPU a reply, us", (1.6, None), (1.0, 1.3)),
    Target("ping, 50 x 1 in flight: CPU a reply, us", 0.85, 1.0, WS),
    Target("get_game_details, 50 x 1 in flight: CPU a reply, us", 0.7, 0.9, WS),
    _rate("200 bettors, one pool, 0 watching", 15_000, 20_000),
    _rate("200 bettors, fifty pools, 0 watching", 13_000, 18_000),
    _rate("200 bettors, one pool, 1,000 watching", 12_000, 15_000),
    _rate("200 bettors, fifty pools, 1,000 watching", 8_000, 12_000),
    Target("8,000 bets a second offered, one pool: p99, ms", 15, 8),
    Target("200 in flight: bets a second", 0.5, 0.7, LIMIT),
    Target("200 in flight: bets a second", 3, 5, USUAL),
    Target("pool of 100,000 bets against one of 10: CPU, ratio", 1.1, 1.0),
    Target("pool with a policy, limits and delay 0 against a plain one: CPU a bet, ratio", 1.05),
    Target("20 ask 387: p50 of bets, ratio", 1.5, 1.2),
    Target("idle connection: memory, kB", 24, 18),
    Target("200 of 1,000 stalled: p99 of the others, ratio", 1.2),
    Target("actors: memory a game, kB", 8, 5),
    Target("rows only: start to listening, s", 20),
    Target("fell due while down: start to listening, s", 20),
    Target("2,000 due in a second: late p99, ms", 50, 10),
)

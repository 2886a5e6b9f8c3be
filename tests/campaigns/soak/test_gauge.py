"""A soak finds growing memory, and resources that remain when every client has left."""

from attrs import evolve

from tests.campaigns.soak.gauge import FEWEST, FLAT_MIB_H, Sample, growth_mib_h, judged, told

QUIET = Sample(
    minute=0.0,
    rss_mib=60.0,
    files=20,
    threads=4,
    cpu=0.0,
    connections=0,
    games=0,
    outbox=0,
    ops=0,
    lagging=0,
    errors=0,
)


def hour(growth_mib_h: float, warm_up_mib: float = 0.0) -> list[Sample]:
    """Return a sample per minute. The warm-up is over after ten."""
    return [
        evolve(
            QUIET,
            minute=float(minute),
            rss_mib=60 + growth_mib_h * minute / 60 + warm_up_mib * min(minute, 10),
        )
        for minute in range(60)
    ]


def test_memory_that_grows_is_found_and_a_warm_up_is_not() -> None:
    assert judged(QUIET, hour(FLAT_MIB_H + 1), QUIET) == ["memory grows by 9.0 MiB an hour"]
    assert judged(QUIET, hour(FLAT_MIB_H - 1, warm_up_mib=5), QUIET) == []
    assert judged(QUIET, hour(-20), QUIET) == []


def test_too_few_samples_are_no_line() -> None:
    few = hour(100)[: 2 * FEWEST - 2]
    assert growth_mib_h(few) is None
    assert told(few).startswith("too short to say")


def test_what_is_left_is_found() -> None:
    left = evolve(QUIET, files=21, connections=1, games=2, outbox=3)
    assert judged(QUIET, [], left) == [
        "21 files are open, and 20 were at first",
        "1 left of connections",
        "2 left of games",
        "3 left of outbox",
    ]

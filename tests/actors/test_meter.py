"""How fast a connection may send (contract, section 9), under simulated time."""

import trio

from actors.meter import Meter


async def spend(meter: Meter, seconds: float, per_second: int) -> list[bool]:
    """Whether each op of a steady client is granted, until it is given up."""
    granted = []
    for _ in range(int(seconds * per_second)):
        granted.append(meter.spend() is None)
        if meter.is_hopeless:
            break
        await trio.sleep(1 / per_second)
    return granted


async def test_a_burst_and_a_rate_are_granted(autojump_clock: object) -> None:
    meter = Meter(rate=200, burst=400)
    assert all(meter.spend() is None for _ in range(400))
    refusal = meter.spend()
    assert refusal is not None
    assert refusal.details["retry_after_ms"] == 5
    await trio.sleep(0.005)
    assert meter.spend() is None


async def test_whoever_stays_over_the_rate_for_ten_seconds_is_given_up(
    autojump_clock: object,
) -> None:
    for per_second in (300, 400, 3_000):
        meter = Meter(rate=200, burst=400)
        start = trio.current_time()
        await spend(meter, 60, per_second)
        assert meter.is_hopeless
        assert trio.current_time() - start >= 10


async def test_whoever_comes_back_to_the_rate_is_not(autojump_clock: object) -> None:
    meter = Meter(rate=200, burst=400)
    await spend(meter, 1, 1_000)
    assert not all(await spend(meter, 1, 190)), "the bucket was empty"
    assert all(await spend(meter, 30, 190))
    assert not meter.is_hopeless
    sparing = Meter(rate=2, burst=100)
    assert [sparing.spend() is None for _ in range(101)].count(False) == 1
    for _ in range(20):
        await trio.sleep(2)
        assert sparing.spend() is None
        assert not sparing.is_hopeless


async def test_a_rate_of_nothing_is_none(autojump_clock: object) -> None:
    meter = Meter(rate=0, burst=1)
    assert all(meter.spend() is None for _ in range(10_000))

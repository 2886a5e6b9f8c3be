"""The rate limit of a connection (contract, section 9), on simulated time."""

import sys

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from actors.edge.rate_limiter import GRAIN_S, WINDOW_S, RateLimiter, SlidingWindow


async def spend(limiter: RateLimiter, seconds: float, per_second: int) -> list[bool]:
    """Return whether each request of a steady client is granted, until it has to be closed."""
    granted = []
    for _ in range(int(seconds * per_second)):
        granted.append(limiter.spend() is None)
        if limiter.must_close:
            break
        await trio.sleep(1 / per_second)
    return granted


async def test_a_burst_and_a_rate_are_granted(autojump_clock: object) -> None:
    limiter = RateLimiter(rate=200, burst=400)
    assert all(limiter.spend() is None for _ in range(400))
    refusal = limiter.spend()
    assert refusal is not None
    assert refusal.details["retry_after_ms"] == 5
    await trio.sleep(0.005)
    assert limiter.spend() is None
    assert limiter.spend() is not None


async def wait_as_asked(limiter: RateLimiter) -> None:
    """Repeat a request until it is granted, waiting as long as each refusal asks."""
    while (refusal := limiter.spend()) is not None:
        assert not limiter.must_close
        await trio.sleep(refusal.details["retry_after_ms"] / 1_000)


@pytest.mark.parametrize(("rate", "burst"), [(1, 1), (3, 5), (10, 5), (200, 400), (999, 1)])
async def test_a_client_that_waits_as_asked_is_never_closed(
    autojump_clock: object, rate: int, burst: int
) -> None:
    """Refused requests are sent twice, so the client sends more than its rate."""
    limiter, began, granted = RateLimiter(rate, burst), trio.current_time(), 0
    while trio.current_time() - began < 100:
        await wait_as_asked(limiter)
        granted += 1
    assert burst + 100 * rate >= granted - 1 > 100 * rate * 0.49


@given(
    st.integers(1, 20),
    st.integers(1, 30),
    st.lists(st.tuples(st.floats(0, 12), st.integers(1, 100)), max_size=30),
)
def test_no_pattern_of_waiting_as_asked_closes_a_connection(
    rate: int, burst: int, wanted: list[tuple[float, int]]
) -> None:
    async def send() -> None:
        limiter = RateLimiter(rate, burst)
        for idle_s, count in wanted:
            await trio.sleep(idle_s)
            for _ in range(count):
                await wait_as_asked(limiter)

    trio.run(send, clock=MockClock(autojump_threshold=0))


async def test_a_connection_that_sends_too_much_in_ten_seconds_is_closed(
    autojump_clock: object,
) -> None:
    for per_second in (300, 400, 3_000):
        limiter = RateLimiter(rate=200, burst=400)
        sent = await spend(limiter, 60, per_second)
        assert limiter.must_close
        assert len(sent) == pytest.approx(400 + 10 * 200, abs=15)


@pytest.mark.parametrize("late_s", [0.0, 5.0, 9.98])
async def test_one_message_too_many_is_counted_however_late_it_arrives(
    autojump_clock: object, late_s: float
) -> None:
    limiter = RateLimiter(rate=50, burst=20)
    for _ in range(520):
        limiter.spend()
    assert not limiter.must_close
    await trio.sleep(late_s)
    limiter.spend()
    assert limiter.must_close


async def test_messages_of_ten_seconds_ago_no_longer_count(autojump_clock: object) -> None:
    limiter = RateLimiter(rate=50, burst=20)
    for _ in range(5):
        for _ in range(520):
            limiter.spend()
            assert not limiter.must_close
        await trio.sleep(10)


async def test_bursts_with_pauses_between_them_do_not_hide_a_flood(autojump_clock: object) -> None:
    """20 together, 20 times a second, are 400 a second where 50 are allowed."""
    limiter = RateLimiter(rate=50, burst=400)
    began = trio.current_time()
    while not limiter.must_close:
        for _ in range(20):
            limiter.spend()
        await trio.sleep(0.05)
    assert trio.current_time() - began < 3


async def test_a_client_that_returns_to_the_rate_is_not_closed(autojump_clock: object) -> None:
    limiter = RateLimiter(rate=200, burst=400)
    assert not all(await spend(limiter, 0.55, 1_000)), "the bucket is empty"
    await trio.sleep(0.01)
    assert all(await spend(limiter, 30, 190))
    assert not limiter.must_close
    sparing = RateLimiter(rate=2, burst=100)
    assert [sparing.spend() is None for _ in range(101)].count(False) == 1
    for _ in range(20):
        await trio.sleep(2)
        assert sparing.spend() is None
        assert not sparing.must_close


async def test_a_rate_of_zero_is_no_limit(autojump_clock: object) -> None:
    limiter = RateLimiter(rate=0, burst=1)
    assert all(limiter.spend() is None for _ in range(10_000))


async def test_messages_that_arrive_together_after_a_pause_close_nothing(
    autojump_clock: MockClock,
) -> None:
    limiter = RateLimiter(rate=50, burst=20)
    autojump_clock.jump(100)
    limiter.on_pause()
    granted = [limiter.spend() is None for _ in range(5_000)]
    assert granted.count(True) == 20
    assert not limiter.must_close
    await trio.sleep(WINDOW_S)
    await spend(limiter, 20, 500)
    assert limiter.must_close, "not for long"


gaps = st.one_of(
    st.just(0.0),
    st.floats(0, 3 * GRAIN_S),
    st.floats(0, 2.0),
    st.sampled_from([GRAIN_S, 0.05, WINDOW_S - 2 * GRAIN_S, WINDOW_S, 1.5 * WINDOW_S]),
)
bursts = st.lists(st.tuples(gaps, st.integers(1, 30)), min_size=1, max_size=150)


@given(bursts)
def test_a_window_counts_as_a_list_of_all_times_does(bursts: list[tuple[float, int]]) -> None:
    """It never counts more, and at most the messages of the last grain of the window less."""
    window, times, now = SlidingWindow(WINDOW_S, GRAIN_S), list[float](), 1_000.0
    for gap, size in bursts:
        now += gap
        for _ in range(size):
            times.append(now)
            window.add(now)
            exact = sum(now - time < WINDOW_S for time in times)
            surely = sum(now - time < WINDOW_S - GRAIN_S for time in times)
            assert surely <= window.total <= exact


@given(st.lists(st.floats(GRAIN_S, 3.0), min_size=1, max_size=300))
def test_a_window_is_exact_for_messages_a_grain_apart(gaps: list[float]) -> None:
    window, times, now = SlidingWindow(WINDOW_S, GRAIN_S), list[float](), 0.0
    for gap in gaps:
        now += gap * 1.001
        times.append(now)
        window.add(now)
        assert window.total == sum(now - time < WINDOW_S for time in times)


@given(st.integers(0, 20), st.integers(1, 30), bursts)
def test_a_client_that_is_never_refused_is_never_closed(
    rate: int, burst: int, bursts: list[tuple[float, int]]
) -> None:
    async def send() -> None:
        limiter = RateLimiter(rate, burst)
        for gap, size in bursts:
            await trio.sleep(gap)
            if all(limiter.spend() is None for _ in range(size)):
                assert not limiter.must_close
            else:
                return

    trio.run(send, clock=MockClock(autojump_threshold=0))


def test_a_connection_that_floods_takes_no_more_memory_than_a_window_of_marks() -> None:
    window = SlidingWindow(WINDOW_S, GRAIN_S)
    for number in range(1_000_000):
        window.add(number * 0.0007)
    marks = WINDOW_S / GRAIN_S + 1
    assert len(window._marks) == len(window._counts) <= marks
    assert sys.getsizeof(window._marks) + sys.getsizeof(window._counts) < 20 * marks

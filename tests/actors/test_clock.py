"""The machine's clock: small corrections are followed, large steps only after a while."""

from itertools import pairwise

import pytest
import trio
from attrs import define
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.clock import LOOK_EVERY_NS, SystemClock
from actors.clock_steps import LARGEST_FOLLOWED, ClockEvent, Offset

MS, S = 10**6, 10**9
HOUR_MS, HOUR = 3_600_000, 3_600 * S
NOW = 1_800_000_000 * S
PATIENCE_MS = 60_000


@define
class Machine:
    """Two clocks that the test controls, in nanoseconds: a wall clock and a monotonic one."""

    elapsed: int = 5 * S
    ahead: int = 0
    stops_between: int = 0
    """How long the process is suspended the next time that the wall clock is read."""

    def clock(self, patience_ms: int = PATIENCE_MS) -> SystemClock:
        return SystemClock(patience_ms, wall=self.read_wall, elapsed=lambda: self.elapsed)

    def read_wall(self) -> int:
        wall = self.wall
        self.elapsed, self.stops_between = self.elapsed + self.stops_between, 0
        return wall

    @property
    def wall(self) -> int:
        return NOW + self.elapsed + self.ahead

    @property
    def wall_ms(self) -> int:
        return self.wall // MS

    def passes(self, seconds: float) -> None:
        self.elapsed += round(seconds * S)


def events(lines: object) -> list[tuple[str, str, int]]:
    assert isinstance(lines, list)
    return [(line["log_level"], line["event"], line["step_ms"]) for line in lines]


@pytest.mark.parametrize("step_s", [-30, -29, -1, -0.001, 0.001, 1, 30])
def test_a_small_step_is_followed(step_s: float) -> None:
    machine = Machine()
    clock = machine.clock()
    with capture_logs() as lines:
        machine.ahead += round(step_s * S)
        machine.passes(0.1)
        assert clock.now() == machine.wall_ms
        assert clock.trouble() is None
    assert not lines


@pytest.mark.parametrize("step_ms", [-HOUR_MS, -30_001, 30_001, HOUR_MS, 10 * 365 * 24 * HOUR_MS])
def test_a_large_step_is_an_alarm_and_the_old_time_goes_on(step_ms: int) -> None:
    machine = Machine()
    clock = machine.clock()
    with capture_logs() as lines:
        machine.ahead = step_ms * MS
        for _ in range(590):
            machine.passes(0.1)
            assert clock.now() == machine.wall_ms - step_ms
        assert clock.trouble() == "clock stepped"
    assert events(lines) == [("error", "clock_stepped", step_ms)]


@pytest.mark.parametrize("step_ms", [-HOUR_MS, HOUR_MS])
def test_a_clock_that_comes_back_in_time_has_done_nothing(step_ms: int) -> None:
    machine = Machine()
    clock = machine.clock()
    with capture_logs() as lines:
        machine.ahead = step_ms * MS
        for _ in range(59):
            machine.passes(1)
            assert clock.now() == machine.wall_ms - step_ms
        machine.ahead = 3 * MS
        machine.passes(0.5)
        assert clock.now() == machine.wall_ms
        assert clock.trouble() is None
        machine.passes(1_000)
        assert clock.now() == machine.wall_ms
    stepped, returned = events(lines)
    assert stepped == ("error", "clock_stepped", step_ms)
    assert returned == ("warning", "clock_returned", step_ms)


@pytest.mark.parametrize("step_ms", [-HOUR_MS, HOUR_MS])
@pytest.mark.parametrize("patience_ms", [0, 1_000, PATIENCE_MS])
def test_a_step_that_lasts_is_accepted(step_ms: int, patience_ms: int) -> None:
    machine = Machine()
    clock = machine.clock(patience_ms)
    with capture_logs() as lines:
        machine.ahead = step_ms * MS
        machine.passes(1)
        assert clock.now() == machine.wall_ms - step_ms
        machine.passes(patience_ms / 1_000 + 0.1)
        assert clock.now() == machine.wall_ms
        assert clock.trouble() is None
    assert events(lines) == [
        ("error", "clock_stepped", step_ms),
        ("warning", "clock_accepted", step_ms),
    ]


def test_each_further_step_begins_the_waiting_anew() -> None:
    machine = Machine()
    clock = machine.clock()
    old = machine.ahead
    for hours in (1, 2, -1):
        machine.ahead = hours * HOUR
        machine.passes(0.1)
        assert clock.now() == (machine.wall + old - machine.ahead) // MS
        machine.passes(59.8)
        assert clock.now() == (machine.wall + old - machine.ahead) // MS
    machine.passes(0.3)
    assert clock.now() == machine.wall_ms


@pytest.mark.parametrize("pause_s", [0.02, 40, HOUR_MS / 1_000])
def test_a_process_that_stood_still_has_seen_no_step(pause_s: float) -> None:
    """The pause may also be between reading the two clocks."""
    machine = Machine()
    with capture_logs() as lines:
        clock = machine.clock()
        machine.passes(pause_s)
        assert clock.now() == machine.wall_ms
        machine.passes(0.1)
        machine.stops_between = round(pause_s * S)
        assert clock.now() == machine.wall_ms, "and the time after the pause is what counts"
        machine.passes(0.1)
        assert clock.now() == machine.wall_ms
    assert not lines


def test_a_clock_that_is_made_while_the_process_stands_still_is_right() -> None:
    machine = Machine(stops_between=HOUR)
    assert machine.clock().now() == machine.wall_ms


async def test_all_who_wait_look_again_when_a_step_is_accepted(autojump_clock: MockClock) -> None:
    machine = Machine()
    clock = machine.clock()
    assert clock.deadline(None) == trio.current_time() + 60
    assert clock.deadline(clock.now() + 5_000) == pytest.approx(trio.current_time() + 5)
    machine.ahead = HOUR
    machine.passes(1)
    assert clock.trouble() == "clock stepped"
    machine.passes(20)
    left = clock.deadline(None) - trio.current_time()
    assert left == pytest.approx(40, abs=0.01)
    machine.passes(left)
    assert clock.now() == machine.wall_ms


async def test_a_step_is_noticed_though_nothing_asks_for_the_time(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    began = trio.current_time()
    ahead = 0

    def elapsed() -> int:
        return round((trio.current_time() - began) * S)

    clock = SystemClock(PATIENCE_MS, wall=lambda: NOW + elapsed() + ahead, elapsed=elapsed)
    nursery.start_soon(clock.watch)
    with capture_logs() as lines:
        await trio.sleep(10)
        ahead = HOUR
        await trio.sleep(1.5)
        assert events(lines) == [("error", "clock_stepped", HOUR_MS)]
        await trio.sleep(61)
        assert [line["event"] for line in lines] == ["clock_stepped", "clock_accepted"]


readings = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 20 * S), st.just(60 * S), st.just(300 * S)),
        st.one_of(
            st.just(0),
            st.integers(-HOUR, HOUR),
            st.sampled_from([LARGEST_FOLLOWED, -LARGEST_FOLLOWED, LARGEST_FOLLOWED + 1]),
            st.integers(-40 * S, 40 * S),
        ),
    ),
    max_size=40,
)
"""How much time passes, and the offset of the wall clock then."""


@given(readings, st.integers(0, 120 * S))
def test_whatever_the_clock_does_a_large_step_waits_for_its_time(
    readings: list[tuple[int, int]], patience: int
) -> None:
    offset, elapsed, stepped_at = Offset(0, patience), 0, None
    history = [offset.in_force]
    for passed, ahead in readings:
        elapsed += passed
        before = offset.in_force
        event = offset.look(elapsed + ahead, elapsed)
        is_large = abs(ahead - before) > LARGEST_FOLLOWED
        if not is_large:
            assert offset.in_force == ahead, "small steps are followed"
            assert event is (None if stepped_at is None else ClockEvent.RETURNED)
            stepped_at = None
        elif event is ClockEvent.ACCEPTED:
            assert offset.in_force == ahead
            assert stepped_at is not None
            assert elapsed - stepped_at >= patience
            stepped_at = None
        else:
            assert offset.in_force == before, "a large one is not"
            assert event in (None, ClockEvent.STEPPED)
            assert (stepped_at is None) <= (event is ClockEvent.STEPPED)
            stepped_at = elapsed if event is ClockEvent.STEPPED else stepped_at
            assert stepped_at is not None
            assert event is ClockEvent.STEPPED or elapsed - stepped_at < patience
            assert offset.step == ahead - before
        assert (offset.accepts_at is None) == (stepped_at is None)
        history.append(offset.in_force)
    accepted = sum(abs(new - old) > LARGEST_FOLLOWED for old, new in pairwise(history))
    assert accepted <= len(readings) / 2, "each is first seen, then accepted"


def test_looking_at_the_clock_is_rare_however_often_the_time_is_asked() -> None:
    looks = 0

    def wall() -> int:
        nonlocal looks
        looks += 1
        return NOW

    machine = Machine()
    clock = SystemClock(wall=wall, elapsed=lambda: machine.elapsed)
    for _ in range(1_000):
        machine.elapsed += LOOK_EVERY_NS // 100
        clock.now()
    assert looks <= 11

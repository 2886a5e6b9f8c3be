"""A burst of attempts, then one in every interval, for each key separately."""

import pytest

from actors.edge.addresses import neighbourhood
from toteboard.http.throttle import Throttle


def test_so_many_at_once_and_then_one_in_every_interval() -> None:
    throttle = Throttle(burst=3, interval_s=10)
    assert [throttle.take("ann", 100) for _ in range(4)] == [0, 0, 0, 10]
    assert throttle.take("ann", 109) == 1
    assert throttle.take("ann", 110) == 0
    assert throttle.take("ann", 110) == 10


def test_after_a_pause_everything_is_as_at_the_start() -> None:
    throttle = Throttle(burst=2, interval_s=10)
    assert [throttle.take("ann", 100) for _ in range(3)] == [0, 0, 10]
    assert [throttle.take("ann", 1_000) for _ in range(3)] == [0, 0, 10]


def test_what_is_refused_makes_nobody_wait_longer() -> None:
    throttle = Throttle(burst=1, interval_s=10)
    assert [throttle.take("ann", 100) for _ in range(100)] == [0] + [10] * 99
    assert throttle.take("ann", 110) == 0


def test_one_does_not_pay_for_another() -> None:
    throttle = Throttle(burst=1, interval_s=10)
    assert [throttle.take(name, 100) for name in ("ann", "bob", "ann")] == [0, 0, 10]


def test_what_is_given_back_was_never_taken() -> None:
    throttle = Throttle(burst=1, interval_s=10)
    for _ in range(5):
        assert throttle.take("ann", 100) == 0
        throttle.refund("ann")
    throttle.refund("bob")


def test_only_so_many_are_remembered_those_that_tried_last() -> None:
    throttle = Throttle(burst=1, interval_s=10, most_keys=2)
    for name in ("ann", "bob", "cat"):
        throttle.take(name, 100)
    assert [throttle.take(name, 100) for name in ("cat", "bob")] == [10, 10]
    assert throttle.take("ann", 100) == 0


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("x" * 1_000, "x" * 64, True),
    ],
)
def test_neighbours_are_counted_together(one: str, other: str, is_same: bool) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is is_same

"""Any bytes to either port are answered as HTTP or refused, and affect that connection alone.

`make fuzz-http` sends a million connections to the same target. These tests send selected inputs
and some thousands that come from a seed.
"""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.campaigns.fuzz.http import heads
from tests.campaigns.fuzz.http.inputs import ENDS
from tests.campaigns.fuzz.http.target import HttpTarget
from tests.support.depth import depth

DAMAGED = depth(gate=1_500, deep=20_000)
EVERY_STATUS = {"200", "304", "400", "401", "403", "404", "405", "408", "409", "413", "415"}


@pytest.fixture(scope="module")
def target() -> Iterator[HttpTarget]:
    with HttpTarget() as made:
        yield made


def test_every_kind_of_request_is_answered(target: HttpTarget) -> None:
    before = target.outcomes.copy()
    for data in target.inputs.sown(Random(1)):
        target(data)
    target.finish()
    outcomes = (target.outcomes - before).keys()
    assert EVERY_STATUS | {"431", "501", "505", "a WebSocket"} <= outcomes, outcomes


@pytest.mark.deep
def test_whatever_is_damaged_is_refused_and_costs_that_connection_alone(target: HttpTarget) -> None:
    chance, made = Random(1), [*target.inputs.sown(Random(1))]
    for _ in range(DAMAGED):
        data = target.inputs.damaged(chance.choice(made), chance)
        target(data)
        made.append(data)
    target.finish()


@settings(max_examples=300)
@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_read_as_others_read_them_or_refused(said: bytes, at: int) -> None:
    heads.is_the_same_in_pieces(said, at)


@settings(max_examples=60)
@given(st.integers(0, 15), st.integers(0, 255), st.binary(max_size=200))
def test_any_bytes_are_answered_or_hung_up_on(
    target: HttpTarget, manner: int, cut: int, said: bytes
) -> None:
    target(bytes([manner, cut]) + b"GET /" + said)


def test_a_pipeline_of_hundreds_is_answered_to_its_end(target: HttpTarget) -> None:
    before = target.outcomes["200"]
    target(bytes([ENDS, 0]) + b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n" * 300)
    assert target.outcomes["200"] - before == 300
    target.finish()

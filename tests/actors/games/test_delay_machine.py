"""Bets that wait for their delay, in any order of requests, times and faults."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.delay_machine import DelayMachine
from tests.support.depth import IS_DEEP, depth

ANSWERS = {
    *("356", "356 repeated", "pool_blocked", "pool_resolved", "unknown_target", "overloaded"),
    *("insufficient_funds", "limit_reached", "idempotency_conflict", "game_closed"),
}
"""All answers that the contract has for a bet in a pool with a delay, whose game is in play."""
A_RUN = settings(
    max_examples=depth(gate=25, deep=5_000),
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.deep
def test_a_bet_that_waits_is_answered_once_and_as_the_contract_says() -> None:
    DelayMachine.answered = set()
    run_state_machine_as_test(DelayMachine, settings=A_RUN)
    assert DelayMachine.answered <= ANSWERS
    if IS_DEEP:
        assert DelayMachine.answered == ANSWERS

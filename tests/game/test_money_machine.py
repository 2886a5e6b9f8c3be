"""Money is conserved, and no user is paid twice, in any history: see `money_machine.py`.

`make test` takes at least 8,000 steps, `make deep` a million.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.depth import depth
from tests.support.money_machine import MoneyMachine

STEPS = depth(gate=8_000, deep=1_000_000)
A_ROUND = settings(
    max_examples=100,
    stateful_step_count=100,
    derandomize=False,  # or every round would be the same
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.deep
def test_money_is_conserved_by_any_sequence_of_commands() -> None:
    MoneyMachine.steps = 0
    while (before := MoneyMachine.steps) < STEPS:
        run_state_machine_as_test(MoneyMachine, settings=A_ROUND)
        assert MoneyMachine.steps > before, "a round takes steps"

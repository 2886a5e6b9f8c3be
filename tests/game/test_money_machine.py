"""Money is conserved, and no user is paid twice, in any history: `tests/support/money_machine.py`.

`make test` takes at least 8,000 steps, `make deep` a million.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.depth import depth
from tests.support.results_machine import ResultsMachine

STEPS = depth(gate=8_000, deep=1_000_000)
A_ROUND = settings(
    max_examples=100,
    stateful_step_count=100,
    derandomize=False,  # or every round would be the same
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.deep
def test_money_is_conserved_by_any_sequence_of_commands() -> None:
    ResultsMachine.steps = 0
    while (before := ResultsMachine.steps) < STEPS:
        run_state_machine_as_test(ResultsMachine, settings=A_ROUND)
        assert ResultsMachine.steps > before, "a round takes steps"

"""The invariants of every game, for any sequence of commands: `tests/support/game_machine.py`."""

from hypothesis import settings

from tests.support.depth import depth
from tests.support.game_machine import GameMachine

GameMachine.TestCase.settings = settings(
    max_examples=depth(gate=100, deep=10_000), stateful_step_count=25
)
TestTheInvariantsHold = GameMachine.TestCase

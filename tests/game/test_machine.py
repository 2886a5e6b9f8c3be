"""The invariants of every game, whatever is asked of it and whenever: see `machine.py`."""

from hypothesis import settings

from tests.game.machine import GameMachine

GameMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=25)
TestTheInvariantsHold = GameMachine.TestCase

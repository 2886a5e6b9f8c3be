"""Play a game on the pure rules, with the work of its actor but without the actor."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve

from game.commands import Command, CreateAndOpenGame, CreateGame
from game.context import DecisionContext
from game.decide import decide, decide_creation
from game.due import Due, due_together
from game.facts import Entry, Fact, PoolOpened
from game.limits import RuleLimits
from game.refusals import Refusal
from game.state import Game, apply, create

SOURCE = "5a1c0ab7-e45e-4c4b-8e6f-9d5f1f2f3a4b"
GAME = "6ab7e4c0-5e2c-4b6e-9f5d-1f2f3a4b5c6d"
NOW = 1_800_000_000_000
HOST, ANN, BOB = 1, 2, 3
MATCH = "Argentina - Brazil"
POOL = "5c0ab7e4-5e2c-4b6e-9f5d-1f2f3a4b5c6d"

OPENED = PoolOpened(
    pool_id=POOL,
    description="Who is next?",
    type=1,
    action_id="goal",
    targets={"argentina:7": "7", "argentina:10 b": "10 B", "none": "None"},
    is_blocked=False,
    is_hot=True,
    finish_at=None,
    stop_accepting_bets_at=NOW + 60_000,
    recreate_on_end=False,
    by=HOST,
)
UNTIMED = evolve(OPENED, is_hot=False, stop_accepting_bets_at=None)
"""The same, neither hot nor with a time at which bets close."""


def creation(*, opened: bool = True, game_name: str = MATCH, **parameters: Any) -> CreateGame:
    """Return a parsed 370, or a 3701 if not `opened`."""
    kind = CreateAndOpenGame if opened else CreateGame
    return kind(source_id=SOURCE, game_name=game_name, **parameters)


def next_due(game: Game, now: int) -> Due | None:
    """Return what is due first at `now` (epoch ms), or None."""
    return next(iter(due_together(game, now)), None)


class Play:
    """A game and its journal since its creation. Times are in epoch ms."""

    def __init__(
        self, command: CreateGame | None = None, *, now: int = NOW, limits: RuleLimits | None = None
    ) -> None:
        self.now = now
        self.limits = limits or RuleLimits()
        fact = decide_creation(command or creation(), GAME, self._occasion(HOST, None))
        self.entries = [Entry(1, now, fact)]
        self.game = create(self.entries[0])

    def do(self, command: Command, *, by: int = HOST, subject: int | None = None) -> Sequence[Fact]:
        """Decide and apply a command. Raise `Refusal`."""
        facts = decide(self.game, command, self._occasion(by, subject))
        for fact in facts:
            self._happened(fact, self.now)
        return facts

    def refused(self, command: Command, *, by: int = HOST, subject: int | None = None) -> Refusal:
        """Return the refusal of a command."""
        with pytest.raises(Refusal) as caught:
            self.do(command, by=by, subject=subject)
        return caught.value

    def wait_until(self, now: int) -> list[tuple[int, Fact]]:
        """Let time pass until `now`. Return the facts that became due, each with its time."""
        self.now, before = now, len(self.entries)
        while (due := next_due(self.game, now)) is not None:
            for fact in due.facts():
                self._happened(fact, due.at)
            assert len(self.entries) - before < 1_000, "time alone goes round in circles"
        return [(entry.at, entry.fact) for entry in self.entries[before:]]

    def _happened(self, fact: Fact, at: int) -> None:
        entry = Entry(self.game.seq + 1, max(at, self.game.clock), fact)
        apply(self.game, entry)
        self.entries.append(entry)

    def _occasion(self, by: int, subject: int | None) -> DecisionContext:
        return DecisionContext(now=self.now, user_id=by, limits=self.limits, subject_id=subject)

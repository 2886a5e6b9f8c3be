"""A game's journal on disk: its replay is the same game."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_type_hints

import pytest
from attrs import astuple, fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from game.commands import BecomeAdmin, OpenGame, UpdateGame
from game.facts import Entry, Fact
from game.state import FACTS
from storage.changes import (
    Change,
    GameAdminAdded,
    SourceOpened,
)
from storage.database import Database
from storage.journal import MOST_FACTS, entries, fact_row, fold, game_row, load_game
from storage.opening import open_database
from storage.store import AddUser
from tests.support.depth import depth
from tests.support.game_machine import GameMachine
from tests.support.play import GAME, HOST, NOW, SOURCE, Play, creation


@contextmanager
def temporary() -> Iterator[Database]:
    """Yield a database for one example of Hypothesis."""
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "tote.db")
        try:
            yield database
        finally:
            database.close()


def keep(database: Database, play: Play) -> None:
    """Write a game of the first user as its actor would have."""
    AddUser("ann", True, {}, None).perform(database, NOW)
    admins = [GameAdminAdded(GAME, user) for user in sorted(play.game.admins)]
    facts = [fact_row(play.game, entry) for entry in play.entries]
    database.write([SourceOpened(SOURCE, "Cup", None, NOW), game_row(play.game), *admins, *facts])


def season() -> Play:
    """Return a game with facts of most kinds."""
    play = Play(creation(opened=False, type="football", targets=("Brazil:7",)))
    play.do(OpenGame(game_id=GAME, actions=("Goal",)))
    play.do(BecomeAdmin(game_id=GAME), by=HOST)
    play.do(UpdateGame(game_id=GAME, live_start_at=NOW + 5, close_at=NOW + 9))
    play.wait_until(NOW + 5)
    return play


class JournalledGameMachine(GameMachine):
    """Any life of a game. At its end the game is read back from a file."""

    def teardown(self) -> None:
        if not hasattr(self, "play"):
            return
        with temporary() as database:
            changes: list[Change] = [fact_row(self.play.game, e) for e in self.play.entries]
            database.write(changes)
            assert entries(database, GAME) == self.play.entries
            assert load_game(database, GAME) == self.play.game


JournalledGameMachine.TestCase.settings = settings(
    max_examples=depth(gate=25, deep=1_000), stateful_step_count=25
)
TestARestartMakesTheSameGame = JournalledGameMachine.TestCase


@pytest.mark.deep
@pytest.mark.parametrize("kind", FACTS)
def test_every_kind_of_fact_comes_back_as_it_was(kind: type[Any], database: Database) -> None:
    hints = get_type_hints(kind)
    values = {field.name: st.from_type(hints[field.name]) for field in fields(kind)}

    @given(st.lists(st.builds(kind, **values).filter(_can_be_sent), min_size=1, max_size=5))
    @settings(
        max_examples=depth(gate=15, deep=500),
        suppress_health_check=[HealthCheck.filter_too_much],  # a correction has many integers
    )
    def come_back(facts: list[Fact]) -> None:
        database.execute("DELETE FROM facts")
        written = [Entry(seq, NOW, fact) for seq, fact in enumerate(facts, start=1)]
        database.write([fact_row(Play().game, entry) for entry in written])
        assert entries(database, GAME) == written

    come_back()


def _can_be_sent(fact: Any) -> bool:
    """No parameter is an integer of more than 53 bits."""
    return all(abs(each) < 2**53 for each in _integers(astuple(fact)))


def _integers(value: Any) -> Iterator[int]:
    if isinstance(value, int):
        yield value
    elif isinstance(value, dict):
        yield from _integers((*value.values(),))
    elif isinstance(value, tuple):
        for each in value:
            yield from _integers(each)


def test_a_journal_is_read_on_from_a_position(database: Database) -> None:
    play = season()
    keep(database, play)
    assert entries(database, GAME, after=2) == play.entries[2:]
    assert entries(database, GAME, after=2, limit=1) == play.entries[2:3]
    assert entries(database, GAME, after=play.game.seq) == []


def test_a_long_journal_is_folded_in_pages(database: Database) -> None:
    play = Play()
    for number in range(2 * MOST_FACTS):
        play.do(UpdateGame(game_id=GAME, game_name=f"name {number}"))
    keep(database, play)
    assert [game.seq for game in fold(database, GAME)] == [
        MOST_FACTS,
        2 * MOST_FACTS,
        2 * MOST_FACTS + 1,
    ]
    assert load_game(database, GAME) == play.game


def test_there_is_no_game_without_a_journal(database: Database) -> None:
    assert load_game(database, "no such game") is None

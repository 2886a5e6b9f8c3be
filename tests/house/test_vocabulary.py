"""One word has one meaning: no public name has two, and replaced words do not return."""

import ast
from typing import Final

import pytest

from tests.support.floors import Module, modules
from tests.support.house_names import homonyms, old_words
from tests.support.tree import FLOORS, ROOT

COMMAND: Final = "A command of the command line has the name of what it calls or prints."
ACCEPTED: Final = {
    "MOST_BYTES": "The limit of what a module reads: a head, a key file, a form.",
    "MOST_WAITING": "The limit of the clients that wait for a module.",
    "PATIENCE_S": "How long a module waits for its other side.",
    "READ_BYTES": "The limit of one read from a socket.",
    "Result": "The type variable of what a given function returns.",
    "credit": COMMAND,
    "list_users": COMMAND,
    "main": "The entry point of a program.",
    "restore": COMMAND,
    "source": COMMAND,
}
"""Public names that two modules define because they mean the same, with the reason."""

EVERYWHERE: Final = FLOORS
REPLACED: Final = {
    "Answers": ("IdempotencyStore, or responses of HTTP", ("actors", "toteboard")),
    "Ask": ("Request", EVERYWHERE),
    "Backing": ("TargetTotals", ("game",)),
    "Batch": ("FrameBatch", ("actors",)),
    "Departed": ("Disconnected", ("actors",)),
    "Distributions": ("BetBatcher", ("actors",)),
    "Event": ("Signal", ("actors",)),
    "Feed": ("Subscribers", ("actors",)),
    "Lobby": ("Connections", ("actors",)),
    "Meter": ("RateLimiter", ("actors",)),
    "Nudge": ("Flush", ("actors",)),
    "Occasion": ("DecisionContext", EVERYWHERE),
    "Private": ("DirectMessage", ("actors",)),
    "Publication": ("Broadcast", ("actors",)),
    "Reader": ("SocketReader", ("actors",)),
    "Rest": ("Continuation", ("actors",)),
    "Said": ("EncodedMessage", ("actors",)),
    "Speech": ("Delivery", ("actors",)),
    "Standing": ("PoolSnapshot", ("game",)),
    "Tally": ("Counters of the actors, UserTotals of a payout", ("game", "actors")),
    "Work": ("PendingCommit", ("actors",)),
    "beat": ("on_heartbeat", ("actors",)),
    "door": ("admission", ("actors",)),
    "excuse": ("on_pause", ("actors",)),
    "give_back": ("refund", EVERYWHERE),
    "happen": ("apply_facts", ("actors",)),
    "hang_up": ("close_lingering", ("actors",)),
    "last_word": ("send_missing_close", ("actors",)),
    "movements": ("transfer_rows", ("storage",)),
    "record": ("stage", ("actors",)),
    "say": ("encode", ("actors",)),
    "settle": ("commit; settle is paying a pool", ("protocol", "storage", "actors", "toteboard")),
    "settle_due": ("act_on_due", EVERYWHERE),
    "settles_first": ("after_prior_commits", EVERYWHERE),
    "spoken": ("published_seq", ("actors",)),
    "told": ("staged_seq", ("actors",)),
    "untold": ("pending_bets", ("actors",)),
}
"""Words that have been replaced: by what, and on which floors they must not be defined."""


FORBIDDEN: Final = {word: floors for word, (_, floors) in REPLACED.items()}
HOUSE: Final = [*modules(ROOT)]


def test_no_public_name_means_two_things() -> None:
    found = homonyms(HOUSE)
    assert {name: found[name] for name in found.keys() - ACCEPTED.keys()} == {}


def test_every_name_that_is_listed_as_a_homonym_is_one() -> None:
    assert ACCEPTED.keys() - homonyms(HOUSE).keys() == set()


def test_no_replaced_word_is_defined() -> None:
    found = old_words(HOUSE, FORBIDDEN)
    new = {word: (REPLACED[word][0], found[word]) for word in found}
    assert new == {}


def module(path: str, text: str) -> Module:
    return Module(path, text, ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "class Feed: pass",
        "def Feed(): pass",
        "async def Feed(): pass",
        "Feed = dict[str, int]",
        "Feed: Final = 1",
        "Lobby, Feed = 1, 2",
    ],
)
def test_a_homonym_is_seen_however_it_is_defined(text: str) -> None:
    found = homonyms([module("actors/feed.py", text), module("game/state.py", "Feed = 1")])
    assert found == {"Feed": ["actors/feed.py", "game/state.py"]}


@pytest.mark.parametrize(
    "text",
    [
        "from game.state import Feed",
        "class _Feed: pass",
        "log = 1",
        "def f(Feed): return Feed",
        "class A:\n  Feed = 1",
    ],
)
def test_what_is_imported_or_private_is_no_homonym(text: str) -> None:
    assert homonyms([module("actors/a.py", text), module("game/b.py", "Feed = log = 1")]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n  def settle(self): pass",
        "class A:\n  settle: int",
        "class A:\n  def f(self): self._settle = 1",
        "def _settle(): pass",
    ],
)
def test_a_replaced_word_is_seen_however_it_is_defined(text: str) -> None:
    floors = {"settle": ("actors",)}
    assert old_words([module("actors/a.py", text)], floors) == {"settle": ["actors/a.py"]}
    assert old_words([module("game/a.py", text)], floors) == {}


def test_a_replaced_word_is_seen_as_the_name_of_a_module() -> None:
    found = old_words([module("actors/chat_feed.py", "")], {"ChatFeed": ("actors",)})
    assert found == {"ChatFeed": ["actors/chat_feed.py"]}

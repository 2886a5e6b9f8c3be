"""Generate a database for benchmarks: users with credentials, games, pools and placed bets.

The product's own decisions and rows write it, without a server.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path
from uuid import uuid4

from attrs import frozen

from bench.line import Person
from game.commands import Command, CreateAndOpenGame, OpenPool, PlaceBet
from game.context import DecisionContext
from game.decide import decide, decide_creation
from game.facts import Entry
from game.ledger import Transfer, transfers
from game.limits import RuleLimits
from game.names import NONE
from game.state import Game, apply, create
from storage import journal
from storage.accounts import account_rows
from storage.changes import Change, SourceAdminAdded, SourceOpened
from storage.database import Database
from storage.opening import open_database
from storage.projection import rows
from storage.store import AddUser, NewUser

ACTIONS = ("Goal", "Corner")
TARGETS = ("Argentina", "Brazil")
WEALTH = 10**12
"""The balance of each user, in hundredths. It is never exhausted."""
STAKE = 100
"""The amount of each bet, in hundredths."""
_BATCH = 10_000
"""Facts written in one transaction."""
_HOUR = 3_600_000


@frozen
class Generated:
    """A generated database. Each game is its id and the ids of its pools.

    A `corner` event resolves no pool; a `goal` event resolves all pools of its game.
    """

    path: Path
    people: list[Person]
    """The first user is an admin of the games' source."""
    games: list[tuple[str, list[str]]]


def generate(
    path: Path,
    people: int,
    games: Sequence[tuple[int, int]],
    targets: Sequence[str] = TARGETS,
) -> Generated:
    """Write a database with `people` users, and for each game its pools and the bets in each."""
    source, now = str(uuid4()), time.time_ns() // 1_000_000
    with closing(open_database(path)) as database:
        everybody = [_person(database, number, now) for number in range(people)]
        admin = SourceAdminAdded(source, everybody[0].id)
        database.write([SourceOpened(source, "a source", None, now), admin])
        host = _Host(database, source, [person.id for person in everybody], targets)
        made = [host.play(pools, bets, now - _HOUR) for pools, bets in games]
    return Generated(path, [(user.id, user.session_key) for user in everybody], made)


def _person(database: Database, number: int, now: int) -> NewUser:
    write = AddUser(f"person{number}", False, {"DON": WEALTH}, None)
    return NewUser(**write.perform(database, now))


@frozen
class _Host:
    """Opens games of one source, all with the same targets and users."""

    database: Database
    source: str
    user_ids: list[int]
    targets: Sequence[str]

    def play(self, pools: int, bets: int, at: int) -> tuple[str, list[str]]:
        """Open a game with `pools` pools and `bets` bets in each. Return its id and theirs."""
        game = self._open_game(at)
        who = cycle(self.user_ids)
        pool_ids = [_open_pool(self.database, game, at) for _ in range(pools)]
        for pool_id in pool_ids:
            commands = _bets(pool_id, bets, [each for each in game.targets if each != NONE])
            while batch := list(islice(commands, _BATCH)):
                self.database.write(_written(game, zip(batch, who, strict=False), at))
        return game.game_id, pool_ids

    def _open_game(self, at: int) -> Game:
        creation = CreateAndOpenGame(
            source_id=self.source,
            game_name="Argentina - Brazil",
            actions=ACTIONS,
            targets=tuple(self.targets),
        )
        context = DecisionContext(now=at, user_id=self.user_ids[0], limits=RuleLimits())
        entry = Entry(1, at, decide_creation(creation, str(uuid4()), context))
        game = create(entry)
        self.database.write([journal.fact_row(game, entry), journal.game_row(game)])
        return game


def _open_pool(database: Database, game: Game, at: int) -> str:
    command = OpenPool(game_id=game.game_id, description="Who scores?", action="goal")
    database.write(_written(game, [(command, 1)], at))
    return next(reversed(game.pools))


def _bets(pool_id: str, number: int, target_ids: Sequence[str]) -> Iterator[PlaceBet]:
    names = cycle(target_ids)
    for _ in range(number):
        yield PlaceBet(pool_id=pool_id, target=next(names), amount=STAKE)


def _written(game: Game, asked: Iterable[tuple[Command, int]], at: int) -> list[Change]:
    """Execute the commands, each for its user, and return the rows."""
    changes: list[Change] = []
    moved: list[Transfer] = []
    for command, user_id in asked:
        context = DecisionContext(now=at, user_id=user_id, limits=RuleLimits(), available=WEALTH)
        for fact in decide(game, command, context):
            entry, each = Entry(game.seq + 1, at, fact), transfers(fact, game.source_id)
            changes += rows(game, entry, each)
            moved += each
            apply(game, entry)
    return [*changes, *account_rows(moved, game.currency), journal.game_row(game)]

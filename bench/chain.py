"""The cost of the hash chain: the CPU time that digests add to a bet, without a server.

`ours` builds the product's rows and `before` the same rows with empty digests, in turns. A bet
with an idempotency key has two digests: one of the fact and one of its kept reply.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from bench.betting_database import TARGETS, generate
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from game.facts import BetPlaced, Entry
from game.state import Game
from storage import journal, kept_replies
from storage.changes import Change
from storage.database import Database
from storage.opening import open_database

ROWS = 1_000
"""Rows of one turn, written in one transaction."""
TURNS = 50
"""Turns of each contender in a round. The contenders alternate."""
REPLY = '{"res":356,"bet_id":"6ab7e4c0-5e2c-4b6e-9f5d-1f2f3a4b5c6d","amount":1}'

Make = Callable[[Game], list[Change]]


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure building fact rows, building and writing them, and building kept replies."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        made = generate(Path(directory) / "generated.db", 2, [(1, 10)])
        (game_id, _), *_ = made.games
        with closing(open_database(made.path)) as database:
            game = journal.load_game(database, game_id)
            assert game is not None
            for number in range(plan.rounds):
                yield from _round(database, game, number)


def _round(database: Database, game: Game, number: int) -> Iterator[Sample]:
    for title, make, use in (
        ("fact made: CPU, us", _facts, len),
        ("fact made and written: CPU, us", _facts, database.write),
        ("kept reply made: CPU, us", _replies, len),
    ):
        for who, value in _taken(game, make, use).items():
            yield Sample(title, who, number, value)


def _taken(game: Game, make: Make, use: Callable[[list[Change]], object]) -> dict[str, float]:
    """Return the median of all turns for each contender, in microseconds per row."""
    taken: dict[str, list[float]] = {OURS: [], BEFORE: []}
    for _ in range(TURNS):
        taken[OURS].append(_turn(game, make, use))
        with (
            patch.object(journal, "link", _no_digest),
            patch.object(kept_replies, "digest", _no_digest),
        ):
            taken[BEFORE].append(_turn(game, make, use))
    return {who: median(values) / ROWS * 1e6 for who, values in taken.items()}


def _turn(game: Game, make: Make, use: Callable[[list[Change]], object]) -> float:
    begin = time.thread_time()
    use(make(game))
    return time.thread_time() - begin


def _no_digest(*_: object) -> bytes:
    return b""


def _facts(game: Game) -> list[Change]:
    rows: list[Change] = []
    pool_id, target = next(iter(game.pools)), TARGETS[0].lower()
    for _ in range(ROWS):
        game.seq += 1
        fact = BetPlaced(pool_id=pool_id, bet_id=pool_id, user_id=1, target_id=target, amount=100)
        rows.append(journal.fact_row(game, Entry(game.seq, game.clock, fact)))
    return rows


def _replies(game: Game) -> list[Change]:
    return [kept_replies.kept(1, str(n), 392, "f" * 64, REPLY, game.clock) for n in range(ROWS)]


if __name__ == "__main__":
    sys.exit(command("chain", ask, rounds=5, seconds=1.0)())

"""The journals of the games: facts as rows, rows as facts, and the game that they make.

What is written goes through `storage/changes.py`; what a fact means is `game/state.py`.
"""

from collections.abc import Iterator
from typing import Any

from cattrs.preconf.orjson import make_converter

from game.due import wake_at
from game.facts import FACTS, Entry
from game.state import Game, apply, create
from storage.chain import link
from storage.changes import FactWritten, GameSaved
from storage.database import Database

PAGE = 1_000
"""Facts read at a time, so that a long journal neither fills memory nor holds up the loop."""

_CONVERTER = make_converter(detailed_validation=False)
_KINDS = {fact.kind: fact for fact in FACTS}


def fact_row(game: Game, entry: Entry) -> FactWritten:
    """The row that keeps the next fact of a game; the game's `head` moves on to it."""
    game_id, seq, at, kind = game.game_id, entry.seq, entry.at, entry.fact.kind
    pool_id = getattr(entry.fact, "pool_id", None)
    body = _CONVERTER.dumps(entry.fact).decode()
    game.head = link(game.head, game_id, seq, at, kind, pool_id, body)
    return FactWritten(game_id, seq, at, kind, body, pool_id, game.head)


def game_row(game: Game) -> GameSaved:
    """The row that lists and alarms read, as the game stands."""
    return GameSaved(
        game_id=game.game_id,
        source_id=game.source_id,
        name=game.game_name,
        type=game.type,
        currency=game.currency,
        hashtag=game.hashtag,
        phase=game.phase,
        status=game.status,
        open_at=game.open_at,
        close_at=game.close_at,
        live_start_at=game.live_start_at,
        wake_at=wake_at(game),
        last_seq=game.seq,
        head=game.head,
    )


def entries(database: Database, game_id: str, *, after: int = 0, limit: int = PAGE) -> list[Entry]:
    """The facts of a game beyond position `after`, in order, at most `limit`."""
    rows = database.rows(
        "SELECT seq, at, kind, body FROM facts WHERE game_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (game_id, after, limit),
    )
    return [read_entry(row) for row in rows]


def fold(database: Database, game_id: str) -> Iterator[Game]:
    """Make a game from its journal, a page at a time; the last game given is whole.

    Gives nothing if there is no such game.
    """
    game: Game | None = None
    is_whole = False
    while not is_whole and (page := entries(database, game_id, after=game.seq if game else 0)):
        is_whole = len(page) < PAGE
        if game is None:
            game = create(page.pop(0))
        for entry in page:
            apply(game, entry)
        game.head = _digest(database, game_id, game.seq)
        yield game


def _digest(database: Database, game_id: str, seq: int) -> bytes:
    row = database.row("SELECT digest FROM facts WHERE game_id = ? AND seq = ?", (game_id, seq))
    return b"" if row is None else bytes(row["digest"])


def load(database: Database, game_id: str) -> Game | None:
    """The game that a journal makes, in one go; None if there is no such game."""
    game = None
    for game in fold(database, game_id):  # noqa: B007
        pass
    return game


def read_entry(row: dict[str, Any]) -> Entry:
    """The fact that a row (seq, at, kind, body) keeps."""
    fact = _CONVERTER.loads(row["body"], _KINDS[row["kind"]])
    return Entry(row["seq"], row["at"], fact)

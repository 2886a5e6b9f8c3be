"""The journals of the games: facts as rows, rows as facts, and the game that a journal makes.

The rows are `FactWritten` and `GameSaved` of `storage/changes.py`. `game/state.py` applies facts.
"""

from collections.abc import Iterator
from typing import Any

import orjson
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.preconf.orjson import make_converter

from game.due import wake_at
from game.facts import Entry, PoolResolved
from game.revisions import PoolCorrected
from game.state import FACTS, Game, apply, create
from storage.chain import link
from storage.changes import FactWritten, GameSaved
from storage.database import Database
from storage.stored_prices import stored_prices

MOST_FACTS = 1_000
"""Facts to read at a time, so that a long journal neither fills memory nor blocks the loop."""

_CONVERTER = make_converter(detailed_validation=False)
for _fact in (PoolResolved, PoolCorrected):
    _CONVERTER.register_unstructure_hook(
        _fact,
        make_dict_unstructure_fn(_fact, _CONVERTER, prices=override(unstruct_hook=stored_prices)),
    )
_KINDS = {fact.kind: fact for fact in FACTS}
_UNSTRUCTURE = {fact: _CONVERTER.get_unstructure_hook(fact) for fact in FACTS}
"""The generated hooks, kept here to avoid a look-up for every fact."""


def fact_row(game: Game, entry: Entry) -> FactWritten:
    """Return the row of a game's next fact, and set the game's `head` to the digest of the fact."""
    game_id, seq, at, kind = game.game_id, entry.seq, entry.at, entry.fact.kind
    pool_id = getattr(entry.fact, "pool_id", None)
    body = orjson.dumps(_UNSTRUCTURE[type(entry.fact)](entry.fact)).decode()
    game.head = link(game.head, game_id, seq, at, kind, pool_id, body)
    return FactWritten(game_id, seq, at, kind, body, pool_id, game.head)


def game_row(game: Game) -> GameSaved:
    """Return the row that lists and timers read, for the game's present state."""
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


def entries(
    database: Database, game_id: str, *, after: int = 0, limit: int = MOST_FACTS
) -> list[Entry]:
    """Return at most `limit` facts of a game after the position `after`, in order."""
    rows = database.rows(
        "SELECT seq, at, kind, body FROM facts WHERE game_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (game_id, after, limit),
    )
    return [read_entry(row) for row in rows]


def fold(database: Database, game_id: str) -> Iterator[Game]:
    """Replay a game's journal. Yield the game after each page of facts; the last one is complete.

    Yield nothing if the game does not exist.
    """
    game: Game | None = None
    is_whole = False
    while not is_whole and (page := entries(database, game_id, after=game.seq if game else 0)):
        is_whole = len(page) < MOST_FACTS
        if game is None:
            game = create(page.pop(0))
        for entry in page:
            apply(game, entry)
        game.head = _digest(database, game_id, game.seq)
        yield game


def _digest(database: Database, game_id: str, seq: int) -> bytes:
    row = database.row("SELECT digest FROM facts WHERE game_id = ? AND seq = ?", (game_id, seq))
    return b"" if row is None else bytes(row["digest"])


def load_game(database: Database, game_id: str) -> Game | None:
    """Replay a game's whole journal; return None if the game does not exist."""
    game = None
    for game in fold(database, game_id):  # noqa: B007
        pass
    return game


def read_entry(row: dict[str, Any]) -> Entry:
    """Return the fact of a row (seq, at, kind, body)."""
    fact = _CONVERTER.loads(row["body"], _KINDS[row["kind"]])
    return Entry(row["seq"], row["at"], fact)

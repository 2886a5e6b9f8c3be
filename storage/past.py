"""Reads what a decision on past results needs: resolved pools, and events of one moment.

`game/past.py` says what these are, and `game/corrections.py` decides. A pool may have many bets, so
its facts are read in pages.
"""

from collections.abc import Iterator
from typing import Final

from game.facts import Entry, EventRegistered
from game.past import PastPool, names_no_event, past_pool
from game.vocabulary import LARGEST_TIME
from storage.database import Database, Row
from storage.journal import MOST_FACTS, read_entry

_KINDS: Final = ("pool_opened", "bet_placed", "target_scratched", "pool_resolved", "pool_corrected")
"""The facts that say what a resolved pool is, in an order in which they can be added."""

_OF_POOL: Final = """
    SELECT seq, at, kind, body FROM facts
    WHERE pool_id = ? AND kind = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?"""

_OF_EVENT: Final = """
    SELECT seq, at, kind, body FROM facts WHERE game_id = ? AND body ->> '$.event_id' = ?
    AND kind IN ('event_registered', 'event_taken_back') ORDER BY seq"""

_FROM: Final = """
    SELECT seq, at, kind, pool_id, iif(kind = 'event_registered', body, NULL) AS body FROM facts
    WHERE game_id = ? AND seq >= ? ORDER BY seq LIMIT ?"""

_EVENT_BEFORE: Final = """
    SELECT seq, at, kind, body FROM facts
    WHERE game_id = ? AND seq < ? AND kind = 'event_registered' ORDER BY seq DESC LIMIT 1"""


def read_past_pool(
    database: Database, game_id: str, pool_id: str, before: int = LARGEST_TIME
) -> Iterator[PastPool]:
    """Read a pool as of before the fact `before`. Yield it after each page; the last is complete.

    Yield nothing if the pool does not exist. A pool that is not resolved has no result.
    """
    past: PastPool | None = None
    for kind in _KINDS:
        for page in _pages(database, pool_id, kind, before):
            for entry in page:
                if past is None:
                    past = past_pool(entry)
                else:
                    past.add(entry)
            if past is not None:
                yield past
    if past is not None and past.is_resolved and names_no_event(past.resolved):
        event = event_before(database, game_id, past.resolved_seq)
        if event is not None:
            past.decided_by(event)


def past_pool_before(
    database: Database, game_id: str, pool_id: str, before: int
) -> PastPool | None:
    """Return a pool as of before the fact `before`, or None if it did not exist."""
    past = None
    for page in read_past_pool(database, game_id, pool_id, before):
        past = page
    return past


def event_before(database: Database, game_id: str, seq: int) -> EventRegistered | None:
    """Return the last event before a fact.

    It decided the pool that the fact resolves, if the fact is too old to name an event.
    """
    row = database.row(_EVENT_BEFORE, (game_id, seq))
    return None if row is None else _event(read_entry(row))


def moment_of(
    database: Database, game_id: str, event_id: str
) -> tuple[list[Entry], frozenset[str], list[str]]:
    """Return the events that happened at the same moment as this one, itself included.

    Return also which of them were taken back, and the ids of the pools that they decided. All are
    empty if the game has no such event.
    """
    found = _of_event(database, game_id, event_id)
    if not found:
        return [], frozenset(), []
    first = _event(found[0]).first_id
    start = found[0] if first == event_id else _of_event(database, game_id, first)[0]
    moment, pools = _followed(database, game_id, first, start.seq)
    ids = [_event(entry).event_id for entry in moment]
    taken_back = {id_ for id_ in ids if len(_of_event(database, game_id, id_)) > 1}
    return moment, frozenset(taken_back), pools


def _followed(
    database: Database, game_id: str, first: str, seq: int
) -> tuple[list[Entry], list[str]]:
    """Return the events of a moment, and the pools that end or are decided right after them."""
    moment, pools = list[Entry](), dict[str, None]()  # a pool may be decided, then resolved
    for row in _rows_from(database, game_id, seq):
        match row["kind"]:
            case "event_registered":
                entry = read_entry(row)
                if first not in (_event(entry).event_id, _event(entry).together_with):
                    break
                moment.append(entry)
            case "pool_resolved" | "pool_decided":
                pools[row["pool_id"]] = None
            case "betting_blocked":
                continue
            case _:
                break
    return moment, list(pools)


def _rows_from(database: Database, game_id: str, seq: int) -> Iterator[Row]:
    while page := database.rows(_FROM, (game_id, seq, MOST_FACTS)):
        yield from page
        seq = page[-1]["seq"] + 1


def _pages(database: Database, pool_id: str, kind: str, before: int) -> Iterator[list[Entry]]:
    after = 0
    while rows := database.rows(_OF_POOL, (pool_id, kind, after, before, MOST_FACTS)):
        yield [read_entry(row) for row in rows]
        after = rows[-1]["seq"]


def _of_event(database: Database, game_id: str, event_id: str) -> list[Entry]:
    """Return the fact that registered an event, and the one that took it back, if any."""
    return [read_entry(row) for row in database.rows(_OF_EVENT, (game_id, event_id))]


def _event(entry: Entry) -> EventRegistered:
    assert isinstance(entry.fact, EventRegistered)
    return entry.fact

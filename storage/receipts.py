"""Receipts: everything that decided what a resolved pool paid, so that anyone can compute it again.

It is made from the journal. docs/how-to/answer-a-complaint.md has the program that checks one.
"""

from game.facts import PoolOpened, PoolResolved
from game.past import names_no_event
from game.receipt import Receipt
from game.vocabulary import LARGEST_TIME
from storage.bets import Outcomes, Resolution
from storage.database import Database
from storage.journal import read_entry
from storage.past import event_before
from storage.pools import bet_count, bets_of_pool


def receipt_of(
    database: Database, game_id: str, pool_id: str, *, offset: int, limit: int
) -> Receipt | None:
    """Return the receipt of a pool, or None if the pool is not resolved."""
    [opened] = map(read_entry, database.rows(_FACTS, (pool_id, PoolOpened.kind)))
    found = Outcomes(database).resolution(game_id, pool_id)
    if found.fact is None or not isinstance(opened.fact, PoolOpened):
        return None
    out = tuple(found.scratched)
    return Receipt(
        opened.fact,
        found.fact,
        found.seq,
        found.at,
        _event_of(database, game_id, found),
        None if found.void_after == LARGEST_TIME else found.void_after,
        out,
        bets_of_pool(database, pool_id, offset=offset, limit=limit, scratched=out),
        bet_count(database, pool_id, scratched=out),
    )


def _event_of(database: Database, game_id: str, found: Resolution) -> str | None:
    """Return the first event of those that decided a result, or None."""
    fact = found.fact
    if isinstance(fact, PoolResolved) and names_no_event(fact):
        event = event_before(database, game_id, found.seq)
        return None if event is None else event.first_id
    return None if fact is None else fact.event_id


_FACTS = "SELECT seq, at, kind, body FROM facts WHERE pool_id = ? AND kind = ?"

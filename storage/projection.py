"""All rows that are written with a fact: its own, those of the projections, and its transfers.

Admins, pools, players, points and statements are projections of the journals: lists and checks
read them instead of replaying facts. All rows go into the transaction of the fact. Balances are
written once for each commit (`storage/accounts.py`).
"""

from collections.abc import Callable
from typing import Any

from game.facts import AdminAppointed, AdminDismissed, Entry, Fact, PoolOpened, PoolResolved
from game.ledger import Transfer, movements
from game.revisions import PoolCorrected
from game.state import Game
from storage import journal, pools
from storage.accounts import transfer_row
from storage.changes import Change, EntryMade, GameAdminAdded, GameAdminRemoved


def rows(game: Game, entry: Entry, transfers: list[Transfer]) -> list[Change]:
    """Return the rows of a fact; `game` is the state before it, `transfers` the money it moves.

    Set the game's `head` to the digest of the fact.
    """
    moved = [
        transfer_row(each, game.currency, entry.at, game.game_id, entry.seq) for each in transfers
    ]
    projected = _PROJECTED.get(type(entry.fact))
    beside = [] if projected is None else projected(game, entry, entry.fact)
    return [journal.fact_row(game, entry), *beside, *moved, *_statement_rows(game, entry)]


def _statement_rows(game: Game, entry: Entry) -> list[EntryMade]:
    """Return a line of the statement of each player whose balances the fact changes."""
    return [
        EntryMade(
            one.user_id,
            game.currency,
            entry.at,
            one.cause,
            one.available + one.exposure,
            one.available,
            game.game_id,
            one.pool_id,
            entry.seq,
        )
        for one in movements(entry.fact)
    ]


def _appointed(game: Game, entry: Entry, fact: AdminAppointed) -> list[Change]:
    return [GameAdminAdded(game.game_id, fact.user_id)]


def _dismissed(game: Game, entry: Entry, fact: AdminDismissed) -> list[Change]:
    return [GameAdminRemoved(game.game_id, fact.user_id)]


def _opened(game: Game, entry: Entry, fact: PoolOpened) -> list[Change]:
    return pools.opened_rows(game.game_id, entry, fact)


def _resolved(game: Game, entry: Entry, fact: PoolResolved) -> list[Change]:
    pool = game.pools[fact.pool_id]
    return pools.resolved_rows(game.game_id, game.currency, entry, fact, pool)


def _corrected(game: Game, entry: Entry, fact: PoolCorrected) -> list[Change]:
    return pools.corrected_rows(game.game_id, game.currency, entry, fact)


_PROJECTED: dict[type[Fact], Callable[[Game, Entry, Any], list[Change]]] = {
    AdminAppointed: _appointed,
    AdminDismissed: _dismissed,
    PoolOpened: _opened,
    PoolResolved: _resolved,
    PoolCorrected: _corrected,
}
"""The rows of the projections by the kind of fact. Other facts have none."""

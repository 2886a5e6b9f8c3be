"""All rows that are written with a fact: its own, those of the projections, and its transfers.

Admins, pools, players and points are projections of the journals: lists and checks read them
instead of replaying facts. All rows go into the transaction of the fact. Balances are written once
for each commit (`storage/accounts.py`).
"""

from game.facts import AdminAppointed, AdminDismissed, Entry, PoolOpened, PoolResolved
from game.ledger import Transfer
from game.state import Game
from storage import journal, pools
from storage.accounts import transfer_row
from storage.changes import Change, GameAdminAdded, GameAdminRemoved


def rows(game: Game, entry: Entry, transfers: list[Transfer]) -> list[Change]:
    """Return the rows of a fact; `game` is the state before it, `transfers` the money it moves.

    Set the game's `head` to the digest of the fact.
    """
    moved = [
        transfer_row(each, game.currency, entry.at, game.game_id, entry.seq) for each in transfers
    ]
    return [journal.fact_row(game, entry), *_beside(game, entry), *moved]


def _beside(game: Game, entry: Entry) -> list[Change]:
    match entry.fact:
        case AdminAppointed() as fact:
            return [GameAdminAdded(game.game_id, fact.user_id)]
        case AdminDismissed() as fact:
            return [GameAdminRemoved(game.game_id, fact.user_id)]
        case PoolOpened() as fact:
            return pools.opened_rows(game.game_id, entry, fact)
        case PoolResolved() as fact:
            pool = game.pools[fact.pool_id]
            return pools.resolved_rows(game.game_id, game.currency, entry, fact, pool)
        case _:
            return []

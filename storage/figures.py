"""Counts over the whole database, for metrics (`toteboard/metrics.py`).

The time to read them grows with the number of accounts and open games, so read them in a thread.
"""

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from game.ledger import ISSUE
from storage.database import Database
from storage.typed_rows import typed


@frozen
class Figures:
    """Counts of one moment; money in whole hundredths, by currency.

    `held` is the money that players have or have staked, `house` what the operator has earned with
    pools, `carried` what earlier pools carried over to later ones, and `issued` the money credited.
    The first three must sum to the last.
    """

    open_games: Mapping[str, int]
    held: Mapping[str, int]
    house: Mapping[str, int]
    carried: Mapping[str, int]
    issued: Mapping[str, int]


_GAMES: Final = {"status": (str,)}
_MONEY: Final = {"currency": (str,)}


def figures(database: Database) -> Figures:
    """Count. Leave out closed games, because their number only grows."""
    with database.snapshot():
        games = database.rows(
            "SELECT status, count(*) AS games FROM games WHERE phase <> 'closed' GROUP BY status"
        )
        money = database.rows(
            "SELECT currency, sum(balance) FILTER (WHERE account GLOB 'player:*') AS held,"
            " sum(balance) FILTER (WHERE account GLOB 'house:*') AS house,"
            # A pool's own account holds what was carried over to it.
            " sum(balance) FILTER (WHERE account GLOB 'carry:*' OR account GLOB 'pool:*')"
            " AS carried,"
            " -sum(balance) FILTER (WHERE account = ?) AS issued FROM accounts GROUP BY currency",
            (ISSUE,),
        )
    return Figures(
        open_games={typed("games", _GAMES, row)["status"]: row["games"] for row in games},
        held={typed("accounts", _MONEY, row)["currency"]: row["held"] or 0 for row in money},
        house={row["currency"]: row["house"] or 0 for row in money},
        carried={row["currency"]: row["carried"] or 0 for row in money},
        issued={row["currency"]: row["issued"] or 0 for row in money},
    )

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

    `held` is the money that players have or have staked, `issued` the money credited. They must be
    equal.
    """

    open_games: Mapping[str, int]
    held: Mapping[str, int]
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
            "SELECT currency, sum(balance) FILTER (WHERE account <> ?) AS held,"
            " -sum(balance) FILTER (WHERE account = ?) AS issued FROM accounts GROUP BY currency",
            (ISSUE, ISSUE),
        )
    return Figures(
        open_games={typed("games", _GAMES, row)["status"]: row["games"] for row in games},
        held={typed("accounts", _MONEY, row)["currency"]: row["held"] or 0 for row in money},
        issued={row["currency"]: row["issued"] or 0 for row in money},
    )

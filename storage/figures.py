"""What can be counted of the whole database, for metrics (`toteboard/metrics.py`).

Reading takes as long as there are accounts and open games: not for the event loop.
"""

from collections.abc import Mapping

from attrs import frozen

from game.ledger import ISSUE
from storage.database import Database


@frozen
class Figures:
    """Counted as of one moment; money in whole hundredths, by currency.

    `held` is what players have and what is staked, `issued` what was credited: they are the same.
    """

    open_games: Mapping[str, int]
    held: Mapping[str, int]
    issued: Mapping[str, int]


def figures(database: Database) -> Figures:
    """Count it. Games that are closed are not counted: they would cost ever more."""
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
        open_games={row["status"]: row["games"] for row in games},
        held={row["currency"]: row["held"] or 0 for row in money},
        issued={row["currency"]: row["issued"] or 0 for row in money},
    )

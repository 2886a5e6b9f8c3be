"""A receipt: everything that decided what a resolved pool paid.

`storage/receipts.py` makes it from the journal. docs/how-to/answer-a-complaint.md has the program
that computes the payouts again.
"""

from collections.abc import Sequence

from attrs import frozen

from game.facts import BetPlaced, PoolOpened, PoolResolved
from game.revisions import PoolCorrected


@frozen
class Receipt:
    """How a pool opened and ended, with a page of its bets and their times (epoch ms).

    `resolved` is the last correction, if there is one. `seq` is its position, and `at` its time.
    `event_id` is the first event of those that decided this result, or None.
    Bets after `void_after` (epoch ms) were void; None if there is no such bound. Bets on scratched
    targets are left out: they were refunded when the target was scratched.
    """

    opened: PoolOpened
    resolved: PoolResolved | PoolCorrected
    seq: int
    at: int
    event_id: str | None
    void_after: int | None
    scratched: Sequence[str]
    bets: Sequence[tuple[BetPlaced, int]]
    bets_total: int

"""One fact and everything that follows from it, made in one place and in one order.

    fact -> entry (position, time) -> rows -> apply -> publication

The rows are made before the fact is applied: the projections of a pool that ends are read from the
pool, and applying the fact removes it from the game. The publication is made after: a 342 shows the
game as the fact leaves it.
"""

from attrs import define

from actors.link.encoded_message import Body
from game.facts import Entry, Fact
from game.ledger import Movement, Transfer, movements, transfers
from game.state import Game, apply
from protocol.publications import publication
from storage import projection
from storage.changes import Change


@define(eq=False)
class Step:
    """What follows from one fact.

    `rows` are to be committed together. `movements` change balances once `rows` are on disk.
    `publication` has no position yet; None if subscribers are not sent one.
    """

    entry: Entry
    rows: list[Change]
    transfers: list[Transfer]
    movements: list[Movement]
    publication: Body | None


def advance(game: Game, fact: Fact, at: int) -> Step:
    """Apply the next fact to `game`, in place, and return what follows from it.

    `at` is in epoch milliseconds. The time in a game never goes back, even if the clock does.
    """
    entry = Entry(game.seq + 1, max(at, game.clock), fact)
    moved = transfers(fact)
    rows = projection.rows(game, entry, moved)
    apply(game, entry)
    return Step(entry, rows, moved, movements(fact) if moved else [], publication(game, entry))

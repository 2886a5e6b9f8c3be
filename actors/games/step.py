"""One fact and everything that follows from it, made in one place and in one order.

    fact -> entry (position, time) -> rows -> apply -> publication

The rows are made before the fact is applied: the projections of a pool that ends are read from the
pool, and applying the fact removes it from the game. The publication is made after: a 342 shows the
game as the fact leaves it.
"""

from typing import Any

from attrs import define

from actors.games.server_call import ServerCall
from game.facts import Entry, Fact, StatusReached
from game.ledger import Transfer, transfers
from game.state import Game, apply
from protocol.op import Body
from protocol.publications import publication
from storage import projection
from storage.changes import Change


@define(eq=False)
class Step:
    """What follows from one fact.

    `rows` are to be committed together. `publication` has no position yet; None if subscribers are
    not sent one.
    """

    entry: Entry
    rows: list[Change]
    transfers: list[Transfer]
    publication: Body | None


def advance(game: Game, fact: Fact, at: int) -> Step:
    """Apply the next fact to `game`, in place, and return what follows from it.

    `at` is in epoch milliseconds. The time in a game never goes back, even if the clock does.
    """
    entry = Entry(game.seq + 1, max(at, game.clock), fact)
    moved = transfers(fact, game.source_id)
    rows = projection.rows(game, entry, moved)
    apply(game, entry)
    return Step(entry, rows, moved, publication(game, entry))


def log_line(
    game_id: str, step: Step, call: ServerCall | None, late_ms: int | None
) -> tuple[str, dict[str, Any]]:
    """Return the log event of a step and its fields. `late_ms` is how late a timer was."""
    entry = step.entry
    fields: dict[str, Any] = {"game_id": game_id, "seq": entry.seq}
    if (pool_id := getattr(entry.fact, "pool_id", None)) is not None:
        fields["pool_id"] = pool_id
    if isinstance(entry.fact, StatusReached):
        fields["status"] = str(entry.fact.status)
    if late_ms is not None:
        fields["late_ms"] = late_ms
    if call is not None:
        fields.update(call.log_fields())
    return entry.fact.kind, fields

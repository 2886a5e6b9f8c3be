"""What the actors share: the clock, the limits, the database to read, the writer, the bank."""

from attrs import frozen

from actors.clock import Clock
from actors.commit.writer import Writer
from actors.connections import Connections
from actors.counters import Counters
from actors.games.bank import Bank
from actors.games.costs import Costs
from game.limits import Limits
from storage.database import Database


@frozen(kw_only=True)
class Services:
    """Passed to every actor. `database` is for short, indexed reads on the event loop."""

    clock: Clock
    limits: Limits
    database: Database
    writer: Writer
    connections: Connections
    bank: Bank
    counters: Counters
    costs: Costs

"""What every actor is given: the clock, the limits, the database to read, the writer."""

from attrs import frozen

from actors.clock import Clock
from actors.commit.writer import Writer
from actors.connections import Connections
from actors.counters import Counters
from actors.games.bank import Bank
from actors.games.costs import Costs
from protocol.limits import Limits
from storage.database import Database


@frozen(kw_only=True)
class Services:
    """Shared by all actors. `database` is for reading, on the loop: short, indexed look-ups."""

    clock: Clock
    limits: Limits
    database: Database
    writer: Writer
    connections: Connections
    bank: Bank
    counters: Counters
    costs: Costs

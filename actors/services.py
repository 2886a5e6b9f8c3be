"""What all actors share: the clock, the limits, the questions to the database, the writer."""

from attrs import frozen

from actors.clock import Clock
from actors.commit.writer import Writer
from actors.connections import Connections
from actors.counters import Counters
from actors.games.bank import Bank
from actors.games.costs import Costs
from protocol.limits import Limits
from storage.reads import Reads


@frozen(kw_only=True)
class Services:
    """Shared by all actors. `reads` are the questions to the database."""

    clock: Clock
    limits: Limits
    reads: Reads
    writer: Writer
    connections: Connections
    bank: Bank
    counters: Counters
    costs: Costs

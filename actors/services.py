"""What every actor is given: the clock, the limits, the database to read, the writer."""

from attrs import frozen

from actors.bank import Bank
from actors.clock import Clock
from actors.costs import Costs
from actors.lobby import Lobby
from actors.tally import Tally
from actors.writer import Writer
from game.limits import Limits
from storage.database import Database


@frozen(kw_only=True)
class Services:
    """Shared by all actors. `database` is for reading, on the loop: short, indexed look-ups."""

    clock: Clock
    limits: Limits
    database: Database
    writer: Writer
    lobby: Lobby
    bank: Bank
    tally: Tally
    costs: Costs

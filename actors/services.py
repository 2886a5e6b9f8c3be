"""What all actors share: the clock, the limits, reads, the writer, the bank, the source admins."""

import trio
from attrs import Factory, frozen

from actors.clock import Clock
from actors.commit.writer import Writer
from actors.connections import Connections
from actors.costs import Costs
from actors.counters import Counters
from actors.fact_watches import FactWatches
from actors.games.bank import Bank
from actors.games.bettors import Bettors
from actors.games.moderation import Moderation
from actors.games.presence import NO_PRESENCE, Presence
from actors.games.source_admins import SourceAdmins
from protocol.limits import Limits
from storage.reads import Reads


@frozen(kw_only=True)
class Services:
    """Passed to every actor. `reads` are short, indexed reads on the event loop.

    `stopping` is set when the server begins to stop: from then on no bet waits for its delay.
    """

    clock: Clock
    limits: Limits
    reads: Reads
    writer: Writer
    connections: Connections
    bank: Bank
    bettors: Bettors
    moderation: Moderation
    source_admins: SourceAdmins
    counters: Counters
    costs: Costs
    fact_watches: FactWatches
    presence: Presence = NO_PRESENCE
    stopping: trio.Event = Factory(trio.Event)

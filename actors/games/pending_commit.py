"""What an actor has decided and not committed yet."""

from collections.abc import Iterable
from typing import Any

import structlog
from attrs import Factory, define

from actors.games.balance_order import Ticket
from actors.games.outgoing import Delivery, OutgoingMessage
from actors.games.server_call import ServerCall
from game.ledger import Movement, Transfer
from game.refusals import Refusal
from storage.changes import Change

log = structlog.get_logger()


@define(eq=False)
class PendingCommit:
    """The changes to write, and what is sent, answered and logged once they are on disk.

    `size` is the number of bytes of the replies. `movements` are reserved in the bank, and
    `carry_change` is staged in its carries, in hundredths. `ticket` is its place among the commits
    that move balances; None until it is passed to the writer, or if it moves none.
    """

    changes: list[Change] = Factory(list)
    deliveries: list[Delivery] = Factory(list)
    outcomes: list[tuple[ServerCall, OutgoingMessage | Refusal]] = Factory(list)
    lines: list[tuple[str, dict[str, Any]]] = Factory(list)
    transfers: list[Transfer] = Factory(list)
    movements: list[Movement] = Factory(list)
    carry_change: int = 0
    ticket: Ticket | None = None
    size: int = 0
    is_committed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write and nothing to send."""
        return not (self.changes or self.deliveries or self.outcomes)

    def insert_before_summaries(self, deliveries: Iterable[Delivery]) -> None:
        """Add deliveries before the first that sums up (contract, section 1), or at the end."""
        places = (i for i, each in enumerate(self.deliveries) if each.sums_up)
        place = next(places, len(self.deliveries))
        self.deliveries[place:place] = deliveries

    def write_lines(self) -> None:
        """Write the log lines."""
        if not self.lines:
            return
        bound = log.bind()  # once: an unbound logger binds itself on each use
        for event, line in self.lines:
            bound.info(event, **line)

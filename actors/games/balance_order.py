"""The order in which commits move the balances of users: that of their statements.

The writer stores the commits of several games in one transaction, in the order in which they
arrive. Then it wakes all their actors, and they may run in any order. If two of them moved the
balances of one user in another order than the statement has, the user would be sent balances that
never were, and at last a wrong one.

So a commit takes a ticket when it is passed to the writer. An actor whose commit is stored waits
until each earlier commit that moves a balance of the same user has moved it and sent it. Commits
without a user in common never wait for each other.
"""

from collections.abc import Iterable

import trio
from attrs import Factory, define

BalanceKey = tuple[int, str]
"""A user and a currency."""


@define(eq=False)
class Ticket:
    """The place of a commit in the order. `finished` is set by the writer when it is done."""

    keys: tuple[BalanceKey, ...]
    before: list["Ticket"] = Factory(list)
    finished: trio.Event = Factory(trio.Event)
    ended: trio.Event = Factory(trio.Event)


class BalanceOrder:
    """The latest tickets that have not ended, by the balances that their commits move."""

    def __init__(self) -> None:
        self._last: dict[BalanceKey, Ticket] = {}

    def take(self, user_ids: Iterable[int], currency: str) -> Ticket:
        """Return the ticket of a commit that moves balances of these users. Call `end` in any case.

        Pass the commit to the writer before anything else can run.
        """
        keys = tuple((user_id, currency) for user_id in dict.fromkeys(user_ids))
        latest = (self._last[key] for key in keys if key in self._last)
        ticket = Ticket(keys, before=list(dict.fromkeys(latest)))
        self._last |= dict.fromkeys(keys, ticket)
        return ticket

    async def come(self, ticket: Ticket | None) -> None:
        """Wait until the tickets before this one have ended; without a ticket there is no wait."""
        for earlier in ticket.before if ticket else ():
            await earlier.ended.wait()

    def end(self, ticket: Ticket | None) -> None:
        """End a ticket: the balances have been moved and sent, or the commit has failed."""
        if ticket is None:
            return
        for key in ticket.keys:
            if self._last.get(key) is ticket:
                del self._last[key]
        ticket.before = []
        ticket.ended.set()

    async def caught_up(self, keys: Iterable[BalanceKey]) -> None:
        """Wait for all stored commits that move these balances."""
        ahead = [self._last[key] for key in keys if key in self._last]
        seen = set[Ticket]()
        while ahead:
            ticket = ahead.pop()
            if ticket in seen:  # tickets of many users have many in common
                continue
            seen.add(ticket)
            ahead += ticket.before
            if ticket.finished.is_set():
                await ticket.ended.wait()

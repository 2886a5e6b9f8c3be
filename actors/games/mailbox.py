"""The mailbox of an actor: any task may put an item in, only the actor takes them out.

It differs from trio's memory channel in three ways. The actor takes all waiting items together.
Queries wait in a lane of their own, apart from changes. And an empty mailbox takes almost no
memory, because many actors only wait for their time.
"""

from typing import Generic, TypeVar

import outcome
import trio
from attrs import Factory, define

Item = TypeVar("Item")


@define(eq=False)
class Lane(Generic[Item]):
    """Items in order, at most `size`. A task that finds no room waits, in order too."""

    size: int
    _items: list[Item] = Factory(list)
    _senders: dict[trio.lowlevel.Task, Item] = Factory(dict)

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> bool:
        """Put an item in. Return False if there is no room."""
        has_room = len(self._items) < self.size
        if has_room:
            self._items.append(item)
        return has_room

    async def wait_for_room(self, item: Item) -> None:
        """Wait until the item is in. Raise `trio.BrokenResourceError` if the lane is closed."""
        task = trio.lowlevel.current_task()
        self._senders[task] = item

        def stop_waiting(_: object) -> trio.lowlevel.Abort:
            del self._senders[task]
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(stop_waiting)

    def take_all(self) -> list[Item]:
        """Return everything that waits, perhaps nothing."""
        items, self._items = self._items, []
        self._admit_senders()
        return items

    def take_next(self) -> Item | None:
        """Return the item that has waited longest, or None."""
        if not self._items:
            return None
        item = self._items.pop(0)
        self._admit_senders()
        return item

    def close(self) -> list[Item]:
        """Return what still waited. Raise `trio.BrokenResourceError` in the waiting senders."""
        for task in self._senders:
            trio.lowlevel.reschedule(task, outcome.Error(_closed()))
        self._senders.clear()
        return self.take_all()

    def _admit_senders(self) -> None:
        while self._senders and len(self._items) < self.size:
            task = next(iter(self._senders))
            self._items.append(self._senders.pop(task))
            trio.lowlevel.reschedule(task)


class Mailbox(Generic[Item]):
    """Two lanes of `size` items each: changes, and queries, which must not delay changes.

    A query is available once the changes that arrived before it have been taken.
    """

    __slots__ = ("_available", "_changes", "_is_closed", "_queries", "_receiver")

    def __init__(self, size: int) -> None:
        self._changes, self._queries = Lane[Item](size), Lane[Item](size)
        self._receiver: trio.lowlevel.Task | None = None
        self._is_closed = False
        self._available = 0

    def __len__(self) -> int:
        return len(self._changes) + len(self._queries)

    def send_nowait(self, item: Item, *, is_query: bool = False) -> None:
        """Put an item in. Raise `trio.WouldBlock`, or `BrokenResourceError` if it is closed."""
        if self._is_closed:
            raise _closed()
        if not (self._queries if is_query else self._changes).put(item):
            raise trio.WouldBlock
        if self._receiver is not None:
            receiver, self._receiver = self._receiver, None
            trio.lowlevel.reschedule(receiver)

    async def send(self, item: Item, *, is_query: bool = False) -> None:
        """Put an item in once there is room. Raise `trio.BrokenResourceError` if it is closed."""
        await trio.lowlevel.checkpoint_if_cancelled()
        try:
            self.send_nowait(item, is_query=is_query)
        except trio.WouldBlock:
            await (self._queries if is_query else self._changes).wait_for_room(item)
        else:
            await trio.lowlevel.cancel_shielded_checkpoint()

    async def receive(self) -> list[Item]:
        """Wait for items. Return the waiting changes; an empty list if only queries wait."""
        if self:
            await trio.lowlevel.checkpoint()  # more may arrive meanwhile and share the commit
        else:
            self._receiver = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._stop_reading)
        return self.receive_nowait()

    def receive_nowait(self) -> list[Item]:
        """Return the waiting changes, perhaps none."""
        self._available = len(self._queries)
        return self._changes.take_all()

    def next_query(self) -> Item | None:
        """Return the query that has waited longest, if one is available."""
        if not self._available:
            return None
        self._available -= 1
        return self._queries.take_next()

    def close(self) -> list[Item]:
        """Accept no more items. Return those that still waited. Senders that wait are refused."""
        self._is_closed = True
        return [*self._changes.close(), *self._queries.close()]

    def _stop_reading(self, _: object) -> trio.lowlevel.Abort:
        self._receiver = None
        return trio.lowlevel.Abort.SUCCEEDED


def _closed() -> trio.BrokenResourceError:
    return trio.BrokenResourceError("the mailbox is closed")

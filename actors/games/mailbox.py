"""What waits for an actor: anybody may put something in, the actor alone empties it.

As a memory channel of trio, but for what an actor needs: everything at once, questions apart from
what brings changes about, and next to no memory for the many that wait for their time with nothing
in it.
"""

from typing import Generic, TypeVar

import outcome
import trio
from attrs import Factory, define

Item = TypeVar("Item")


@define(eq=False)
class Lane(Generic[Item]):
    """Items in order, at most `size`; who finds no room waits outside, in turn."""

    size: int
    _waiting: list[Item] = Factory(list)
    _outside: dict[trio.lowlevel.Task, Item] = Factory(dict)

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, item: Item) -> bool:
        """Put an item in; false if there is no room."""
        has_room = len(self._waiting) < self.size
        if has_room:
            self._waiting.append(item)
        return has_room

    async def wait_for_room(self, item: Item) -> None:
        """Wait until the item has been let in. Raises `trio.BrokenResourceError`."""
        task = trio.lowlevel.current_task()
        self._outside[task] = item

        def give_up(_: object) -> trio.lowlevel.Abort:
            del self._outside[task]
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(give_up)

    def take_all(self) -> list[Item]:
        """Everything that waits, perhaps nothing."""
        waiting, self._waiting = self._waiting, []
        self._let_in()
        return waiting

    def take_next(self) -> Item | None:
        """What has waited longest, if anything."""
        if not self._waiting:
            return None
        item = self._waiting.pop(0)
        self._let_in()
        return item

    def close(self) -> list[Item]:
        """Gives what still waited; who is outside hears that it is closed."""
        for task in self._outside:
            trio.lowlevel.reschedule(task, outcome.Error(_closed()))
        self._outside.clear()
        return self.take_all()

    def _let_in(self) -> None:
        while self._outside and len(self._waiting) < self.size:
            task = next(iter(self._outside))
            self._waiting.append(self._outside.pop(task))
            trio.lowlevel.reschedule(task)


class Mailbox(Generic[Item]):
    """Two lanes of `size` items each: changes, and questions, which must not hold them up.

    A question may be taken once the changes that were put in before it have been.
    """

    __slots__ = ("_changes", "_is_closed", "_questions", "_reader", "_ripe")

    def __init__(self, size: int) -> None:
        self._changes, self._questions = Lane[Item](size), Lane[Item](size)
        self._reader: trio.lowlevel.Task | None = None
        self._is_closed = False
        self._ripe = 0

    def __len__(self) -> int:
        return len(self._changes) + len(self._questions)

    def send_nowait(self, item: Item, *, is_query: bool = False) -> None:
        """Put an item in. Raises `trio.WouldBlock` and, once closed, `BrokenResourceError`."""
        if self._is_closed:
            raise _closed()
        if not self._lane(is_query).put(item):
            raise trio.WouldBlock
        if self._reader is not None:
            reader, self._reader = self._reader, None
            trio.lowlevel.reschedule(reader)

    async def send(self, item: Item, *, is_query: bool = False) -> None:
        """Put an item in, once there is room. Raises `trio.BrokenResourceError`."""
        await trio.lowlevel.checkpoint_if_cancelled()
        try:
            self.send_nowait(item, is_query=is_query)
        except trio.WouldBlock:
            await self._lane(is_query).wait_for_room(item)
        else:
            await trio.lowlevel.cancel_shielded_checkpoint()

    async def receive(self) -> list[Item]:
        """The changes that wait, once anything does: none if it is questions alone."""
        if self:
            await trio.lowlevel.checkpoint()  # more may come meanwhile, and be decided with it
        else:
            self._reader = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._stop_reading)
        return self.receive_nowait()

    def receive_nowait(self) -> list[Item]:
        """The changes that wait, perhaps none."""
        self._ripe = len(self._questions)
        return self._changes.take_all()

    def next_query(self) -> Item | None:
        """The question that has waited longest, if it may be taken."""
        if not self._ripe:
            return None
        self._ripe -= 1
        return self._questions.take_next()

    def close(self) -> list[Item]:
        """Take no more; gives what still waited. Who is outside hears that it is closed."""
        self._is_closed = True
        return [*self._changes.close(), *self._questions.close()]

    def _lane(self, is_query: bool) -> Lane[Item]:
        return self._questions if is_query else self._changes

    def _stop_reading(self, _: object) -> trio.lowlevel.Abort:
        self._reader = None
        return trio.lowlevel.Abort.SUCCEEDED


def _closed() -> trio.BrokenResourceError:
    return trio.BrokenResourceError("nobody reads this any more")

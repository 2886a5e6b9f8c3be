"""What waits for an actor, in order: anybody may put something in, the actor alone empties it.

As a memory channel of trio, but for what an actor needs: everything at once, and next to no memory
for the many that wait for their time with nothing in it.
"""

from typing import Generic, TypeVar

import outcome
import trio
from attrs import Factory, define

Item = TypeVar("Item")


@define(eq=False)
class Mailbox(Generic[Item]):
    """At most `size` items wait in it; who finds no room waits outside, in turn."""

    size: int
    _waiting: list[Item] = Factory(list)
    _outside: dict[trio.lowlevel.Task, Item] = Factory(dict)
    _reader: trio.lowlevel.Task | None = None
    _is_closed: bool = False

    def __len__(self) -> int:
        return len(self._waiting)

    def send_nowait(self, item: Item) -> None:
        """Put an item in. Raises `trio.WouldBlock` and, once closed, `BrokenResourceError`."""
        if self._is_closed:
            raise _closed()
        if len(self._waiting) >= self.size:
            raise trio.WouldBlock
        self._waiting.append(item)
        if self._reader is not None:
            reader, self._reader = self._reader, None
            trio.lowlevel.reschedule(reader)

    async def send(self, item: Item) -> None:
        """Put an item in, once there is room. Raises `trio.BrokenResourceError`."""
        await trio.lowlevel.checkpoint_if_cancelled()
        try:
            self.send_nowait(item)
        except trio.WouldBlock:
            await self._wait_outside(item)
        else:
            await trio.lowlevel.cancel_shielded_checkpoint()

    async def receive(self) -> list[Item]:
        """Everything that waits, at least one item."""
        if self._waiting:
            await trio.lowlevel.checkpoint()  # more may come meanwhile, and be decided with it
        else:
            self._reader = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._stop_reading)
        return self.receive_nowait()

    def receive_nowait(self) -> list[Item]:
        """Everything that waits, perhaps nothing."""
        waiting, self._waiting = self._waiting, []
        while self._outside and len(self._waiting) < self.size:
            task = next(iter(self._outside))
            self._waiting.append(self._outside.pop(task))
            trio.lowlevel.reschedule(task)
        return waiting

    def close(self) -> list[Item]:
        """Take no more; gives what still waited. Who is outside hears that it is closed."""
        self._is_closed = True
        for task in self._outside:
            trio.lowlevel.reschedule(task, outcome.Error(_closed()))
        self._outside.clear()
        return self.receive_nowait()

    async def _wait_outside(self, item: Item) -> None:
        task = trio.lowlevel.current_task()
        self._outside[task] = item

        def give_up(_: object) -> trio.lowlevel.Abort:
            del self._outside[task]
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(give_up)

    def _stop_reading(self, _: object) -> trio.lowlevel.Abort:
        self._reader = None
        return trio.lowlevel.Abort.SUCCEEDED


def _closed() -> trio.BrokenResourceError:
    return trio.BrokenResourceError("nobody reads this any more")

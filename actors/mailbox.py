"""What waits for an actor, in order: anybody may put something in, the actor alone empties it.

As a memory channel of trio, but for what an actor needs: everything at once, and next to no memory
for the many that wait for their time with nothing in it.
"""

from typing import Generic, TypeVar

import trio
from attrs import Factory, define

Item = TypeVar("Item")


@define(eq=False)
class Mailbox(Generic[Item]):
    """At most `size` items wait."""

    size: int
    _waiting: list[Item] = Factory(list)
    _reader: trio.lowlevel.Task | None = None
    _has_room: trio.Event | None = None
    _is_closed: bool = False

    def __len__(self) -> int:
        return len(self._waiting)

    def send_nowait(self, item: Item) -> None:
        """Put an item in. Raises `trio.WouldBlock` and, once closed, `BrokenResourceError`."""
        if self._is_closed:
            raise trio.BrokenResourceError("nobody reads this any more")
        if len(self._waiting) >= self.size:
            raise trio.WouldBlock
        self._waiting.append(item)
        if self._reader is not None:
            reader, self._reader = self._reader, None
            trio.lowlevel.reschedule(reader)

    async def send(self, item: Item) -> None:
        """Put an item in, once there is room. Raises `trio.BrokenResourceError`."""
        while len(self._waiting) >= self.size and not self._is_closed:
            if self._has_room is None:
                self._has_room = trio.Event()
            await self._has_room.wait()
        self.send_nowait(item)

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
        self._let_in()
        return waiting

    def close(self) -> list[Item]:
        """Take no more; gives what still waited."""
        self._is_closed = True
        return self.receive_nowait()

    def _let_in(self) -> None:
        if self._has_room is not None:
            self._has_room.set()
            self._has_room = None

    def _stop_reading(self, _: object) -> trio.lowlevel.Abort:
        self._reader = None
        return trio.lowlevel.Abort.SUCCEEDED

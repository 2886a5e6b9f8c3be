"""The requests of one connection that were passed to an actor and have no reply yet."""

import trio


class RequestsInFlight:
    """Counts them. Several tasks may wait until there are none."""

    __slots__ = ("_emptied", "count")

    def __init__(self) -> None:
        self.count = 0
        self._emptied: trio.Event | None = None

    def started(self) -> int:
        """Count a request that is passed to an actor. Return a number for `finished`.

        Here all requests have the number 0.
        """
        self.count += 1
        return 0

    def finished(self, number: int) -> None:
        """Count a request that has its reply."""
        self.count -= 1
        if not self.count and self._emptied is not None:
            self._emptied.set()
            self._emptied = None

    def withdrawn(self) -> None:
        """Count no longer the last request that was begun: no actor has it after all."""
        RequestsInFlight.finished(self, 0)

    def overtaken(self, number: int) -> None:
        """Count no longer a request that later ones may overtake."""
        self.finished(number)

    def answered_late(self, number: int) -> None:
        """Do nothing: a request that was overtaken is not counted."""

    def abandon(self) -> None:
        """Expect no more replies."""
        self.count = 1
        self.finished(0)

    @property
    def is_empty(self) -> bool:
        """Whether every request has its reply."""
        return not self.count

    async def wait_until_empty(self) -> None:
        """Wait until every request has its reply, so that replies keep their order."""
        if self.count:
            if self._emptied is None:  # several tasks may wait for the same event
                self._emptied = trio.Event()
            await self._emptied.wait()

"""A trio run that advances only when the test calls it, because the driver is not a task.

Fuzzers and Hypothesis call a function and need the work done when it returns.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import trio
from outcome import Outcome, acapture
from trio.testing import MockClock, wait_all_tasks_blocked

Work = Callable[[], Awaitable[Any]]
Tick = Callable[[], object]

MOST_TICKS = 100_000
"""The most ticks of one piece of work. More means that it never ends."""


class Loop:
    """Runs `main` on simulated time, which stands still unless `clock.jump` moves it.

    `main` receives this loop and has to end in `serve`.
    """

    def __init__(self, main: Callable[["Loop"], Awaitable[None]]) -> None:
        self.clock = MockClock()
        self._ticks: deque[Tick] = deque()
        self._work: Work | None = None
        self._outcomes: list[Outcome[Any]] = []
        self._is_ending = False
        self._over: Outcome[None] | None = None
        trio.lowlevel.start_guest_run(
            main,
            self,
            run_sync_soon_threadsafe=self._ticks.append,
            done_callback=self._end,
            host_uses_signal_set_wakeup_fd=True,
            clock=self.clock,
        )

    def do(self, work: Work) -> Any:
        """Run work in a task. Return its result or raise its exception."""
        self._work = work
        for _ in range(MOST_TICKS):
            self._tick()
            if self._over is not None:
                self._over.unwrap()
            if self._outcomes:
                return self._outcomes.pop().unwrap()
        raise AssertionError("it never becomes quiet")

    def pass_time(self, seconds: float) -> None:
        """Let time pass from deadline to deadline. One jump would look like a stopped process."""
        self.do(partial(_pass_time, self.clock, seconds))

    def end(self) -> None:
        """Let `main` return."""
        self._is_ending = True
        for _ in range(MOST_TICKS):
            if self._over is not None:
                return
            self._tick()
        raise AssertionError("it never ends")

    async def serve(self) -> None:
        """Run the requested work, one piece after the other, until `end`."""
        while not self._is_ending:
            work, self._work = self._work, None
            if work is not None:
                self._outcomes.append(await acapture(work))
            await trio.lowlevel.checkpoint()  # never idle: trio would wait for that in a thread

    def _tick(self) -> None:
        self._ticks.popleft()()

    def _end(self, outcome: Outcome[None]) -> None:
        self._over = outcome


async def _pass_time(clock: MockClock, seconds: float) -> None:
    end = trio.current_time() + seconds
    await settled()
    while (left := end - trio.current_time()) > 0:
        clock.jump(min(left, max(0.0, trio.lowlevel.current_statistics().seconds_to_next_deadline)))
        await settled()


async def settled() -> None:
    """Return once every task waits for something that does not happen by itself."""
    await wait_all_tasks_blocked()

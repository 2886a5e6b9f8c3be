"""A machine of a simulated world: its tasks and its threads live, stand still and end together.

Threads. A node blocks in threads, for which a simulated clock does not wait. So the event loop
stops while a thread runs, and a thread waits by telling the event loop for what, and letting it go
on. Only one of them runs at a time, so a seed gives the same history.

    event loop                        thread
    perform: start it   ----------->  works
    waits in simulated time  <------  wait_for(event, seconds)
    lets it go on       ----------->  works
    continues with the outcome  <---  ends

Pauses. Whatever becomes ready to run on a machine that is paused is held back until it goes on, as
after SIGSTOP and SIGCONT. Time goes on meanwhile.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import partial
from types import SimpleNamespace
from typing import Any, Final, TypeVar
from unittest.mock import patch

import outcome
import trio
from attrs import define
from trio._core import _run

from storage.errors import StorageError

Result = TypeVar("Result")

_here: ContextVar["Machine | None"] = ContextVar("machine", default=None)
_running = threading.local()


class KilledError(BaseException):
    """The machine has been killed: the thread does nothing any more."""


@define(eq=False)
class Wait:
    """What a thread waits for: `event`, for so many seconds. `begin` is called on the loop."""

    event: trio.Event
    seconds: float
    begin: Callable[[], None]


def wait_for(event: trio.Event, seconds: float, begin: Callable[[], None] = lambda: None) -> None:
    """Let a thread of a machine wait. Raise KilledError if the machine has been killed."""
    _running.thread.wait(Wait(event, seconds, begin))


class _Thread:
    """A thread that runs only within `resume`. It does one piece of work after the other."""

    def __init__(self) -> None:
        # Locks that are never free but for a moment: each passes the turn to the other side.
        self._goes, self._stands = threading.Lock(), threading.Lock()
        self._goes.acquire()
        self._stands.acquire()
        self._work: Callable[[], Any] | None = None
        self._wait: Wait | None = None
        self._is_killed = False
        self.outcome: outcome.Outcome[Any] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def begin(self, work: Callable[[], Any]) -> None:
        """Have it do other work, at the next `resume`."""
        self._work, self.outcome = work, None

    def resume(self, *, is_killed: bool) -> Wait | None:
        """Let it run until it waits or has done its work. Return for what it waits, or None."""
        self._wait, self._is_killed = None, is_killed
        self._goes.release()
        self._stands.acquire()
        return self._wait

    def end(self) -> None:
        """End it, once it has done its work."""
        self._work = None
        self._goes.release()
        self._thread.join()

    def wait(self, wait: Wait) -> None:
        """Within the work: wait. Raise KilledError if the machine has been killed."""
        if not self._is_killed:
            self._wait = wait
            self._stands.release()
            self._goes.acquire()
        if self._is_killed:
            raise KilledError

    def _run(self) -> None:
        _running.thread = self
        while True:
            self._goes.acquire()
            if self._work is None:
                return
            self.outcome = outcome.capture(self._work)
            self._stands.release()


class Machine:
    """One life of a machine. `nursery` has its threads' tasks; `life` is cancelled by a kill."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self.life = trio.CancelScope()
        self.is_dead = self.is_paused = False
        self._held: list[trio.lowlevel.Task] = []
        self._waits: list[Wait] = []
        self._idle: list[_Thread] = []

    @contextmanager
    def inhabited(self) -> Iterator[None]:
        """Make the block, and all tasks that it starts, run on this machine."""
        token = _here.set(self)
        try:
            yield
        finally:
            _here.reset(token)

    async def perform(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do blocking work in a thread, and return or raise its outcome. It is not cancelled."""
        thread = self._idle.pop() if self._idle else _Thread()
        thread.begin(partial(work, *arguments))
        with trio.CancelScope(shield=True):
            await trio.lowlevel.checkpoint()
            while (wait := thread.resume(is_killed=self.is_dead)) is not None:
                await self._until(wait)
        done, thread.outcome = thread.outcome, None
        self._idle.append(thread)
        assert done is not None
        try:
            result: Result = done.unwrap()
        except KilledError:
            await trio.lowlevel.checkpoint()  # the cancellation of the machine's life, if it may be
            raise StorageError("the machine has been killed") from None
        return result

    async def _until(self, wait: Wait) -> None:
        wait.begin()
        self._waits.append(wait)
        with trio.move_on_after(wait.seconds):
            await wait.event.wait()
        self._waits.remove(wait)

    def start(self, work: Callable[[], None], ended: trio.Event) -> None:
        """Begin to do blocking work in a thread; set `ended` when it has ended."""
        self._nursery.start_soon(self._background, work, ended)

    async def _background(self, work: Callable[[], None], ended: trio.Event) -> None:
        try:
            await self.perform(work)
        except StorageError:
            assert self.is_dead
        finally:
            ended.set()

    def pause(self) -> None:
        """Stand still."""
        self.is_paused = True

    def go_on(self) -> None:
        """Go on after a pause, with all that has become due."""
        self.is_paused = False
        held, self._held = self._held, []
        _run.GLOBAL_RUN_CONTEXT.runner.runq.extend(held)

    def hold(self, task: trio.lowlevel.Task) -> None:
        """Keep a task that is ready to run until the machine goes on."""
        self._held.append(task)

    def kill(self) -> None:
        """End at once. No file is written and nothing is asked any more."""
        self.is_dead = True
        self.go_on()
        for wait in self._waits:
            wait.event.set()
        self.life.cancel()

    def close(self) -> None:
        """End its threads, once none has work."""
        for thread in self._idle:
            thread.end()


class _RunQueue(deque[trio.lowlevel.Task]):
    """The tasks that are ready to run, without those of machines that are paused."""

    def append(self, task: trio.lowlevel.Task) -> None:
        machine = task.context.get(_here)
        if machine is not None and machine.is_paused:
            machine.hold(task)
        else:
            super().append(task)


class _SimulatedEvent:
    """A `threading.Event` in simulated time. It is set on the event loop."""

    def __init__(self) -> None:
        self._event = trio.Event()
        self.is_set, self.set = self._event.is_set, self._event.set

    def wait(self, seconds: float) -> bool:
        """Wait in a thread until it is set, for so many seconds."""
        if not self.is_set():
            wait_for(self._event, seconds)
        return self.is_set()


class _SimulatedThread:
    """A `threading.Thread` of the machine that starts it."""

    def __init__(self, target: Callable[[], None], name: str, daemon: bool) -> None:
        self._target, self._ended = target, trio.Event()

    def start(self) -> None:
        """Begin."""
        machine = _here.get()
        assert machine is not None
        machine.start(self._target, self._ended)

    def join(self, seconds: float) -> None:
        """Wait in another thread until this one has ended, for so many seconds."""
        wait_for(self._ended, seconds)


async def _run_sync(work: Callable[..., Result], *arguments: Any) -> Result:
    machine = _here.get()
    assert machine is not None
    return await machine.perform(work, *arguments)


_THREADING: Final = SimpleNamespace(Event=_SimulatedEvent, Thread=_SimulatedThread)
_WHO_USE_THREADS: Final = ("actors.cluster.lease_keeper", "storage.cluster.appender")


@contextmanager
def machines() -> Iterator[None]:
    """Let there be machines, in the present run of trio: their threads and pauses are simulated."""
    runner = _run.GLOBAL_RUN_CONTEXT.runner
    runner.runq = _RunQueue(runner.runq)
    with ExitStack() as patched:
        for module in _WHO_USE_THREADS:
            patched.enter_context(patch(f"{module}.threading", _THREADING))
        patched.enter_context(patch("trio.to_thread.run_sync", _run_sync))
        yield

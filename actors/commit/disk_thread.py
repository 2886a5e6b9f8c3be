"""The thread in which the writer's blocking work runs, so that a slow disk never blocks the loop.

Theory of operation
===================

    event loop                                      thread `disk`
    perform: put a job into the queue ----------->  take the job, do its work
    the task continues with the outcome  <--------  run_sync_soon(reschedule)

A job costs half of what `trio.to_thread.run_sync` takes, because there is no limiter, no cache of
threads and no context to copy, and the event loop makes one pass less.

The work cannot be undone. So the waiting task is not cancelled before it has the outcome, and the
end of `disk_thread` waits for the work. Whatever the work raises is raised in the waiting task.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeVar

import outcome
import trio
from attrs import define

Result = TypeVar("Result")


@define
class _Job:
    """Work, and the task that waits for its outcome."""

    work: Callable[..., Any]
    arguments: tuple[Any, ...]
    task: trio.lowlevel.Task
    token: trio.lowlevel.TrioToken

    def run(self) -> None:
        """Do the work. Let the task continue with the outcome."""
        result = outcome.capture(self.work, *self.arguments)
        self.token.run_sync_soon(trio.lowlevel.reschedule, self.task, result)


class DiskThread:
    """A running thread that does one job at a time, in the order received."""

    def __init__(self) -> None:
        self._jobs = SimpleQueue[_Job | None]()
        # A daemon, so that a disk that never answers does not keep a killed process alive.
        self._thread = threading.Thread(target=self._run, name="disk", daemon=True)
        self._thread.start()

    async def perform(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do blocking work in the thread, and return or raise its outcome.

        Cancellation is delayed until then. Raise RuntimeError if the thread has ended.
        """
        if not self._thread.is_alive():
            raise RuntimeError("the disk thread has ended")
        task, token = trio.lowlevel.current_task(), trio.lowlevel.current_trio_token()
        self._jobs.put(_Job(work, arguments, task, token))
        result: Result = await trio.lowlevel.wait_task_rescheduled(_not_now)
        return result

    def end(self) -> None:
        """Wait until all work is done, and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
            del job  # it holds the changes, and the next one may be long in coming


@contextmanager
def disk_thread() -> Iterator[DiskThread]:
    """Run a thread until the block ends."""
    thread = DiskThread()
    try:
        yield thread
    finally:
        thread.end()


def _not_now(_: object) -> trio.lowlevel.Abort:
    return trio.lowlevel.Abort.FAILED

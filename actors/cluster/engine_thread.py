"""A node's questions to the engine, in a thread, each with a deadline of its own.

`Engine` answers them, and in tests of simulated time something in memory does.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from storage.cluster.connection import Deadline

Result = TypeVar("Result")
OffLoop = Callable[..., Awaitable[Any]]

TRY_S: Final = 1.5
"""How long one question to the engine may take, in seconds."""


class EngineThread:
    """Asks by `off_loop`, which runs blocking work. `elapsed` returns seconds."""

    def __init__(self, off_loop: OffLoop, elapsed: Callable[[], float]) -> None:
        self._off_loop, self._elapsed = off_loop, elapsed

    async def ask(self, question: Callable[..., Result], *values: Any) -> Result:
        """Ask a question that takes a deadline and values. Raise StorageError."""
        deadline = Deadline(self._elapsed, self._elapsed() + TRY_S)
        answer: Result = await self._off_loop(question, deadline, *values)
        return answer

"""Calls over a link: questions of an edge that the deciding side answers.

Every call gets an answer or a refusal, or the link ends. The edge handles the answer before any
message that follows it on the link. So a connection exists before the first frames for it arrive.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

import orjson
import trio
from attrs import Factory, define

from actors.link.carrier import Link
from actors.link.claim import NotAdmittedError
from actors.link.messages import LinkAnswer, LinkCall, LinkRefusal
from storage.errors import StorageError

ADMIT: Final = "admit"
"""The call by which an edge signs a client in."""
NOT_ADMITTED: Final = "not_admitted"
STORAGE: Final = "storage"
FAILED: Final = "failed"
"""The kinds of refusals that every edge knows."""
LINK_IS_DOWN: Final = "the deciding process is not available"


class CallRefusedError(Exception):
    """A call is refused, with the kind of error and its details as JSON values."""

    def __init__(self, error: str, details: Mapping[str, Any]) -> None:
        super().__init__(error)
        self.error, self.details = error, dict(details)


class CallFailedError(Exception):
    """A call failed by a bug of ours. The deciding process has logged it with this trace id."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(f"the deciding process failed to answer, trace_id {trace_id}")
        self.trace_id = trace_id


@define(eq=False)
class _Pending:
    """A call that waits for its answer."""

    on_answer: Callable[[Any], None]
    refusal: Exception | None = None
    answered: trio.Event = Factory(trio.Event)


class LinkCalls:
    """The calls of an edge. Numbers are never used again."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._numbers = count(1)
        self._pending: dict[int, _Pending] = {}

    def next_number(self) -> int:
        """Return a number for `call_numbered`."""
        return next(self._numbers)

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Return the answer to a call. Raise as `call_numbered` does."""
        answers: list[Any] = []
        await self.call_numbered(self.next_number(), name, arguments, answers.append)
        return answers[0]

    async def call_numbered(
        self, number: int, name: str, arguments: Mapping[str, Any], on_answer: Callable[[Any], None]
    ) -> None:
        """Wait for the answer to a call; it is passed to `on_answer` when it arrives.

        Raise `NotAdmittedError`, `CallRefusedError`, `CallFailedError` and `StorageError`.
        """
        pending = self._pending[number] = _Pending(on_answer)
        self._link.send(LinkCall(number, name, orjson.dumps(dict(arguments))))
        try:
            await pending.answered.wait()
        finally:
            self._pending.pop(number, None)
        if pending.refusal is not None:
            raise pending.refusal

    def answered(self, message: LinkAnswer) -> bool:
        """Handle an answer. Return False if the call was cancelled."""
        pending = self._pending.get(message.number)
        if pending is None:
            return False
        pending.on_answer(orjson.loads(message.result))
        pending.answered.set()
        return True

    def refused(self, message: LinkRefusal) -> None:
        """Handle a refusal."""
        if (pending := self._pending.get(message.number)) is not None:
            pending.refusal = _refusal(message.error, orjson.loads(message.details))
            pending.answered.set()

    def ended(self) -> None:
        """The link has ended: no call is answered any more."""
        for pending in self._pending.values():
            pending.refusal = StorageError(LINK_IS_DOWN)
            pending.answered.set()


def _refusal(error: str, details: Mapping[str, Any]) -> Exception:
    if error == NOT_ADMITTED:
        return NotAdmittedError(**details)
    if error == STORAGE:
        return StorageError(details["text"])
    if error == FAILED:
        return CallFailedError(details["trace_id"])
    return CallRefusedError(error, details)

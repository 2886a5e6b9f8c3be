"""Named writes of a node that does not lead: the leader performs them.

The control socket of each node accepts commands (`toteboard/operator/control.py`). On a node its
store is a `RemoteStore`, also while this node leads: then the call stays in the process.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from actors.link.calls import LinkCalls
from storage.errors import StorageError
from storage.users import OperatorError
from storage.write import Values, Write
from toteboard.http.account_service import PerformsWrites
from toteboard.operator import wire
from toteboard.operator.control import reply_to

OPERATE: Final = "operate"
"""The call by which a node passes a command's write on."""
LOST: Final = "the leader has not answered: check whether it was done before you retry"


class RemoteStore:
    """Performs the writes of commands at the leader."""

    def __init__(self, calls: LinkCalls) -> None:
        self._calls = calls

    async def perform(self, write: Write) -> Values:
        """Let the leader commit a write; return its values. Raise OperatorError, StorageError."""
        request = wire.request(write).decode()
        try:
            line = await self._calls.call(OPERATE, {"request": request})
        except StorageError:
            raise StorageError(LOST) from None
        reply = wire.read_reply(str(line).encode())
        if isinstance(reply, dict):
            return reply
        text, exit_code = reply
        raise OperatorError(text) if exit_code == 1 else StorageError(text)


def operator_calls(
    store: PerformsWrites,
) -> Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]]:
    """Return what the leader answers: the writes of other nodes' commands."""

    async def operate(asked: Mapping[str, Any]) -> str:
        return (await reply_to(store, asked["request"].encode())).decode()

    return {OPERATE: operate}

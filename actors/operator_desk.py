"""Executes the requests of operators on a running server, one after the other.

What each request changes: `storage/store.py`. How it arrives: `toteboard/operator/`.
"""

from functools import partial

import structlog
import trio

from actors.games.bank import BalanceChanged
from actors.games.outgoing import balance_updates
from actors.link.caller import POLICY_VIOLATION
from actors.link.encoded_message import single
from actors.services import Services
from storage.store import Credit, DisableUser, MakeKey, Values, Write
from storage.users import known_user

log = structlog.get_logger()


class OperatorDesk:
    """The only way by which an operator changes a running server."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = trio.Lock()

    async def perform(self, write: Write) -> Values:
        """Commit a write, act on it before any other task runs, and return its values.

        A write that has begun is not cancelled. Raise `OperatorError` or `StorageError` if nothing
        was changed.
        """
        async with self._turn:
            if isinstance(write, Credit):
                self._know_balance(write)
            work = partial(write.perform, now_ms=self._services.clock.now())
            values = await self._services.writer.perform(work)
            self._act_on(write, values)
        log.info("operator_acted", act=write.word, user_id=values["id"])
        return values

    def _know_balance(self, write: Credit) -> None:
        """Let the bank read the balance before the commit. After it, the bank would read the
        credit and then add it again."""
        user = known_user(self._services.database, write.name)
        self._services.bank.balance(user.id, write.currency)

    def _act_on(self, write: Write, values: Values) -> None:
        match write:
            case Credit():
                self._push(self._services.bank.credit(values["id"], write.currency, write.amount))
            case MakeKey():
                self._close_connections(values["id"], "a new session key was made")
            case DisableUser():
                self._close_connections(values["id"], "the user was disabled")

    def _push(self, change: BalanceChanged) -> None:
        now, connections = self._services.clock.now(), self._services.connections
        for update in balance_updates([change], connections, now):
            if update.caller is not None:
                update.caller.send(single(update.message))

    def _close_connections(self, user_id: int, reason: str) -> None:
        for connection in self._services.connections.of(user_id):
            connection.close(POLICY_VIOLATION, reason)

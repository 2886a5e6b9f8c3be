"""Does what operators ask of a running server, one after the other, and acts on it at once.

What each of it changes is `storage/store.py`; how it gets here is `toteboard/operator/`.
"""

from functools import partial

import structlog
import trio

from actors.link.encoded_message import Body, encode, single
from actors.services import Services
from storage.store import Credit, DisableUser, MakeKey, Values, Write
from storage.users import known_user

log = structlog.get_logger()


class OperatorDesk:
    """The one way in which an operator changes anything while the server runs."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = trio.Lock()

    async def perform(self, write: Write) -> Values:
        """Commit a write, then act on it before anything else can; gives what came of it.

        Once begun it is not cancelled half-way. Raises `OperatorError` or `StorageError` if
        nothing was changed.
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
        """Have the bank read the balance before the commit: after it, it might read the credit,
        and then add it."""
        user = known_user(self._services.database, write.name)
        self._services.bank.balance(user.id, write.currency)

    def _act_on(self, write: Write, values: Values) -> None:
        match write:
            case Credit():
                credit = self._services.bank.credit(values["id"], write.currency, write.amount)
                self._push(values["id"], credit)
            case MakeKey():
                self._services.connections.close_all_of(values["id"], "a new session key was made")
            case DisableUser():
                self._services.connections.close_all_of(values["id"], "the user was disabled")

    def _push(self, user_id: int, body: Body) -> None:
        pushed = single(encode(body, self._services.clock.now()))
        for connection in self._services.connections.of(user_id):
            connection.send(pushed)

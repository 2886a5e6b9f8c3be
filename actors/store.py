"""Performs named writes on a running server, one at a time, and acts on each after its commit.

`storage/store.py` lists the writes and decides what each one changes. The control socket
(`toteboard/operator/`) and the HTTP accounts (`toteboard/http/accounts.py`) bring them here. Only
here does a write reach the rest of the server:

| write | after the commit |
|---|---|
| a credit | the bank learns the balance; the user's connections receive it (815) |
| a new session key | the user's connections are closed (1008) |
| a user is disabled | the user's connections are closed (1008) |
| a source has a new admin | the source admins in memory learn it |
"""

import trio

from actors.games.bank import BalanceChanged
from actors.games.outgoing import balance_updates
from actors.link.encoded_message import single
from actors.services import Services
from storage.store import AddSourceAdmin, Credit, DisableUser, MakeKey, SignIn, Values, Write

NEW_KEY = "a new session key was made"
DISABLED = "the user was disabled"


class Store:
    """The only way to change the database, other than by the facts of games."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = trio.Lock()

    async def perform(self, write: Write) -> Values:
        """Commit a write, then act on it before anything else can; return its values.

        Once begun, it is not cancelled. Raise OperatorError or StorageError if nothing was changed.
        """
        async with self._turn:
            if isinstance(write, Credit):
                self._load_balance(write)
            values = await self._services.writer.perform(write, self._services.clock.now())
            self._act_on(write, values)
        return values

    def _load_balance(self, write: Credit) -> None:
        """Load the balance into the bank before the commit.

        If the bank loaded it after the commit, it would read the credit and then add it again.
        """
        user = self._services.reads.known_user(write.name)
        self._services.bank.balance(user.id, write.currency)

    def _act_on(self, write: Write, values: Values) -> None:
        match write:
            case Credit():
                self._push(self._services.bank.credit(values["id"], write.currency, write.amount))
            case MakeKey():
                self._services.connections.close_all_of(values["id"], NEW_KEY)
            case SignIn() if values["is_new"]:
                self._services.connections.close_all_of(values["id"], NEW_KEY)
            case AddSourceAdmin():
                self._services.source_admins.add(values["source_id"], values["id"])
            case DisableUser():
                self._services.connections.close_all_of(values["id"], DISABLED)

    def _push(self, change: BalanceChanged) -> None:
        now, connections = self._services.clock.now(), self._services.connections
        for update in balance_updates([change], connections, now):
            if update.caller is not None:
                update.caller.send(single(update.message))

"""Acts within 2 s on what the command line does meanwhile (docs/operators.md, "Commands")."""

import structlog
import trio

from actors.connection import POLICY_VIOLATION
from actors.said import alone, say
from actors.services import Services
from storage.acts import Act, ActKind, acts_since, last_act
from storage.database import StorageError

log = structlog.get_logger()

INTERVAL_S = 0.5
"""How often the server looks, unless it is told otherwise."""


class OperatorWatch:
    """Reads on from the last act that there was when it was made."""

    def __init__(self, services: Services, interval_s: float = INTERVAL_S) -> None:
        self._services = services
        self._interval_s = interval_s
        self._seen = last_act(services.database)

    async def run(self) -> None:
        """Look, act, sleep, until cancelled."""
        while True:
            await trio.sleep(self._interval_s)
            try:
                for act in acts_since(self._services.database, self._seen):
                    self._act_on(act)
                    self._seen = act.id
            except StorageError as error:
                log.error("storage_failed", error=str(error))

    def _act_on(self, act: Act) -> None:
        match act.kind:
            case ActKind.KEY_MADE:
                self._close_connections(act.body["user_id"], "a new session key was made")
            case ActKind.DISABLED:
                self._close_connections(act.body["user_id"], "the user was disabled")
            case ActKind.CREDITED:
                self._credit(act)

    def _credit(self, act: Act) -> None:
        user_id = act.body["user_id"]
        body = self._services.bank.credit(user_id, act.body["currency"], act.body["amount"], act.id)
        said = alone(say(body, self._services.clock.now()))
        for connection in self._services.lobby.of(user_id):
            connection.tell(said)

    def _close_connections(self, user_id: int, reason: str) -> None:
        for connection in self._services.lobby.of(user_id):
            connection.close(POLICY_VIOLATION, reason)

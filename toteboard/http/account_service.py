"""What sign-up and sign-in need of the deciding side: limits of attempts, and named writes.

`LocalAccountService` is in the deciding process. `RemoteAccountService` asks it over a link, so
that the limits of an address and of a name hold for all workers together. Reads and hashing stay in
the process that serves the request.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import attrs
import trio

from actors.link.calls import CallRefusedError, LinkCalls
from actors.link.edge_peer import Calls
from storage.store import AddUser, MakeKey, SignIn
from storage.user_writes import SetPassword
from storage.users import DisabledUserError, NameTakenError, OperatorError
from storage.write import Values, Write
from toteboard.http.throttle import Throttle

ADDRESS: Final = "address"
NAME: Final = "name"
"""What attempts are counted by: all attempts by address, failed sign-ins by name."""

ADDRESS_BURST: Final = 60
ADDRESS_INTERVAL_S: Final = 1.0
"""Sign-ups and sign-ins from one address: 60 immediately, and one more each second."""
NAME_BURST: Final = 10
NAME_INTERVAL_S: Final = 6.0
"""Failed sign-ins for one name: 10 immediately, and one more every 6 seconds."""

WRITES: Final[Mapping[str, type[Write]]] = {
    each.word: each for each in (AddUser, SignIn, SetPassword, MakeKey)
}
REFUSALS: Final[Mapping[str, Callable[[str], OperatorError]]] = {
    "name_taken": NameTakenError,
    "user_disabled": DisabledUserError,
}
"""The refusals of those writes, by their names on a link."""


class AccountService(Protocol):
    """Counts attempts and performs writes. Every method raises `StorageError`."""

    async def attempt(self, kind: str, key: str) -> float:
        """Count an attempt and return 0, or return the seconds until the next one is allowed."""

    async def refund(self, kind: str, key: str) -> None:
        """Do not count an attempt after all."""

    async def perform(self, write: Write) -> Values:
        """Commit a write and return its values. Raise `NameTakenError`, `DisabledUserError`."""

    async def sign_in_with_token(self, token: str) -> Values:
        """Sign in the user of a token. Raise `DisabledUserError`, also for a refused token."""


class PerformsWrites(Protocol):
    """What commits a write: the store of the deciding process."""

    async def perform(self, write: Write) -> Values:
        """Commit a write and return its values."""


class SignsInByToken(Protocol):
    """What verifies tokens: the token desk of the deciding process."""

    async def sign_in(self, token: str) -> Values:
        """Sign in the user of a token and return the values. Raise `DisabledUserError`."""


class LocalAccountService:
    """An `AccountService` in the deciding process. `tokens`: None if tokens are switched off."""

    def __init__(self, store: PerformsWrites, tokens: SignsInByToken | None = None) -> None:
        self._store, self._tokens = store, tokens
        self._throttles = {
            ADDRESS: Throttle(ADDRESS_BURST, ADDRESS_INTERVAL_S),
            NAME: Throttle(NAME_BURST, NAME_INTERVAL_S),
        }

    async def attempt(self, kind: str, key: str) -> float:
        """Count an attempt and return 0, or return the seconds until the next one is allowed."""
        return self._throttles[kind].take(key, trio.current_time())

    async def refund(self, kind: str, key: str) -> None:
        """Do not count an attempt after all."""
        self._throttles[kind].refund(key)

    async def perform(self, write: Write) -> Values:
        """Commit a write and return its values."""
        return await self._store.perform(write)

    async def sign_in_with_token(self, token: str) -> Values:
        """Sign in the user of a token. Raise `DisabledUserError`, also for a refused token."""
        if self._tokens is None:
            raise DisabledUserError("")
        return await self._tokens.sign_in(token)

    @property
    def calls(self) -> Calls:
        """The methods by name, for edges in other processes."""

        async def attempt(arguments: Mapping[str, Any]) -> float:
            return await self.attempt(**arguments)

        async def refund(arguments: Mapping[str, Any]) -> None:
            await self.refund(**arguments)

        async def perform(arguments: Mapping[str, Any]) -> Values:
            write = WRITES[arguments["write"]](**arguments["values"])
            try:
                return await self.perform(write)
            except (NameTakenError, DisabledUserError) as error:
                name = next(name for name, kind in REFUSALS.items() if type(error) is kind)
                raise CallRefusedError(name, {"name": getattr(write, "name", "")}) from error

        async def token(arguments: Mapping[str, Any]) -> Values:
            try:
                return await self.sign_in_with_token(**arguments)
            except DisabledUserError as error:
                raise CallRefusedError("user_disabled", {"name": ""}) from error

        return {"attempt": attempt, "refund": refund, "perform": perform, "token": token}


class RemoteAccountService:
    """An `AccountService` at the other end of a link."""

    def __init__(self, calls: LinkCalls) -> None:
        self._calls = calls

    async def attempt(self, kind: str, key: str) -> float:
        """Count an attempt and return 0, or return the seconds until the next one is allowed."""
        return float(await self._calls.call("attempt", {"kind": kind, "key": key}))

    async def refund(self, kind: str, key: str) -> None:
        """Do not count an attempt after all."""
        await self._calls.call("refund", {"kind": kind, "key": key})

    async def perform(self, write: Write) -> Values:
        """Commit a write and return its values. Raise `NameTakenError`, `DisabledUserError`."""
        values = attrs.asdict(write)  # type: ignore[arg-type]  # every write is an attrs class
        try:
            return dict(await self._calls.call("perform", {"write": write.word, "values": values}))
        except CallRefusedError as refused:
            raise REFUSALS[refused.error](refused.details["name"]) from None

    async def sign_in_with_token(self, token: str) -> Values:
        """Sign in the user of a token. Raise `DisabledUserError`, also for a refused token."""
        try:
            return dict(await self._calls.call("token", {"token": token}))
        except CallRefusedError as refused:
            raise REFUSALS[refused.error](refused.details["name"]) from None

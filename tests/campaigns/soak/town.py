"""What all clients of the town share: the server, the open games, and what has happened."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Final

import trio
from attrs import Factory, define

from toteboard_client import Message, RefusedError, Session, SessionKey, open_session

TOO_LATE: Final = {
    "game_closed",
    "game_not_open",
    "insufficient_funds",
    "not_joined",
    "pool_blocked",
    "pool_resolved",
}
"""The errors that a running game may return. Any other is a finding."""

Person = tuple[int, str]
"""A user's id and session key."""
Role = Callable[[], Awaitable[None]]
"""What a client does all the time."""


@define(eq=False)
class Town:
    """`games`: the open ones, with their pools and the targets of those.

    `is_over`: hosts open no more. `done`: how often each thing was done. `findings`: what should
    not have happened.
    """

    url: str
    http_url: str
    dice: Random
    games: dict[str, dict[str, tuple[str, ...]]] = Factory(dict)
    done: Counter[str] = Factory(Counter)
    findings: list[str] = Factory(list)
    is_over: bool = False

    @property
    def port(self) -> int:
        """Return the WebSocket port."""
        return int(self.url.rpartition(":")[2].strip("/"))

    async def wait(self, about_s: float) -> None:
        """Sleep for a random time with this average."""
        await trio.sleep(self.dice.expovariate(1 / about_s))

    async def a_game(self) -> str:
        """Return one of the open games."""
        while not self.games:
            await self.wait(1)
        return self.dice.choice([*self.games])

    @asynccontextmanager
    async def session(self, person: Person) -> AsyncIterator["Guest"]:
        """Open a session of a user that reads publications and ignores them."""
        async with (
            open_session(self.url, SessionKey(*person)) as session,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(_read, session)
            yield Guest(self, session)
            nursery.cancel_scope.cancel()


@define
class Guest:
    """A user in a session."""

    _town: Town
    _session: Session

    async def ask(self, op: Any, **parameters: Any) -> Message | None:
        """Send a request. Return the reply, or None if it came too late."""
        try:
            reply: Message = await self._session.ask(op, **parameters)
        except RefusedError as refused:
            self._town.done[f"refused: {refused.code}"] += 1
            if refused.code not in TOO_LATE:
                self._town.findings.append(f"{op} {parameters}: {refused}")
            return None
        self._town.done[f"op {op}"] += 1
        return reply


async def _read(session: Session) -> None:
    async for _ in session:
        pass

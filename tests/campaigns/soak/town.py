"""What everybody in the town knows: where the server is, what is open, and what has happened."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Final

import trio
from attrs import Factory, define

from toteboard.client import Message, ServerRefusedError, Session, SessionKey, open_session

TOO_LATE: Final = {
    "game_closed",
    "game_not_open",
    "insufficient_funds",
    "not_joined",
    "pool_blocked",
    "pool_resolved",
}
"""What a game that goes on meanwhile may answer; anything else is a finding."""

Person = tuple[int, str]
"""A user's id and session key."""
Role = Callable[[], Awaitable[None]]
"""What somebody does all the time."""


@define(eq=False)
class Town:
    """`games`: the open ones, with their pools and the targets of those.

    `is_over`: hosts open no more. `done`: what was done, how often. `findings`: what should not
    have happened.
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
        """Where the WebSocket is."""
        return int(self.url.rpartition(":")[2].strip("/"))

    async def wait(self, about_s: float) -> None:
        """Some time, as long as that on average."""
        await trio.sleep(self.dice.expovariate(1 / about_s))

    async def a_game(self) -> str:
        """One of those that are open."""
        while not self.games:
            await self.wait(1)
        return self.dice.choice([*self.games])

    @asynccontextmanager
    async def session(self, person: Person) -> AsyncIterator["Guest"]:
        """A session of somebody who takes note of no news, but takes them."""
        async with (
            open_session(self.url, SessionKey(*person)) as session,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(_read, session)
            yield Guest(self, session)
            nursery.cancel_scope.cancel()


@define
class Guest:
    """Somebody in a session."""

    _town: Town
    _session: Session

    async def ask(self, op: int, **parameters: Any) -> Message | None:
        """Ask; gives nothing if it comes too late."""
        try:
            reply = await self._session.ask(op, **parameters)
        except ServerRefusedError as refused:
            self._town.done[f"refused: {refused.code}"] += 1
            if refused.code not in TOO_LATE:
                self._town.findings.append(f"{op} {parameters}: {refused}")
            return None
        self._town.done[f"op {op}"] += 1
        return reply


async def _read(session: Session) -> None:
    async for _ in session:
        pass

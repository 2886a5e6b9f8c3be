"""A game that a session has joined: its calls, and its publications in order."""

from typing import TYPE_CHECKING, Any, Self

from toteboard_client._generated.messages import GameJoined
from toteboard_client._generated.operations import GameOperations
from toteboard_client.errors import Message
from toteboard_client.news import News, NewsBuffer, NewsClosedError

if TYPE_CHECKING:
    from toteboard_client.session import Session


class Game(GameOperations):
    """A joined game. `Session.join` creates it.

    Its methods are those of the session for one game and its pools, without the game's id.
    `async for` yields a class of `toteboard_client.messages` for each publication. It ends after
    the last one: once the game is closed or left, or cannot be resumed (`NotResumed`).
    """

    def __init__(self, session: "Session", joined: GameJoined, buffer: NewsBuffer) -> None:
        self._session, self._buffer = session, buffer
        self.joined = joined
        self.game_id = joined.game_id

    async def _perform(self, op: int, parameters: Message, key: str | None) -> Any:
        return await self._session._perform(op, parameters, key)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> News:
        try:
            return await self._session.next_of(self._buffer)
        except NewsClosedError:
            raise StopAsyncIteration from None

    def __repr__(self) -> str:
        return f"Game({self.game_id!r})"

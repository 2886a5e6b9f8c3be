"""The host of the games: opens and settles them with keys, and repeats requests after a kill.

It compares a repeated reply with the first one under the same key.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from attrs import Factory, define

from actors.link.encoded_message import without_position
from bench.line import frame
from game.commands import LONGEST_CONFIRMATION_MS
from tests.campaigns.kills.bettor import Place
from tests.campaigns.kills.findings import Broken, Findings
from tests.campaigns.line import Line
from toteboard_client import Message

GAMES: Final = 4
_TARGETS: Final = ["argentina", "brazil:7", "chile"]


@define(eq=False)
class Host:
    """The only host. `repeated`: the number of repeated replies."""

    user_id: int
    key: str
    _findings: Findings
    repeated: int = 0
    _source_id: str = ""
    _replies: dict[str, Message] = Factory(dict)
    _games: Iterator[int] = Factory(lambda: count(1))

    async def open_games(self, line: Line) -> list[Place]:
        """Open new games, each with pools on goals."""
        if not self._source_id:
            source = await self._ask(line, "source", 365, source_name="the source")
            self._source_id = source["source_id"]
        return [await self._open_game(line, f"game {next(self._games)}") for _ in range(GAMES)]

    async def _open_game(self, line: Line, name: str) -> Place:
        about: dict[str, Any] = {"actions": ["goal"], "targets": _TARGETS}
        game = await self._ask(line, name, 370, source_id=self._source_id, game_name=name, **about)
        game_id = game["game_id"]
        await self._ask(line, f"admin {name}", 616, game_id=game_id)
        pool: dict[str, Any] = {"game_id": game_id, "description": "?", "action": "goal"}
        pools = [
            await self._ask(line, f"{name}, {number}", 385, **pool, **more)
            for number, more in enumerate(({}, {"confirm_for": LONGEST_CONFIRMATION_MS}, {}, {}))
        ]
        return Place(game_id, [pool["pool_id"] for pool in pools])

    async def settle(self, line: Line, places: list[Place]) -> None:
        """In each game, cancel a pool, take a goal back, register another, and close the game.

        The first goal is paid and then corrected, but for the pool that holds its result.
        """
        for place in places:
            game = {"game_id": place.game_id}
            cancelled, held, *_ = place.pool_ids
            await self._ask(line, f"cancel {cancelled}", 399, pool_id=cancelled)
            goal = {"action_id": "goal", "target_id": "chile"}
            event = await self._ask(line, f"wrong goal {place.game_id}", 395, **game, **goal)
            gone = {"event_id": event["event_id"], "reason": "offside"}
            await self._ask(line, f"no goal {place.game_id}", 3951, **game, **gone)
            goal = {"action_id": "goal", "target_id": "brazil:7"}
            await self._ask(line, f"goal {place.game_id}", 395, **game, **goal)
            await self._ask(line, f"confirm {held}", 3952, pool_id=held)
            await self._ask(line, f"close {place.game_id}", 375, **game)

    async def _ask(self, line: Line, key: str, op: int, **parameters: Any) -> Message:
        """Send a request, perhaps again, and check that a repeated reply equals the first."""
        header = {"request_id": key, "idempotency_key": key}
        await line.send(frame(op, header=header, **parameters))
        while True:
            for message in await line.receive():
                if message["response_header"].get("request_id") == key:
                    return self._compared(key, message)

    def _compared(self, key: str, message: Message) -> Message:
        assert message["res"] != 666, (key, message)
        self.repeated += message["response_header"].get("repeated", False)
        said = without_position(message)  # a repeated reply has none
        body = {name: value for name, value in said.items() if name != "response_header"}
        first = self._replies.setdefault(key, body)
        self._findings.expect(first == body, Broken.TWO_REPLIES, key, first, message)
        return message

"""The demo's match: players with one connection each, who play `toteboard/match_script.py`.

A player knows only what its connection receives, as any client. `toteboard/transcript.py` prints
the messages, and `toteboard/demo.py` starts the server.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

import trio

from actors.clock import Clock
from game.names import POOL_ACTION_PREFIX
from protocol.op import Op, Response
from protocol.ops import OPS
from toteboard.match_script import (
    HOST,
    SCRIPT,
    TEAMS,
    ActionOf,
    After,
    ByScore,
    LastSeq,
    Line,
    PoolOn,
)
from toteboard.transcript import Transcript
from toteboard_client import Client, Message

SHOWN_AFTER: Final = (
    Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS,
    Response.GAME_OPENED,
    Response.TEXT_MESSAGE,
)
"""The replies after which the address of the game is shown. Its host can run it by then."""

_BY_NAME: Final = {op.name: op for op in OPS}


class Player:
    """A user with a connection. `listen` must be running; send one request at a time."""

    def __init__(self, name: str, client: Client, transcript: Transcript) -> None:
        self.name = name
        self.last_seq: dict[str, int] = {}
        self.pools: dict[str, str] = {}
        self.goals: dict[str, int] = {}
        self._client, self._transcript = client, transcript
        self._request_ids = count(1)
        self._tell_reply, self._replies = trio.open_memory_channel[Message](1)

    async def listen(self) -> None:
        """Receive and print messages. Raise ConnectionClosedError."""
        while True:
            message = await self._client.receive()
            self._transcript.heard(self.name, message)
            self._learn(message)
            if "request_id" in message["response_header"]:
                await self._tell_reply.send(message)

    def _learn(self, message: Message) -> None:
        """Remember what later lines of the script refer to: positions, pools and the score."""
        if "seq" in message and "game_id" in message:
            self.last_seq[message["game_id"]] = message["seq"]
        match message["res"]:
            case Response.BETTING_POOL_OPENED | Response.NEW_BETTING_POOL:
                self.pools[message["description"]] = message["pool_id"]
            case Response.ALL_POOLS_FOR_GAME:
                for pool_id, pool in message["pools_list"].items():
                    self.pools[pool["description"]] = pool_id
            case Response.GAME_EVENT_REGISTERED if message["action_id"] == "goal":
                self.goals |= message["current_count"]

    async def ask(self, op: Op, parameters: Mapping[str, Any]) -> Message:
        """Send and print a request; return its reply."""
        self._transcript.asked(self.name, op, parameters)
        header = {"request_id": next(self._request_ids)}
        await self._client.send(op.code, header=header, **parameters)
        return await self._replies.receive()


class Match:
    """Plays the script. `pace`: the number of seconds that one second of the script takes.

    `on_game` is called with the id of a game, a few times while it is played.
    """

    def __init__(
        self,
        players: Mapping[str, Player],
        clock: Clock,
        transcript: Transcript,
        pace: float = 1.0,
        on_game: Callable[[str], None] | None = None,
    ) -> None:
        self._players, self._clock, self._transcript = players, clock, transcript
        self._pace, self._on_game = pace, on_game
        self._ids: dict[str, str] = {}

    async def open_source(self, source_name: str) -> str:
        """Open the source of all the games; return its id."""
        op = _BY_NAME["open_game_source"]
        reply = await self._players[HOST].ask(op, {"source_name": source_name})
        self._ids["source_id"] = reply["source_id"]
        return str(reply["source_id"])

    async def play(self) -> None:
        """Play one game, from its announcement to its end."""
        self._ids.pop("game_id", None)
        for player in self._players.values():
            player.goals.clear()
        self._transcript.begin()
        began, began_at = trio.current_time(), self._clock.now()
        for line in SCRIPT:
            await trio.sleep_until(began + line.at * self._pace)
            self._transcript.title(line.why)
            op = _BY_NAME[line.op]
            player = self._players[line.who]
            reply = await player.ask(op, self._parameters(line, op, player, began_at))
            if reply["res"] == Response.GAME_CREATED:
                self._ids["game_id"] = reply["game_id"]
                self._invite(reply["game_id"])
            if reply["res"] in SHOWN_AFTER and self._on_game is not None:
                self._on_game(self._ids["game_id"])

    def _invite(self, game_id: str) -> None:
        join = f'{{"op": {_BY_NAME["join_game"].code}, "game_id": "{game_id}"}}'
        self._transcript.say(f"(To follow it with your own client, send {join})")

    def _parameters(self, line: Line, op: Op, player: Player, began_at: int) -> dict[str, Any]:
        ids = {name: self._ids[name] for name in op.parameters if name in self._ids}
        return ids | {
            name: self._value(value, player, began_at) for name, value in line.parameters.items()
        }

    def _value(self, value: Any, player: Player, began_at: int) -> Any:
        match value:
            case After(seconds=seconds):
                return began_at + round(seconds * self._pace * 1_000)
            case PoolOn(description=description):
                return player.pools[description]
            case ActionOf(description=description):
                return f"{POOL_ACTION_PREFIX}{player.pools[description]}"
            case ByScore():
                return _by_score(value, player.goals)
            case _:
                is_seq = value is LastSeq
                return player.last_seq.get(self._ids["game_id"], 0) if is_seq else value


def _by_score(wanted: ByScore, goals: Mapping[str, int]) -> str:
    argentina, brazil = (goals.get(team, 0) for team in TEAMS)
    if argentina == brazil:
        return wanted.otherwise
    return TEAMS[(argentina > brazil) != wanted.leads]

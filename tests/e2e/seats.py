"""Users at a match with pools, on real sockets. Every message that they receive is expected.

`tests/e2e/shapes.py` has the shape of every message that a `Seat` receives. The match is in
`tests/e2e/test_match_with_pools.py`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from tests.e2e.bettors import add_players, open_games
from tests.e2e.shapes import POSITION, SHAPES, WATERMARK, a_time, differences
from tests.support.process import PATIENCE_S, Process
from toteboard_client import Client, Message

LISTS = {"353", "354", "355", "3535", "360"}
"""Replies that carry the watermark."""
NO_FACTS = {"815", "815 credit", "901"}
SHARED = {"366", "367", "368", "3681", "369", "370", "371", "341"}
"""Publications that are also replies."""
ALSO_SAID = {
    "insufficient_funds": "666 with available_balance",
    "limit_reached": "666 with limit",
}


class Seat:
    """A connection at which every message must have the shape that the test names."""

    seen: set[str]
    refused: set[int]

    def __init__(self, client: Client, user_id: int) -> None:
        self.client, self.user_id = client, user_id
        self.seq: int | None = None

    async def join(self, game_id: str) -> None:
        """Subscribe."""
        joined = await self.client.call(363, game_id=game_id)
        assert joined["res"] == 333
        self.seq = joined["seq"]

    async def asks(self, op: int, form: str, **parameters: Any) -> Message:
        """Send a request, and check that the reply has this form."""
        reply = await self.client.call(op, **parameters)
        position = WATERMARK if form in LISTS else {}
        if form in SHARED and self.seq is not None:
            position = POSITION
        self._check(reply, form, position, {"t": a_time, "request_id": int})
        if position is POSITION:
            self._follow(reply)
        return reply

    async def is_refused(
        self, op: int, code: str, at: str | None = None, **parameters: Any
    ) -> Message:
        """Send a request that is refused with this code. `at` is the parameter at fault."""
        reply = await self.asks(op, ALSO_SAID.get(code, "666"), **parameters)
        said = reply["code"], reply["op"], reply["retryable"], reply.get("parameter")
        assert said == (code, op, False, at), reply
        self.refused.add(op)
        return reply

    async def hears(self, *forms: str) -> list[Message]:
        """Receive the next messages, check their forms, and return them."""
        messages = []
        with trio.fail_after(PATIENCE_S):
            for form in forms:
                message = await self.client.receive()
                position = {} if form in NO_FACTS else POSITION
                self._check(message, form, position, {"t": a_time})
                if position:
                    self._follow(message)
                messages.append(message)
        return messages

    async def hears_no_more(self) -> None:
        """Check that there are no further messages."""
        await self.client.send(1)
        with trio.fail_after(PATIENCE_S):
            message = await self.client.receive()
        assert message["res"] == 1, message

    def _check(self, message: Message, form: str, position: Message, header: Message) -> None:
        assert str(message["res"]) == form.split()[0], message
        frame = {"response_header": header, "res": int}
        found = differences(message, SHAPES[form] | position | frame)
        assert not found, (message, found)
        self.seen.add(form)

    def _follow(self, message: Message) -> None:
        assert self.seq is not None
        assert message["prev_seq"] <= self.seq <= message["seq"]
        self.seq = message["seq"]


class Match:
    """ann runs the match without joining. bob and ann's board have joined; cat has not."""

    def __init__(self, server: Process, game_id: str, seats: dict[str, Seat]) -> None:
        self.server, self.game_id = server, game_id
        self.desk, self.board, self.bob, self.cat = (
            seats[name] for name in ("desk", "board", "bob", "cat")
        )
        self.all = tuple(seats.values())
        self.audience = self.board, self.bob

    async def all_hear(self, *forms: str) -> list[Message]:
        """Check that all subscribers receive these messages next, with the same content."""
        told = [await seat.hears(*forms) for seat in self.audience]
        assert all(messages == told[0] for messages in told)
        return told[0]

    async def nobody_hears_more(self) -> None:
        for seat in self.all:
            await seat.hears_no_more()

    async def opens(self, **pool: Any) -> Message:
        """Return the 352 of a new pool, on goals by default."""
        wanted = {"description": "Who scores?", "action": "Goal"} | pool
        opened = await self.desk.asks(385, "350", game_id=self.game_id, **wanted)
        (told,) = await self.all_hear("352")
        for key in ("game_id", "pool_id", "description", "type"):
            assert told[key] == opened[key]
        return told

    async def bets(self, seat: Seat, pool_id: str, target: str, amount: float) -> Message:
        """Return the 361 of a bet in a pool without other new bets."""
        placed = await seat.asks(392, "356", pool_id=pool_id, target=target, amount=amount)
        others = [each for each in self.audience if each is not seat]
        told = [(await each.hears("361"))[0] for each in others]
        if seat.seq is not None:
            told += await seat.hears("361")
        (changed,) = await seat.hears("815")
        (bet,) = told[0]["new_bets"]
        assert bet["bet_id"] == placed["bet_id"]
        assert (bet["user_id"], bet["amount"]) == (seat.user_id, amount)
        assert (changed["cause"], changed["pool_id"]) == ("bet", pool_id)
        return told[0]

    async def passes(self, at: int) -> int:
        """Ask until the server's time is later than `at`, and return that time."""
        now = at
        with trio.fail_after(PATIENCE_S):
            while now <= at:
                now = (await self.desk.client.call(1))["response_header"]["t"]
        return now


@asynccontextmanager
async def match(folder: Path) -> AsyncIterator[Match]:
    options = "--distribution-interval", "1ms", "--pools-per-game", "3"
    Seat.seen, Seat.refused = set(), set()
    async with Process(folder, *options) as server:
        ids = {"ann": server.add_user("ann", can_host=True)}
        ids |= {player.name: player.user_id for player in add_players(server, "bob", "cat")}
        names = {"desk": "ann", "board": "ann", "bob": "bob", "cat": "cat"}
        seats = {seat: Seat(await server.dial(name), ids[name]) for seat, name in names.items()}
        (game_id,) = await open_games(seats["desk"].client, 1)
        for name in ("board", "bob"):
            await seats[name].join(game_id)
        assert (await seats["board"].client.receive())["res"] == 470
        assert (await seats["board"].client.receive())["res"] == 470
        assert (await seats["bob"].client.receive())["res"] == 470
        yield Match(server, game_id, seats)
        assert [line for line in server.lines if line["level"] in ("warning", "error")] == []

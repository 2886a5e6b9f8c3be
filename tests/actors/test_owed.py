"""Every reply and every refusal in the op table occurs.

A line of the table has a user, a request and the expected result. Names in capitals belong to the
stage that `Stage` sets up, a closed list. A row of `protocol/ops.py` without a line fails here.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import frozen

from protocol.op import Response
from protocol.ops import BY_CODE
from tests.actors.owed_table import TABLE
from tests.support.people import create_game, open_pool
from tests.support.token_desk import NameDesk
from tests.support.world import World
from toteboard_client import Message

LIMITS = {
    "joins_per_connection": 1,
    "max_game_admins": 2,
    "pools_per_game": 3,
    "correction_window": 1_000,
}
DEEP = ":".join(["x"] * 102)
NOWHERE = "00000000-0000-4000-8000-000000000000"


@frozen
class Line:
    """A user, a request, and the result: a `res`, or the code of an error."""

    who: str
    op: int
    parameters: dict[str, str]
    outcome: str

    @property
    def is_refused(self) -> bool:
        return not self.outcome.isdecimal()

    @property
    def text(self) -> str:
        given = [f"{name}={value}" for name, value in self.parameters.items()]
        return " ".join((self.who, str(self.op), *given, "->", self.outcome))


def _line(text: str) -> Line:
    asked, outcome = text.split(" -> ")
    who, op, *given = asked.split()
    return Line(who, int(op), dict(each.split("=", 1) for each in given), outcome)


LINES = [_line(text) for text in TABLE.splitlines() if text]


def world_with_tokens(folder: Path) -> World:
    """Return a world with low limits, in which users can sign in with tokens."""
    world = World(folder, **LIMITS)
    world.make_token_desk = NameDesk
    return world


async def set_stage(world: World) -> "Stage":
    """Set up a stage in this world."""
    stage = Stage(world)
    await stage.set()
    return stage


class Stage:
    """Sources, games and pools in every state that a line needs, by their names in capitals."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names = {
            "DEEP": DEEP,
            "NOWHERE": NOWHERE,
            "LATER": str(world.now() + 3_600_000),
        }

    async def set(self) -> None:
        """Create everything."""
        for name in ("ann", "max", "bob", "cat", "rex"):
            self.world.add_user(name, can_host=name == "ann")
        self.seats = {name: await self.world.connect(name) for name in self.world.keys}
        self.world.add_user("tim")
        self.seats["tim"] = await self.world.connect_by("/?token=tim")
        self.host = self.seats["ann"]
        await self._games()
        await self._results()
        for name in ("cat", "rex"):
            await self.seats[name].call(363, game_id=self.names["GAME"])
        assert (await self.seats["rex"].call(8310))["res"] == 8310
        await self._pools()
        self.names["RESULT"] = self._result_of(self.names["RESOLVED_POOL"])
        await self._sources()
        await self._sanctions()

    async def play(self, line: Line) -> Message:
        """Send the request and return the reply."""
        given = {name: self._filled_in(value) for name, value in line.parameters.items()}
        return await self.seats[line.who].call(line.op, **given)

    def _filled_in(self, value: str) -> str:
        return self.names[value] if re.fullmatch("[A-Z_]+", value) else value

    async def _games(self) -> None:
        """Open GAME, which has the most admins possible, and QUIET, which has none."""
        teams = {"actions": "goal", "targets": "argentina,brazil:7"}
        for name in ("GAME", "OTHER", "CLOSING", "CLOSED", "QUIET", "UPCOMING"):
            op = 3701 if name == "UPCOMING" else 370
            self.names[name] = game_id = await create_game(self.host, op, **teams)
            if name != "QUIET":
                await self._done(616, game_id=game_id)
        await self._done(617, game_id=self.names["GAME"], username="max")

    async def _pools(self) -> None:
        """Fill GAME with pools. POOL, BLOCKED_POOL and one to resolve by hand are open.

        POOL has a limit of stakes, and BLOCKED_POOL a scratched target.
        """
        self.names["POOL"] = await self._pool("GAME", max_stake=800)
        self.names["BLOCKED_POOL"] = blocked = await self._pool("GAME", is_blocked=True)
        await self._done(3994, pool_id=blocked, target="argentina", reason="injured")
        self.names["RESOLVED_POOL"] = cancelled = await self._pool("GAME")
        await self._done(399, pool_id=cancelled)
        await self._pool("GAME", type=3)
        self.names["CLOSED_POOL"] = await self._pool("CLOSED")
        self.names["CLOSING_POOL"] = await self._pool("CLOSING", type=3)
        resolved = await self._pool("CLOSING", type=3)
        self.names["RESOLVED_ACTION"] = action = f"pool-{resolved}"
        await self._done(395, game_id=self.names["CLOSING"], action_id=action, target_id="yes")
        for name in ("CLOSED", "CLOSING"):
            await self._done(375, game_id=self.names[name])

    async def _results(self) -> None:
        """Register events in OTHER: a pool and an event that are too old, and a pool that waits."""
        self.names["OLD_POOL"] = old = await self._pool("OTHER")
        self.names["OLD_EVENT"] = await self._event()
        self.names["OLD_RESULT"] = self._result_of(old)
        await trio.sleep(2)
        self.names["GONE_EVENT"] = gone = await self._event()
        await self._done(3951, game_id=self.names["OTHER"], event_id=gone, reason="offside")
        self.names["EVENT"] = await self._event()
        self.names["HELD_POOL"] = await self._pool("OTHER", confirm_for=60_000)
        await self._event()

    async def _event(self) -> str:
        goal = {"action_id": "goal", "target_id": "brazil:7"}
        event = await self._done(395, game_id=self.names["OTHER"], **goal)
        return str(event["event_id"])

    def _result_of(self, pool_id: str) -> str:
        """Return the `result_seq` of a pool that was not corrected."""
        sql = "SELECT resolved_seq FROM pools WHERE id = ?"
        [row] = self.world.operator.rows(sql, (pool_id,))
        return str(row["resolved_seq"])

    async def _sources(self) -> None:
        """Open the sources. SOURCE has GAME; CLOSING_SOURCE has a game with a manual pool."""
        for name, game in (("SOURCE", "GAME"), ("CLOSING_SOURCE", "CLOSING")):
            details = await self._done(372, game_id=self.names[game])
            self.names[name] = details["source_id"]
        for name in ("EMPTY_SOURCE", "CLOSED_SOURCE"):
            opened = await self._done(365, source_name=name)
            self.names[name] = opened["source_id"]
        self.names["SOURCE_NAME"] = "EMPTY_SOURCE"
        await self._done(366, source_id=self.names["CLOSED_SOURCE"])

    async def _sanctions(self) -> None:
        """Mute mut, who has joined GAME, ban sid, and let cat say LINE."""
        for name in ("mut", "sid"):
            self.world.add_user(name)
            self.seats[name] = await self.world.connect(name)
        game_id = self.names["GAME"]
        await self.seats["mut"].call(363, game_id=game_id)
        await self._done(9020, game_id=game_id, username="mut")
        await self._done(9040, source_id=self.names["SOURCE"], username="sid")
        said = await self.seats["cat"].call(900, text="hello", targets=game_id)
        self.names["LINE"] = said["message_id"]

    async def _pool(self, game: str, **pool: Any) -> str:
        return await open_pool(self.host, self.names[game], **pool)

    async def _done(self, op: int, **parameters: Any) -> Message:
        reply = await self.host.call(op, **parameters)
        assert reply["res"] != Response.ERROR, reply
        return reply


@pytest.mark.parametrize("op", BY_CODE)
def test_a_row_owes_a_line_for_every_reply_and_refusal_and_for_nothing_else(op: int) -> None:
    row = BY_CODE[op]
    promised = {str(int(reply)) for reply in row.replies} | {str(code) for code in row.refusals}
    assert {line.outcome for line in LINES if line.op == op} == promised


async def test_every_reply_is_seen(tmp_path: Path, autojump_clock: object) -> None:
    async with world_with_tokens(tmp_path) as world:
        stage = await set_stage(world)
        for line in (line for line in LINES if not line.is_refused):
            reply = await stage.play(line)
            assert str(reply["res"]) == line.outcome, (line.text, reply)


async def test_every_refusal_is_seen_and_changes_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_tokens(tmp_path) as world:
        stage = await set_stage(world)
        before = world.kept()
        for line in (line for line in LINES if line.is_refused):
            reply = await stage.play(line)
            assert reply.get("code") == line.outcome, (line.text, reply)
            assert_is_an_error(reply, line.op)
        assert world.kept() == before


def assert_is_an_error(reply: Message, op: int) -> None:
    """Check the fields that every refusal has (contract, section 1, "Errors")."""
    extra = {"available_balance", "limit", "until"} & reply.keys()
    assert reply.keys() == {"response_header", "res", "text", "code", "op", "retryable"} | extra
    assert (reply["res"], reply["op"], reply["retryable"]) == (Response.ERROR, op, False)
    assert reply["text"].endswith(".")
    limit: set[str] = set() if op == 900 else {"limit"}  # it is a break that refuses chat
    expected = {"insufficient_funds": {"available_balance"}, "limit_reached": limit}
    assert extra - {"until"} == expected.get(reply["code"], set()), reply

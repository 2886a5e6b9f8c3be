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
from tests.support.people import create_game, open_pool
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

# ann is the host and admin of all games but QUIET; max is admin of GAME, bob of none. cat has
# joined GAME.
TABLE = """
ann 1 -> 1
ann 2 -> 2
ann 100 -> 100
ann 100 -> 112
ann 365 source_name=new -> 335
bob 365 source_name=other -> not_authorized
ann 365 source_name=SOURCE_NAME -> already_exists
ann 366 source_id=EMPTY_SOURCE -> 336
ann 366 source_id=CLOSED_SOURCE -> source_closed
ann 366 source_id=CLOSING_SOURCE -> 3361
bob 366 source_id=SOURCE -> not_authorized
ann 366 source_id=NOWHERE -> unknown_source
ann 611 -> 621
ann 370 source_id=SOURCE game_name=g -> 340
ann 370 source_id=NOWHERE game_name=g -> unknown_source
bob 370 source_id=SOURCE game_name=g -> not_authorized
ann 370 source_id=CLOSED_SOURCE game_name=g -> source_closed
ann 370 source_id=SOURCE game_name=g targets=DEEP -> limit_reached
ann 3701 source_id=SOURCE game_name=g -> 3401
ann 3701 source_id=NOWHERE game_name=g -> unknown_source
bob 3701 source_id=SOURCE game_name=g -> not_authorized
ann 3701 source_id=CLOSED_SOURCE game_name=g -> source_closed
ann 3701 source_id=SOURCE game_name=g targets=DEEP -> limit_reached
ann 3702 game_id=NOWHERE -> unknown_game
bob 3702 game_id=UPCOMING -> not_authorized
ann 3702 game_id=CLOSED -> game_closed
ann 3702 game_id=GAME -> game_already_open
ann 3702 game_id=UPCOMING targets=DEEP -> limit_reached
ann 3702 game_id=UPCOMING -> 3402
ann 616 game_id=QUIET -> 640
bob 616 game_id=QUIET -> 645
ann 616 game_id=NOWHERE -> unknown_game
ann 616 game_id=CLOSED -> game_closed
ann 617 game_id=QUIET username=bob -> 617
ann 617 game_id=GAME username=bob -> 645
ann 617 game_id=NOWHERE username=bob -> unknown_game
bob 617 game_id=GAME username=bob -> not_authorized
ann 617 game_id=CLOSED username=bob -> game_closed
ann 617 game_id=GAME username=nobody -> unknown_user
ann 618 game_id=GAME username=max -> 618
ann 618 game_id=NOWHERE username=max -> unknown_game
bob 618 game_id=GAME username=bob -> not_authorized
ann 618 game_id=CLOSED username=max -> game_closed
ann 618 game_id=GAME username=nobody -> unknown_user
bob 372 game_id=GAME -> 342
bob 372 game_id=NOWHERE -> unknown_game
ann 373 game_id=GAME actions=more -> 343
ann 373 game_id=NOWHERE actions=more -> unknown_game
bob 373 game_id=GAME actions=more -> not_authorized
ann 373 game_id=CLOSED actions=more -> game_closed
ann 373 game_id=GAME open_at=LATER -> game_already_open
ann 373 game_id=GAME targets=DEEP -> limit_reached
bob 363 game_id=GAME -> 333
cat 363 game_id=QUIET -> limit_reached
bob 363 game_id=NOWHERE -> unknown_game
bob 363 game_id=CLOSED -> game_closed
bob 364 game_id=GAME -> not_joined
bob 364 game_id=NOWHERE -> unknown_game
ann 375 game_id=NOWHERE -> unknown_game
bob 375 game_id=GAME -> not_authorized
ann 375 game_id=CLOSED -> game_closed
bob 380 source_id=SOURCE -> 345
bob 380 source_id=NOWHERE -> unknown_source
bob 3811 source_id=SOURCE -> 3461
bob 3811 source_id=NOWHERE -> unknown_source
bob 3812 -> 3452
ann 610 -> 620
ann 385 game_id=OTHER description=d action=goal -> 350
ann 385 game_id=NOWHERE description=d action=goal -> unknown_game
bob 385 game_id=GAME description=d action=goal -> not_authorized
ann 385 game_id=CLOSED description=d action=goal -> game_closed
ann 385 game_id=CLOSING description=d action=goal -> game_not_open
ann 385 game_id=GAME description=d action=offside -> unknown_action
ann 385 game_id=GAME description=d action=goal targets=chile -> unknown_target
ann 385 game_id=GAME description=d action=goal -> limit_reached
bob 387 game_id=GAME -> 3535
bob 387 game_id=NOWHERE -> unknown_game
bob 388 game_id=GAME -> 353
bob 388 game_id=NOWHERE -> unknown_game
bob 389 game_id=GAME -> 354
bob 389 game_id=NOWHERE -> unknown_game
bob 390 game_id=GAME -> 355
bob 390 game_id=NOWHERE -> unknown_game
bob 3901 game_id=GAME -> 3551
bob 3901 game_id=NOWHERE -> unknown_game
bob 392 pool_id=POOL target=brazil amount=1 -> 356
bob 392 pool_id=NOWHERE target=brazil amount=1 -> unknown_pool
ann 392 pool_id=POOL target=brazil amount=1 -> not_authorized
bob 392 pool_id=POOL target=brazil amount=900 -> limit_reached
bob 392 pool_id=CLOSED_POOL target=brazil amount=1 -> game_closed
bob 392 pool_id=RESOLVED_POOL target=brazil amount=1 -> pool_resolved
bob 392 pool_id=CLOSING_POOL target=yes amount=1 -> game_not_open
bob 392 pool_id=BLOCKED_POOL target=brazil amount=1 -> pool_blocked
bob 392 pool_id=POOL target=chile amount=1 -> unknown_target
bob 392 pool_id=POOL target=brazil amount=1000.01 -> insufficient_funds
bob 393 pool_id=POOL -> 360
bob 393 pool_id=NOWHERE -> unknown_pool
ann 395 game_id=NOWHERE action_id=goal target_id=brazil:7 -> unknown_game
bob 395 game_id=GAME action_id=goal target_id=brazil:7 -> not_authorized
ann 395 game_id=CLOSED action_id=goal target_id=brazil:7 -> game_closed
ann 395 game_id=UPCOMING action_id=goal target_id=brazil:7 -> game_not_open
ann 395 game_id=CLOSING action_id=RESOLVED_ACTION target_id=yes -> pool_resolved
ann 395 game_id=GAME action_id=offside target_id=brazil:7 -> unknown_action
ann 395 game_id=GAME action_id=goal target_id=brazil:9 -> unknown_target
"""

ON_A_POOL = """
ann {op} pool_id=POOL -> {reply}
ann {op} pool_id=NOWHERE -> unknown_pool
bob {op} pool_id=POOL -> not_authorized
ann {op} pool_id=CLOSED_POOL -> game_closed
ann {op} pool_id=RESOLVED_POOL -> pool_resolved
"""
TABLE += "".join(
    ON_A_POOL.format(op=op, reply=reply)
    for op, reply in ((396, 367), (397, 368), (398, 369), (399, 3991))
)

ON_AN_ACTION = """
ann {op} game_id=GAME action_id=goal {more} -> {reply}
ann {op} game_id=NOWHERE action_id=goal {more} -> unknown_game
bob {op} game_id=GAME action_id=goal {more} -> not_authorized
ann {op} game_id=CLOSED action_id=goal {more} -> game_closed
ann {op} game_id=GAME action_id=offside {more} -> unknown_action
"""
TABLE += "".join(
    ON_AN_ACTION.format(op=op, more=more, reply=reply)
    for op, more, reply in ((3961, "target_id=brazil", 367), (3975, "", 370), (3985, "", 371))
)

TABLE += """
ann 3994 pool_id=NOWHERE target=none reason=r -> unknown_pool
bob 3994 pool_id=POOL target=none reason=r -> not_authorized
ann 3994 pool_id=CLOSED_POOL target=brazil reason=r -> game_closed
ann 3994 pool_id=RESOLVED_POOL target=brazil reason=r -> pool_resolved
ann 3994 pool_id=BLOCKED_POOL target=chile reason=r -> unknown_target
ann 3994 pool_id=BLOCKED_POOL target=argentina reason=r -> already_exists
ann 3994 pool_id=BLOCKED_POOL target=brazil reason=r -> 3681
ann 3951 game_id=NOWHERE event_id=EVENT reason=r -> unknown_game
bob 3951 game_id=OTHER event_id=EVENT reason=r -> not_authorized
ann 3951 game_id=CLOSED event_id=EVENT reason=r -> game_closed
ann 3951 game_id=OTHER event_id=GONE_EVENT reason=r -> already_exists
ann 3951 game_id=OTHER event_id=OLD_EVENT reason=r -> limit_reached
ann 3951 game_id=OTHER event_id=EVENT reason=r -> 3661
ann 3952 pool_id=NOWHERE -> unknown_pool
bob 3952 pool_id=HELD_POOL -> not_authorized
ann 3952 pool_id=CLOSED_POOL -> game_closed
ann 3952 pool_id=RESOLVED_POOL -> pool_resolved
ann 3952 pool_id=POOL -> pool_not_decided
ann 3952 pool_id=HELD_POOL -> 3952
ann 3992 pool_id=NOWHERE cancel=true reason=r corrects_seq=RESULT -> unknown_pool
bob 3992 pool_id=RESOLVED_POOL cancel=true reason=r corrects_seq=RESULT -> not_authorized
ann 3992 pool_id=POOL cancel=true reason=r corrects_seq=RESULT -> pool_not_resolved
ann 3992 pool_id=RESOLVED_POOL cancel=true reason=r corrects_seq=1 -> pool_resolved
ann 3992 pool_id=RESOLVED_POOL winning_target=chile reason=r corrects_seq=RESULT -> unknown_target
ann 3992 pool_id=RESOLVED_POOL cancel=true reason=r corrects_seq=RESULT -> already_exists
ann 3992 pool_id=OLD_POOL cancel=true reason=r corrects_seq=OLD_RESULT -> limit_reached
ann 3992 pool_id=RESOLVED_POOL winning_target=brazil reason=r corrects_seq=RESULT -> 3621
ann 3961 game_id=GAME action_id=goal target_id=chile -> unknown_target
bob 800 -> 800
bob 810 -> 810
bob 840 -> 840
cat 900 text=hello -> 901
cat 900 text=hello targets=QUIET -> not_joined
cat 900 text=hello targets=NOWHERE -> unknown_game
bob 450 -> 450
bob 451 game_id=GAME -> 451
bob 451 game_id=NOWHERE -> unknown_game
cat 364 game_id=GAME -> 334
ann 395 game_id=GAME action_id=goal target_id=brazil:7 -> 366
ann 375 game_id=QUIET -> 341
ann 375 game_id=GAME -> 3411
"""


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
        for name in ("ann", "max", "bob", "cat"):
            self.world.add_user(name, can_host=name == "ann")
        self.seats = {name: await self.world.connect(name) for name in self.world.keys}
        self.host = self.seats["ann"]
        await self._games()
        await self._results()
        await self.seats["cat"].call(363, game_id=self.names["GAME"])
        await self._pools()
        self.names["RESULT"] = self._result_of(self.names["RESOLVED_POOL"])
        await self._sources()

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
    async with World(tmp_path, **LIMITS) as world:
        stage = await set_stage(world)
        for line in (line for line in LINES if not line.is_refused):
            reply = await stage.play(line)
            assert str(reply["res"]) == line.outcome, (line.text, reply)


async def test_every_refusal_is_seen_and_changes_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, **LIMITS) as world:
        stage = await set_stage(world)
        before = world.kept()
        for line in (line for line in LINES if line.is_refused):
            reply = await stage.play(line)
            assert reply.get("code") == line.outcome, (line.text, reply)
            assert_is_an_error(reply, line.op)
        assert world.kept() == before


def assert_is_an_error(reply: Message, op: int) -> None:
    """Check the fields that every refusal has (contract, section 1, "Errors")."""
    extra = {"available_balance", "limit"} & reply.keys()
    assert reply.keys() == {"response_header", "res", "text", "code", "op", "retryable"} | extra
    assert (reply["res"], reply["op"], reply["retryable"]) == (Response.ERROR, op, False)
    assert reply["text"].endswith(".")
    expected = {"insufficient_funds": {"available_balance"}, "limit_reached": {"limit"}}
    assert extra == expected.get(reply["code"], set()), reply

"""The rights and states for requests: every op, every kind of user, every state of a game.

The table follows the contract: the rights of section 3, and what sections 5 to 8 allow in each
state. The server checks rights before states, and unknown pools before rights (section 1,
"Errors"). `tests/actors/test_owed.py` tests that each op has its replies and refusals at all.
"""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
import trio
from attrs import frozen

from game.vocabulary import Right
from protocol.op import Response
from protocol.ops import BY_CODE
from storage.store import AddSourceAdmin, DisableUser
from tests.support.people import create_game, open_pool
from tests.support.process import heard_to_the_end
from tests.support.strangers import answer_to, handshake, is_unauthorized
from tests.support.wire import frame
from tests.support.world import World
from toteboard_client import Client, Message, signed_url

STATES = ("upcoming", "open", "closing", "closed")
NOWHERE = "00000000-0000-4000-8000-000000000000"

EVERYONE = {
    "stranger",  # signed in, and nothing else
    "player",  # has joined the game and has a bet in it
    "host",  # of another source, and admin of a game there
    "source_admin",  # by the command line: neither a host nor an admin of the game
    "game_admin",  # appointed: no admin of the source
}
WHO = {
    "everyone": EVERYONE,
    "a host": {"host"},
    "a source admin": {"source_admin"},
    "a game admin": {"game_admin"},
    "either admin": {"source_admin", "game_admin"},
    "who has joined": {"player"},
    "no admin": EVERYONE - {"source_admin", "game_admin"},
}
SECTION_3 = {
    Right.EVERY_CLIENT: "everyone",
    Right.ANYONE: "everyone",
    Right.HOST: "a host",
    Right.SOURCE_ADMIN: "a source admin",
    Right.GAME_ADMIN: "a game admin",
    Right.EITHER_ADMIN: "either admin",
    Right.MODERATOR: "either admin",  # of the game or of the source that it names
    Right.SOURCE_ADMIN_OR_SUBJECT: "either admin",  # "an admin may resign"
    Right.ASKING_TO_BE_ADMIN: "either admin",  # "640, also when admin already"
}

# An open game has a parimutuel pool, POOL, and a binary one, MANUAL, which keeps it closing.
# `|` ends a column. `else` applies to all other users; by default that is `not_authorized`.
TABLE = """
op and parameters                           | who may                         | upcoming            | open              | closing           | closed
1                                           | everyone                        | 1                   | 1                 | 1                 | 1
2                                           | everyone                        | 2                   | 2                 | 2                 | 2
100                                         | everyone                        | 100/112             | 100/112           | 100/112           | 100/112
1010 token=t                                | everyone                        | not_authorized      | not_authorized    | not_authorized    | not_authorized
365 source_name=NEW                         | a host                          | 335                 | 335               | 335               | 335
366 source_id=SOURCE                        | a source admin                  | 336                 | 3361              | 3361              | 336
611                                         | everyone                        | 621                 | 621               | 621               | 621
370 source_id=SOURCE game_name=g            | a source admin                  | 340                 | 340               | 340               | 340
3701 source_id=SOURCE game_name=g           | a source admin                  | 3401                | 3401              | 3401              | 3401
3702 game_id=GAME                           | a source admin                  | 3402                | game_already_open | game_already_open | game_closed
616 game_id=GAME                            | either admin, else 645          | 640                 | 640               | 640               | game_closed
617 game_id=GAME username=stranger          | a source admin                  | 617                 | 617               | 617               | game_closed
618 game_id=GAME username=opener            | a source admin                  | 618                 | 618               | 618               | game_closed
618 game_id=GAME username=ME                | either admin                    | 618                 | 618               | 618               | game_closed
372 game_id=GAME                            | everyone                        | 342                 | 342               | 342               | 342
373 game_id=GAME actions=more               | either admin                    | 343                 | 343               | 343               | game_closed
373 game_id=GAME open_at=LATER              | either admin                    | 343                 | game_already_open | game_already_open | game_closed
373 game_id=GAME                            | everyone                        | 342                 | 342               | 342               | 342
363 game_id=GAME                            | everyone                        | 333                 | 333               | 333               | game_closed
363 game_id=GAME since=0                    | everyone                        | 333                 | 333               | 333               | 333
364 game_id=GAME                            | who has joined, else not_joined | 334                 | 334               | 334               | not_joined
375 game_id=GAME                            | either admin                    | 341                 | 3411              | 3411              | game_closed
380 source_id=SOURCE                        | everyone                        | 345                 | 345               | 345               | 345
3811 source_id=SOURCE                       | everyone                        | 3461                | 3461              | 3461              | 3461
3812                                        | everyone                        | 3452                | 3452              | 3452              | 3452
610                                         | everyone                        | 620                 | 620               | 620               | 620
385 game_id=GAME description=d action=goal  | a game admin                    | game_not_open       | 350               | game_not_open     | game_closed
387 game_id=GAME                            | everyone                        | 3535                | 3535              | 3535              | 3535
388 game_id=GAME                            | everyone                        | 353                 | 353               | 353               | 353
389 game_id=GAME                            | everyone                        | 354                 | 354               | 354               | 354
390 game_id=GAME                            | everyone                        | 355                 | 355               | 355               | 355
3901 game_id=GAME                           | everyone                        | 3551                | 3551              | 3551              | 3551
392 pool_id=POOL target=brazil amount=1     | no admin                        | unknown_pool        | 356               | game_not_open     | game_closed
392 pool_id=MANUAL target=yes amount=1      | no admin                        | unknown_pool        | 356               | game_not_open     | game_closed
393 pool_id=POOL                            | everyone                        | unknown_pool        | 360               | 360               | 360
3911 pool_id=POOL                           | everyone                        | unknown_pool        | pool_not_resolved | 3911              | 3911
395 game_id=GAME action_id=goal target_id=T | a game admin                    | game_not_open       | 366               | 366               | game_closed
395 game_id=GAME action_id=A target_id=yes  | a game admin                    | game_not_open       | 366               | 366               | game_closed
396 pool_id=POOL                            | a game admin                    | unknown_pool        | 367               | pool_resolved     | game_closed
396 pool_id=MANUAL                          | a game admin                    | unknown_pool        | 367               | 367               | game_closed
3961 game_id=GAME action_id=goal target_id=T| a game admin                    | 367                 | 367               | 367               | game_closed
399 pool_id=POOL                            | a game admin                    | unknown_pool        | 3991              | pool_resolved     | game_closed
399 pool_id=MANUAL                          | a game admin                    | unknown_pool        | 3991              | 3991              | game_closed
3994 pool_id=POOL target=brazil reason=r    | a game admin                    | unknown_pool        | 3681              | pool_resolved     | game_closed
3951 game_id=GAME event_id=E reason=r        | a game admin                    | invalid_parameter   | 3661              | 3661              | game_closed
3952 pool_id=POOL                           | a game admin                    | unknown_pool        | pool_not_decided  | pool_resolved     | game_closed
3992 pool_id=POOL cancel=true reason=r corrects_seq=R | a source admin        | unknown_pool        | pool_not_resolved | 3621              | 3621
3992 pool_id=POOL cancel=true reason=r corrects_seq=1 | a source admin        | unknown_pool        | pool_not_resolved | pool_resolved     | pool_resolved
397 pool_id=POOL                            | a game admin                    | unknown_pool        | 368               | pool_resolved     | game_closed
397 pool_id=MANUAL                          | a game admin                    | unknown_pool        | 368               | 368               | game_closed
398 pool_id=POOL                            | a game admin                    | unknown_pool        | 369               | pool_resolved     | game_closed
398 pool_id=MANUAL                          | a game admin                    | unknown_pool        | 369               | 369               | game_closed
3975 game_id=GAME action=goal               | a game admin                    | 370                 | 370               | 370               | game_closed
3985 game_id=GAME action=goal               | a game admin                    | 371                 | 371               | 371               | game_closed
800                                         | everyone                        | 800                 | 800               | 800               | 800
810                                         | everyone                        | 810                 | 810               | 810               | 810
840                                         | everyone                        | 840                 | 840               | 840               | 840
8200                                        | everyone                        | 8200                | 8200              | 8200              | 8200
900 text=hello targets=GAME                 | who has joined, else not_joined | 901                 | 901               | 901               | not_joined
9020 game_id=GAME username=player           | a game admin                    | 9021                | 9021              | 9021              | game_closed
9020 source_id=SOURCE username=player       | a source admin                  | 9021                | 9021              | 9021              | 9021
9030 game_id=GAME username=player           | a game admin                    | 9031                | 9031              | 9031              | game_closed
9030 source_id=SOURCE username=player       | a source admin                  | 9031                | 9031              | 9031              | 9031
9040 source_id=SOURCE username=player       | a source admin                  | 9041                | 9041              | 9041              | 9041
9050 source_id=SOURCE username=player       | a source admin                  | 9051                | 9051              | 9051              | 9051
9060 game_id=GAME ms=5                      | a game admin                    | 9061                | 9061              | 9061              | game_closed
9070 game_id=GAME message_id=LINE           | a game admin                    | 9011                | 9011              | 9011              | game_closed
8300                                        | everyone                        | 8300                | 8300              | 8300              | 8300
450                                         | everyone                        | 450                 | 450               | 450               | 450
451 game_id=GAME                            | everyone                        | 451                 | 451               | 451               | 451
8310 until=SOON                             | everyone                        | 8310                | 8310              | 8310              | 8310
"""  # noqa: E501  # a table is read row by row

ADMINS_MAY_BET = """
392 pool_id=POOL target=brazil amount=1     | everyone                        | unknown_pool        | 356               | game_not_open     | game_closed
392 pool_id=MANUAL target=yes amount=1      | everyone                        | unknown_pool        | 356               | game_not_open     | game_closed
"""  # noqa: E501
"""The rows that differ where `admins_may_bet` is true."""


@frozen
class Row:
    """A row of the table. `outcomes` are a `res`, or the code of an error, for each state."""

    op: int
    parameters: dict[str, str]
    may: frozenset[str]
    otherwise: str
    outcomes: dict[str, str]
    text: str

    def outcome(self, who: str, state: str) -> str:
        """Return the outcome by the contract's order of checks: unknown, rights, state."""
        cell = self.outcomes[state]
        return cell if who in self.may or cell == "unknown_pool" else self.otherwise


def _row(line: str) -> Row:
    asked, who, *cells = (column.strip() for column in line.split("|"))
    op, *given = asked.split()
    may, _, otherwise = who.partition(", else ")
    return Row(
        int(op),
        dict(each.split("=", 1) for each in given),
        frozenset(WHO[may]),
        otherwise or "not_authorized",
        dict(zip(STATES, cells, strict=True)),
        asked,
    )


def _rows(table: str) -> list[Row]:
    return [_row(line) for line in table.splitlines() if line[:1].isdecimal()]


ROWS, BETS = _rows(TABLE), _rows(ADMINS_MAY_BET)
LEAVES_A_TRACE = {op.code for op in BY_CODE.values() if op.changes} | {363, 364}
"""The ops after which a game has changed."""

_sources = count(1)


class Stage:
    """All users, and a game in a state, which can be set up repeatedly."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seats: dict[str, Client] = {}
        self.names: dict[str, str] = {}

    async def fill(self) -> None:
        """Connect all users. The user `disabled` is not disabled yet."""
        for name in ("opener", "disabled", *sorted(EVERYONE)):
            self.world.add_user(name, can_host=name in ("opener", "host", "disabled"))
            self.seats[name] = await self.world.connect(name)
        elsewhere = await create_game(self.seats["host"])
        await self._done("host", 616, game_id=elsewhere)

    async def set(self, state: str) -> None:
        """Set up a new game in this state, in a new source."""
        await trio.sleep(0.01)  # a break until SOON is over
        opener = self.seats["opener"]
        names = {"actions": "goal", "targets": "brazil:7"}
        game_id = await create_game(opener, 3701 if state == "upcoming" else 370, **names)
        source_id = (await self._done("opener", 372, game_id=game_id))["source_id"]
        self.names = {"GAME": game_id, "SOURCE": source_id, "T": "brazil:7"}
        for name in ("source_admin", "disabled"):
            await self.world.operate(AddSourceAdmin(source_id, name))
        await self._done("opener", 616, game_id=game_id)
        for name in ("game_admin", "disabled"):
            await self._done("opener", 617, game_id=game_id, username=name)
        await self._done("player", 363, game_id=game_id)
        said = await self._done("player", 900, text="hello", targets=game_id)
        self.names["LINE"] = said["message_id"]
        await self._pools(state)

    async def _pools(self, state: str) -> None:
        pool = manual = event = NOWHERE
        if state != "upcoming":
            opener, game_id = self.seats["opener"], self.names["GAME"]
            goal = {"action_id": "goal", "target_id": "brazil:7"}
            event = (await self._done("opener", 395, game_id=game_id, **goal))["event_id"]
            pool = await open_pool(opener, game_id)
            manual = await open_pool(opener, game_id, type=3)
            await self._done("player", 392, pool_id=pool, target="brazil", amount=1)
        if state == "closed":
            await self._done("opener", 399, pool_id=manual)
        if state in ("closing", "closed"):
            await self._done("opener", 375, game_id=self.names["GAME"])
        sql = "SELECT resolved_seq FROM pools WHERE id = ?"
        result = {0} | {row["resolved_seq"] or 0 for row in self.world.operator.rows(sql, (pool,))}
        self.names |= {"POOL": pool, "MANUAL": manual, "A": f"pool-{manual}"}
        self.names |= {"E": event, "R": str(max(result))}

    def filled_in(self, row: Row, who: str) -> dict[str, str]:
        """Return the parameters of a row, as this user sends them."""
        names = self.names | {
            "ME": who,
            "NEW": f"a source of its own {next(_sources)}",
            "SOON": str(self.world.now() + 1),
            "LATER": str(self.world.now() + 3_600_000),
        }
        return {key: names.get(value, value) for key, value in row.parameters.items()}

    async def outcome(self, row: Row, who: str) -> str:
        """Send the request of a row as this user, and return the outcome."""
        reply = await self.seats[who].call(row.op, **self.filled_in(row, who))
        return str(reply.get("code", reply["res"]))

    async def _done(self, who: str, op: int, **parameters: Any) -> Message:
        reply = await self.seats[who].call(op, **parameters)
        assert reply["res"] != Response.ERROR, reply
        return reply


async def full_stage(world: World, state: str) -> Stage:
    """Set up a stage with all users and a game in this state."""
    stage = Stage(world)
    await stage.fill()
    await stage.set(state)
    return stage


def test_every_op_is_in_the_table() -> None:
    assert {row.op for row in ROWS} == set(BY_CODE)


@pytest.mark.parametrize("op", BY_CODE)
def test_the_right_that_the_op_table_asks_for_is_the_one_of_the_table(op: int) -> None:
    told = {"not_authorized", "645"}
    rows = [row for row in ROWS if row.op == op and row.otherwise in told]
    if op == 392:
        rows = BETS  # whether admins may bet is a setting, not a right
    lacking = [EVERYONE - row.may for row in rows if row.may != EVERYONE]
    may = EVERYONE - EVERYONE.intersection(*lacking) if lacking else EVERYONE
    assert may == WHO[SECTION_3[BY_CODE[op].right]]


@pytest.mark.parametrize("state", STATES)
async def test_each_cell_is_as_the_contract_says(
    tmp_path: Path, autojump_clock: object, state: str
) -> None:
    async with World(tmp_path) as world:
        assert await wrong_cells(world, ROWS, state) == {}


@pytest.mark.parametrize("state", STATES)
async def test_where_admins_may_bet_everyone_does(
    tmp_path: Path, autojump_clock: object, state: str
) -> None:
    async with World(tmp_path, admins_may_bet=True) as world:
        assert await wrong_cells(world, BETS, state) == {}


async def wrong_cells(world: World, rows: Sequence[Row], state: str) -> dict[str, str]:
    """Return the cells with an unexpected outcome.

    Refused requests change nothing, so they share one game. Each accepted request uses a game that
    is newly set up.
    """
    stage, wrong = await full_stage(world, state), {}
    for row in rows:
        expected = {who: row.outcome(who, state) for who in sorted(EVERYONE)}
        refused = [who for who in expected if not is_done(expected[who])]
        before = world.kept() if refused else {}
        told = {who: await stage.outcome(row, who) for who in refused}
        if refused and world.kept() != before:
            wrong[row.text] = "a refusal has changed something"
        for who in sorted(expected.keys() - told):
            told[who] = await stage.outcome(row, who)
            if row.op in LEAVES_A_TRACE:
                await stage.set(state)
        for who, outcome in told.items():
            if outcome not in expected[who].split("/"):
                wrong[f"{who}: {row.text}"] = f"{outcome}, not {expected[who]}"
    return wrong


def is_done(outcome: str) -> bool:
    return outcome.split("/")[0].isdecimal() and outcome != "645"


async def test_a_closed_source_says_so_to_its_admins_alone(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        stage = await full_stage(world, "closed")
        closed = await stage.seats["opener"].call(366, source_id=stage.names["SOURCE"])
        assert closed["res"] == Response.GAME_SOURCE_CLOSED
        rows = [row for row in ROWS if "source_id" in row.parameters and BY_CODE[row.op].changes]
        for row in rows:
            told = {who: await stage.outcome(row, who) for who in sorted(EVERYONE)}
            others = dict.fromkeys(EVERYONE - row.may, "not_authorized")
            assert told == dict.fromkeys(row.may, "source_closed") | others, row.text


async def test_a_right_ends_with_the_dismissal(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        stage = await full_stage(world, "open")
        game_id = stage.names["GAME"]
        resigned = await stage.seats["game_admin"].call(618, game_id=game_id, username="game_admin")
        assert resigned["res"] == Response.DISMISS_ADMIN_FOR_GAME_SUCCESS
        rows = [row for row in ROWS if "game_admin" in row.may and row.may != EVERYONE]
        told = {row.text: await stage.outcome(row, "game_admin") for row in rows}
        assert told == {row.text: row.otherwise for row in rows}


@pytest.mark.parametrize("state", STATES)
async def test_who_is_not_signed_in_is_told_so_and_nothing_is_done_whatever_is_asked(
    tmp_path: Path, autojump_clock: object, state: str
) -> None:
    async with World(tmp_path) as world:
        stage = await full_stage(world, state)
        before = world.kept()
        for row in ROWS:
            asked = frame(_request(stage, row))
            assert is_unauthorized(await answer_to(world, handshake("/") + asked)), row.text
        assert world.kept() == before


@pytest.mark.parametrize("state", STATES)
async def test_who_is_disabled_is_out_with_all_its_rights(
    tmp_path: Path, autojump_clock: object, state: str
) -> None:
    async with World(tmp_path) as world:
        stage = await full_stage(world, state)
        await world.operate(DisableUser("disabled"))
        _, reason = await heard_to_the_end(stage.seats["disabled"])
        assert reason.code == 1008
        before = world.kept()
        for row in ROWS:
            signed = handshake(signed_url("/", *world.keys["disabled"]))
            asked = frame(_request(stage, row))
            assert is_unauthorized(await answer_to(world, signed + asked)), row.text
        assert world.kept() == before


def _request(stage: Stage, row: Row) -> bytes:
    return orjson.dumps({"op": row.op, **stage.filled_in(row, "disabled")})

"""The world for inputs: users with all rights, games in every state, pools of each kind.

Requests to the server set it up once, and it is kept as a database file. Every world begins as a
copy. Ids come from a seed, so an input that contains one has the same meaning next time.
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack, closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import trio
from attrs import define, frozen

from actors.clock import SteadyClock
from actors.commit.writer import Writer, inline
from protocol.limits import Limits
from storage.database import Database
from storage.store import AddUser, NewUser
from tests.campaigns.dice import seeded
from tests.campaigns.fuzz.caller import Caller, Doorstep
from tests.campaigns.fuzz.loop import Loop, settled
from tests.campaigns.sim.house import OpenServer
from tests.support.disks import open_unsynced
from tests.support.world import NOW
from toteboard_client import signed_url

AFTERWARDS = NOW + 60_000
"""The epoch milliseconds at which a copy begins."""
PEOPLE = ("host", "referee", "player", "rival", "stranger")
"""The admin of the source and its games; the admin of its games alone; a bettor; the admin of
another source; a user without further rights."""
HOSTS = ("host", "rival")
LIMITS = Limits(
    rate_limit=0,
    cost_limit=0,
    chat_limit=0,
    games_per_source=20,
    pools_per_game=8,
    joins_per_connection=4,
    max_game_admins=3,
    resume_limit=20,
    presence_limit=3,
    ping_interval=10**9,
    admins_may_bet=True,
)
"""Limits that are small where inputs should be able to reach them."""
TEAMS = {"actions": "Goal,Yellow Card", "targets": "Argentina,Brazil,Argentina:1,Brazil:7"}


@define
class World:
    """A running server over a file, and a connection of each user."""

    server: OpenServer
    operator: Database
    callers: dict[str, Caller]


@frozen
class Stage:
    """The file to copy, the users' keys, and the ids of everything in it."""

    file: Path
    keys: dict[str, tuple[int, str]]
    ids: dict[str, str]


class Worlds:
    """Creates worlds in a folder, one at a time, each in a `Loop` of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lives = count(1)
        self.stage = self._set_up()

    def begin(self) -> "Life":
        """Start a new copy."""
        path = self._folder / f"{next(self._lives)}.db"
        copy_database(self.stage.file, path)
        return Life(path, self.stage.keys, AFTERWARDS)

    def _set_up(self) -> Stage:
        path = self._folder / "stage.db"
        with closing(open_unsynced(path)) as operator:
            keys = {name: _add(operator, name) for name in PEOPLE}
        life = Life(path, keys, NOW)
        ids: dict[str, str] = {}
        life.do(partial(_set_the_stage, life.world.callers, life.jump, ids))
        life.end()
        return Stage(path, keys, ids)


def copy_database(source: Path, target: Path) -> None:
    """Copy a database that is not open, and the secret that seals its session keys."""
    for end in ("", ".key"):
        shutil.copy(f"{source}{end}", f"{target}{end}")


def _add(operator: Database, name: str) -> tuple[int, str]:
    can_host = name in HOSTS
    user = NewUser(**AddUser(name, can_host, {"DON": 100_000}, None).perform(operator, NOW))
    return user.id, user.session_key


class Life:
    """One world from its start to its end. Its epoch seeds its randomness."""

    world: World

    def __init__(self, path: Path, keys: dict[str, tuple[int, str]], epoch: int) -> None:
        self._path, self._keys, self._epoch = path, keys, epoch
        self._chance = ExitStack()
        self._chance.enter_context(seeded(epoch))
        self._watch = self._chance.enter_context(closing(sqlite3.connect(path)))
        self._loop = Loop(self._live)
        self.do = self._loop.do
        self.do(settled)

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._loop.clock.jump(seconds)

    def commits(self) -> int:
        """Return a number that changes with every commit."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def end(self) -> None:
        """End the world between two steps, as a kill would."""
        self._loop.end()
        self._chance.close()

    def remove(self) -> None:
        """Delete the file after the end."""
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()

    async def _live(self, loop: Loop) -> None:
        async with AsyncExitStack() as until_the_end:
            reading, writing, operator = (open_unsynced(self._path) for _ in range(3))
            for file in (reading, writing, operator):
                until_the_end.callback(file.close)
            server = OpenServer(
                clock=SteadyClock(self._epoch),
                limits=LIMITS,
                reading=reading,
                writer=Writer(writing, off_loop=inline),
                version="fuzzed",
            )
            nursery = await until_the_end.enter_async_context(trio.open_nursery())
            doorstep = Doorstep()
            nursery.start_soon(server.serve, [doorstep], trio.Event(), lambda: None)
            callers = {name: Caller() for name in self._keys}
            for name, caller in callers.items():
                await caller.sign_in(doorstep, signed_url("/", *self._keys[name]))
            self.world = World(server, operator, callers)
            await loop.serve()
            nursery.cancel_scope.cancel()


async def _set_the_stage(
    callers: dict[str, Caller], jump: Callable[[float], None], ids: dict[str, str]
) -> None:
    """Create everything in the world by requests."""
    for name in HOSTS:
        reply = await callers[name].call(365, source_name=f"Cup of the {name}")
        ids[f"{name}'s source"] = reply["source_id"]
    gone = await callers["host"].call(365, source_name="Cup of last year")
    ids["closed source"] = gone["source_id"]
    await _games(callers["host"], ids)
    await _pools(callers["host"], ids)
    await _bets(callers, ids)
    jump(1)
    await settled()
    host, live = callers["host"], ids["live game"]
    goal = await host.call(395, game_id=live, action_id="goal", target_id="brazil:7")
    ids["goal event"] = goal["event_id"]
    await host.call(399, pool_id=ids["cancelled pool"], reason="rain")
    for name in ("closing", "closed"):
        await host.call(375, game_id=ids[f"{name} game"])
    await host.call(366, source_id=ids["closed source"])
    await callers["player"].call(363, game_id=live)


async def _games(host: Caller, ids: dict[str, str]) -> None:
    source: dict[str, Any] = {"source_id": ids["host's source"]} | TEAMS
    later = {"open_at": NOW + 90_000}
    kinds: dict[str, tuple[int, dict[str, Any]]] = {
        "upcoming": (3701, source | {"live_start_at": NOW + 120_000}),
        "waiting": (370, source | later),
        "early": (370, source | {"live_start_at": NOW + 120_000}),
        "live": (370, source | {"type": "football"}),
        "closing": (370, source),
        "closed": (370, source | {"currency": "EUR"}),
        "ending": (370, source | {"close_at": AFTERWARDS + 2_000}),
    }
    for name, (op, parameters) in kinds.items():
        reply = await host.call(op, game_name=f"The {name} game", **parameters)
        ids[f"{name} game"] = reply["game_id"]
        await host.call(616, game_id=reply["game_id"])
        await host.call(617, game_id=reply["game_id"], username="referee")


async def _pools(host: Caller, ids: dict[str, str]) -> None:
    end = AFTERWARDS + 3_000
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "resolved": ("live", {"action": "goal"}),
        "cancelled": ("live", {"action": "yellow card"}),
        "open": ("live", {"action": "yellow card", "recreate_on_end": True}),
        "blocked": ("live", {"action": "yellow card", "is_blocked": True}),
        "timed": ("live", {"action": "yellow card", "type": 2, "finish_at": end}),
        "binary": ("live", {"type": 3, "is_hot": True}),
        "timed binary": ("live", {"type": 4, "finish_at": end, "recreate_on_end": True}),
        "early": ("early", {"action": "goal"}),
        "closing": ("closing", {"type": 3}),
        "closed": ("closed", {"action": "goal"}),
        "ending": ("ending", {"action": "goal", "stop_accepting_bets_at": AFTERWARDS + 1_000}),
    }
    for name, (game, parameters) in kinds.items():
        reply = await host.call(
            385, game_id=ids[f"{game} game"], description=f"the {name} pool", **parameters
        )
        ids[f"{name} pool"] = reply["pool_id"]


async def _bets(callers: dict[str, Caller], ids: dict[str, str]) -> None:
    for name in ("player", "referee"):
        for pool, target in {"resolved": "brazil", "open": "argentina", "binary": "yes"}.items():
            bet = {"pool_id": ids[f"{pool} pool"], "target": target, "amount": 2.5}
            assert (await callers[name].call(392, **bet))["res"] == 356

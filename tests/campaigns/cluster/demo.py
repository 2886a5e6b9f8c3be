"""`make demo-cluster`: a match on three nodes, while the node that leads is killed again and again.

The nodes share a PostgreSQL with two standbys. A host and four fans are connected to different
nodes. The demo prints each kill, and how long nobody got a reply after it.
"""

import sys
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from itertools import count, cycle, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import trio
from attrs import Factory, define

from storage.store import AddUser
from tests.support.cluster_processes import (
    copied,
    first_node,
    found,
    leader_of,
    run_all,
)
from tests.support.engine import Engine, free_port
from tests.support.process import Process
from toteboard.operator.operating import operating
from toteboard_client import Game, Session, SessionKey, messages, open_session
from toteboard_client.refusals import PoolResolvedError

HOST: Final = "hanna"
FANS: Final = ("finn", "greta", "ines", "jonas")
FUNDS: Final = 100_000
"""What each fan has at first, in hundredths."""
TEAMS: Final = ("argentina", "brazil")
BET_EVERY_S: Final = 0.4
GOAL_EVERY_S: Final = 9.0
KILL_EVERY_S: Final = 12.0


@click.command()
@click.option("--kills", default=0, help="Stop after so many kills; 0: play until Ctrl-C.")
@click.option("--every", default=KILL_EVERY_S, show_default=True, help="Seconds between two kills.")
def main(kills: int, every: float) -> None:
    """Play a match on a cluster, and kill the node that leads."""
    with TemporaryDirectory() as folder, Engine.running(standbys=True) as engine:
        try:
            trio.run(_run, Path(folder), engine, kills, every)
        except* KeyboardInterrupt:
            click.echo("Stopped.")


async def _run(folder: Path, engine: Engine, kills: int, every: float) -> None:
    first, url = first_node(folder / "1", HOST), engine.new_database()
    with operating(first.database) as operator:
        for name in FANS:
            fan = operator(AddUser(name, False, {"DON": FUNDS}, None))
            first.keys[name] = fan["id"], fan["session_key"]
    await found(first, url)
    nodes = [first, *(copied(first, folder / str(number), url) for number in (2, 3))]
    for node in nodes:
        # A session returns to the address that it knows, so a node keeps its port.
        node.options = ("--port", str(free_port()), *node.options)
    async with run_all(nodes), trio.open_nursery() as nursery:
        play = Play(nodes)
        await nursery.start(play.host)
        for name, node in zip(FANS, cycle(nodes)):
            nursery.start_soon(play.bet, name, node)
        _introduce(nodes, play.game_id, engine)
        for number in range(kills) if kills else count():
            await trio.sleep(every)
            await play.kill_the_leader(number + 1)
        nursery.cancel_scope.cancel()
    click.echo(f"{len(play.answered_at)} bets were acknowledged.")


@define(eq=False)
class Play:
    """The match and its clients. `host` must have started before anything else."""

    nodes: list[Process]
    game_id: str = ""
    pool_id: str = ""
    answered_at: list[float] = Factory(list)
    """When each bet was acknowledged, in seconds of trio's clock."""
    has_answered: trio.Event = Factory(trio.Event)

    async def host(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Open the game with a pool that reopens after each goal, and register goals."""
        async with self._session(HOST, self.nodes[1]) as session, trio.open_nursery() as nursery:
            source = await session.open_source("Demo League")
            game = await session.create_game(
                source.source_id,
                "Argentina - Brazil",
                actions=["goal"],
                targets=["Argentina", "Brazil"],
            )
            self.game_id = game.game_id
            followed = await session.join(game)
            await followed.become_admin()
            await followed.open_game()
            nursery.start_soon(self._follow, followed)
            pool = await followed.open_pool("Next goal", action="goal", recreate_on_end=True)
            self.pool_id = pool.pool_id
            task_status.started()
            for team in cycle(TEAMS):
                await trio.sleep(GOAL_EVERY_S)
                await followed.register_event("goal", team)

    async def bet(self, name: str, node: Process) -> None:
        """Bet on one team or the other, one bet after another."""
        async with self._session(name, node) as session:
            for number in count():
                await trio.sleep(BET_EVERY_S)
                try:
                    await session.place_bet(self.pool_id, TEAMS[number % 2], 1 + number % 5)
                except PoolResolvedError:
                    continue  # a goal was registered at the same time
                self.answered_at.append(trio.current_time())
                self.has_answered.set()
                self.has_answered = trio.Event()

    async def kill_the_leader(self, number: int) -> None:
        """Kill the node that leads, wait until bets are acknowledged again, and start it again."""
        leader = await leader_of(self.nodes)
        _tell(f"Kill {number}: kill -9 of {self._name(leader)}, which leads.")
        killed_at = trio.current_time()
        await leader.kill()
        new = await leader_of([node for node in self.nodes if node is not leader])
        await self.has_answered.wait()
        times = [killed_at, *(at for at in self.answered_at if at > killed_at)]
        pause = max(later - sooner for sooner, later in pairwise(times))
        _tell(f"{self._name(new).capitalize()} leads. No bet was acknowledged for {pause:.2f} s.")
        await leader.start()

    async def _follow(self, game: Game) -> None:
        async for event in game:
            match event:
                case messages.NewBettingPool():
                    self.pool_id = event.pool_id
                case messages.BetPoolResolved():
                    won = (f"{self._user(user)} {won}" for user, won in event.winners.items())
                    _tell(f"Goal for {event.winning_target}. Paid: {', '.join(won) or 'nobody'}.")

    def _session(self, name: str, node: Process) -> AbstractAsyncContextManager[Session]:
        user_id, key = self.nodes[0].keys[name]
        return open_session(f"ws://127.0.0.1:{node.port}/", SessionKey(user_id, key))

    def _user(self, user_id: int) -> str:
        return next(name for name, (own, _) in self.nodes[0].keys.items() if own == user_id)

    def _name(self, node: Process) -> str:
        return f"node {self.nodes.index(node) + 1}"


def _introduce(nodes: list[Process], game_id: str, engine: Engine) -> None:
    user_id, key = nodes[0].keys[HOST]
    program = Path(sys.executable).with_name("toteboard")
    click.echo("Three nodes serve one match. Watch it at any of them:")
    for number, node in enumerate(nodes, start=1):
        page = f"http://127.0.0.1:{node.port}/#/g/{game_id}"
        click.echo(f"  node {number}: {page}  pid {node.process.pid}")
    click.echo(f"Sign in by session key: ID {user_id}, key {key}")
    click.echo(f"PostgreSQL: {engine.primary.superuser_url}")
    click.echo("Look at the cluster, or let another node lead:")
    for words in ("status", "hand-over"):
        click.echo(f"  {program} cluster {words} --database {nodes[0].database}")


def _tell(text: str) -> None:
    click.echo(f"{datetime.now():%H:%M:%S}  {text}")


if __name__ == "__main__":
    main()

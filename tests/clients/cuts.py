"""Cut connections, on real sockets: does a client lose or repeat anything?

A player bets and listens through a proxy that cuts each connection after a random number of bytes,
in either direction, often within a frame. A host and a witness are connected directly. At the end:

- each bet that the server has is one that the player has a reply for, and the other way round;
- the player was told every fact of the game, in order and once, as the witness was.

`python -m tests.clients.cuts --cuts 500`; `--seed` cuts at the same bytes again.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import trio
from attrs import Factory, define, frozen

from protocol.op import Response
from storage.store import AddUser, NewUser
from tests.support.people import create_game, open_pool
from tests.support.process import Process, environment
from tests.support.tree import ROOT
from toteboard.operator.operating import operating
from toteboard_client import Client, Message

PROGRAMS: Final = Path(__file__).parent / "programs"
CLIENTS: Final = {
    "asyncio": (sys.executable, str(PROGRAMS / "player.py"), "asyncio"),
    "trio": (sys.executable, str(PROGRAMS / "player.py"), "trio"),
    "js": ("node", "player.mjs"),
}
FEWEST_BYTES: Final = 40
MOST_BYTES: Final = 6_000
"""A connection is cut after this many bytes in one direction."""
FACTS_PER_CUT: Final = 3
MOST_MISSED: Final = 300
"""How many facts the player may lack before no more are published: fewer than `resume_limit`."""
CUT_S: Final = 5.0
"""The most that the run may take for each cut. It only prevents hanging tests."""
FACTS: Final = frozenset({Response.POOL_SUGGESTED_AS_HOT, Response.GAME_CLOSED})
"""The publications that must be the same. A replay merges bets (361), and has the last details."""


@frozen
class Ends:
    """What the player and the witness were told at the end of a run."""

    lines: list[dict[str, Any]]
    witnessed: list[Message]
    kept: set[str]

    def findings(self) -> list[str]:
        """Return what was lost or repeated, in words; nothing is as it should be."""
        bets = [line["bet"] for line in self.lines if "bet" in line]
        told = [line["told"] for line in self.lines if "told" in line]
        notices = {line["notice"] for line in self.lines if "notice" in line}
        found = []
        if len(set(bets)) != len(bets):
            found.append("two calls returned the same bet")
        if set(bets) != self.kept:
            found.append(f"{len(set(bets) ^ self.kept)} bets are only on one side")
        if facts(told) != facts(self.witnessed):
            found.append(f"{len(facts(told))} facts instead of {len(facts(self.witnessed))}")
        if last_hashtag(told) != last_hashtag(self.witnessed):
            found.append("the last details are not those of the game")
        if set(new_bets(told)) != self.kept:
            found.append("bets that were not published to the player")
        if notices:
            found.append(f"the player was told of {sorted(notices)}")
        return found


def facts(messages: Sequence[Message]) -> list[Message]:
    """Return the publications that must be the same for every subscriber."""
    return [content(message) for message in messages if message["res"] in FACTS]


def last_hashtag(messages: Sequence[Message]) -> str:
    """Return the hashtag in the last details of the game. Its status may be newer in a replay."""
    return [str(m["hashtag"]) for m in messages if m["res"] == Response.GAME_DETAILS][-1]


def content(message: Message) -> Message:
    """Return a message without its envelope, which depends on the connection."""
    envelope = ("response_header", "prev_seq", "seq")
    return {name: value for name, value in message.items() if name not in envelope}


def new_bets(messages: Sequence[Message]) -> Counter[str]:
    """Return how often each bet was published."""
    changed = (m for m in messages if m["res"] == Response.BETS_DISTRIBUTION_CHANGED)
    return Counter(bet["bet_id"] for message in changed for bet in message["new_bets"])


@define(eq=False)
class Proxy:
    """Forwards connections to a port, and cuts each after a random number of bytes."""

    port: int
    dice: random.Random
    cuts: int = 0
    is_cutting: bool = False
    has_cut: trio.Event = Factory(trio.Event)

    async def serve(self, stream: trio.SocketStream) -> None:
        """Forward one connection."""
        server = await trio.open_tcp_stream("127.0.0.1", self.port)
        async with stream, server, trio.open_nursery() as nursery:
            nursery.start_soon(self._forward, stream, server, nursery.cancel_scope)
            nursery.start_soon(self._forward, server, stream, nursery.cancel_scope)

    async def _forward(
        self, source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope
    ) -> None:
        left = self.dice.randint(FEWEST_BYTES, MOST_BYTES)
        try:
            async for data in source:
                await sink.send_all(data[:left] if self.is_cutting else data)
                left -= len(data)
                if left <= 0 and self.is_cutting:
                    self._note_cut()
                    break
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        scope.cancel()

    def _note_cut(self) -> None:
        self.cuts += 1
        self.has_cut.set()
        self.has_cut = trio.Event()


@asynccontextmanager
async def proxied(port: int, dice: random.Random) -> AsyncIterator[tuple[Proxy, int]]:
    """Run a proxy for the block. Return it and its port."""
    proxy = Proxy(port, dice)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, proxy.serve, [listener])
        yield proxy, listener.socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def run(folder: Path, client: str, cuts: int, seed: int) -> Ends:
    """Let a player bet until its connections have been cut so often."""
    if client == "js":
        packages = folder / "node_modules" / "@toteboard"
        packages.mkdir(parents=True)
        (packages / "client").symlink_to(ROOT / "clients" / "js")
        (folder / "player.mjs").write_text((PROGRAMS / "player.mjs").read_text())
    # Each cut is a new connection, and each reconnection asks for what was missed.
    options = ("--rate-limit", "0", "--cost-limit", "0")
    async with Process(folder, *options) as server:
        server.add_user("hanna", can_host=True)
        server.add_user("will")
        with operating(server.database) as operator:
            ann = NewUser(**operator(AddUser("ann", False, {"DON": 10_000_000}, None)))
        async with (
            server.connect("hanna") as host,
            server.connect("will") as witness,
            proxied(server.port, random.Random(seed)) as (proxy, port),
        ):
            game_id = await create_game(host, actions="goal", targets="Argentina, Brazil")
            await host.call(616, game_id=game_id)
            pool_id = await open_pool(host, game_id)
            await witness.call(363, game_id=game_id)
            player = (f"ws://127.0.0.1:{port}/", str(ann.id), ann.session_key, game_id, pool_id)
            run = Run(host, witness, proxy, game_id, pool_id)
            with trio.fail_after(30 + cuts * CUT_S):
                return await run.play([*CLIENTS[client], *player], folder, cuts)


@define(eq=False)
class Run:
    """One run: the host and the witness of a game, and the player's proxy."""

    host: Client
    witness: Client
    proxy: Proxy
    game_id: str
    pool_id: str
    lines: list[dict[str, Any]] = Factory(list)
    witnessed: list[Message] = Factory(list)
    has_joined: trio.Event = Factory(trio.Event)

    async def play(self, command: Sequence[str], folder: Path, cuts: int) -> Ends:
        """Start the player, publish until there were enough cuts, and close the game."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._witness)
            nursery.start_soon(self._run_player, command, folder)
            await self.has_joined.wait()
            self.proxy.is_cutting = True
            await self._publish(cuts)
            self.proxy.is_cutting = False
            kept = await self._close()
        return Ends(self.lines, self.witnessed, kept)

    async def _run_player(self, command: Sequence[str], folder: Path) -> None:
        process = await trio.lowlevel.open_process(
            command, stdout=subprocess.PIPE, cwd=folder, env=environment()
        )
        try:
            await self._read(process)
            assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()

    async def _read(self, process: trio.Process) -> None:
        assert process.stdout is not None
        rest = b""
        async for data in process.stdout:
            *whole, rest = (rest + data).split(b"\n")
            for line in map(json.loads, whole):
                if "joined" in line:
                    self.has_joined.set()
                self.lines.append(line)

    async def _witness(self) -> None:
        while True:
            message = await self.witness.receive()
            self.witnessed.append(message)
            if message["res"] == Response.GAME_CLOSED:
                return

    async def _publish(self, cuts: int) -> None:
        """Publish a few facts for each cut: what a player misses must not outgrow a replay."""
        number = 0
        while self.proxy.cuts < cuts:
            number += 1
            if number % 10:
                await self.host.call(396, pool_id=self.pool_id)
            else:
                await self.host.call(373, game_id=self.game_id, hashtag=f"#{number}")
            if number > FACTS_PER_CUT * self.proxy.cuts:
                await self._next_cut()
            while self._is_far_behind and self.proxy.cuts < cuts:
                await self._next_cut()

    async def _next_cut(self) -> None:
        with trio.move_on_after(1):
            await self.proxy.has_cut.wait()

    @property
    def _is_far_behind(self) -> bool:
        """Whether the player lacks so much that a few more facts might be too many to replay."""
        told = [line["told"] for line in self.lines if "told" in line]
        return len(facts(self.witnessed)) - len(facts(told)) > MOST_MISSED

    async def _close(self) -> set[str]:
        """Close the game, and return the bets that the server has."""
        await self.host.call(375, game_id=self.game_id)
        kept: set[str] = set()
        while True:
            page = await self.host.call(393, pool_id=self.pool_id, offset=len(kept))
            for target in page["distribution"].values():
                kept |= target["bets"].keys()
            if len(kept) >= page["bets_total"]:
                return kept


@click.command()
@click.option("--cuts", default=500, help="How often each client is cut off.")
@click.option("--seed", default=1, help="Chooses the bytes after which a connection is cut.")
@click.option("--client", "clients", multiple=True, type=click.Choice([*CLIENTS]))
def main(cuts: int, seed: int, clients: Sequence[str]) -> None:
    """Run each client, and exit with 1 if one has lost or repeated something."""
    has_failed = False
    for client in clients or CLIENTS:
        with TemporaryDirectory() as folder:
            ends = trio.run(run, Path(folder), client, cuts, seed)
        found = ends.findings()
        has_failed |= bool(found)
        numbers = f"{cuts} cuts, {len(ends.kept)} bets, {len(facts(ends.witnessed))} facts"
        click.echo(f"{client}: {numbers}: {'; '.join(found) or 'nothing lost or repeated'}")
    sys.exit(has_failed)


if __name__ == "__main__":
    main()

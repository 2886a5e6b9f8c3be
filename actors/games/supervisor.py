"""Runs the actors: one task for each active game, started by a request or by its time.

    no actor --- request, or alarm within a minute --> running --- idle, nothing due --> retired
                                                        |    ^
                                             exception  |    |  restarted: replay the journal,
                                                        v    |  retry what was interrupted
                                                      failed-+
                                                        |
                                                        +----- second exception in a row --> parked

A game without an actor is only rows. Requests to a parked game get `internal_error` until the
server restarts; the other games continue. An exception is a bug of ours (`actors/survival.py`).
"""

from collections.abc import Iterable
from contextlib import suppress
from uuid import uuid4

import structlog
import trio

from actors.games.actor import Actor
from actors.games.actor_loop import ActorLoop, refuse_all
from actors.games.alarms import Alarms
from actors.games.game_actor import GameActor
from actors.games.server_call import ServerCall
from actors.games.signals import AbsentForgotten, ChatSent, Disconnected, Flush, Returned
from actors.games.sources_actor import SourcesActor
from actors.services import Services
from actors.survival import bug_in
from game.refusals import Refusal, unknown
from protocol.errors import internal_error, overloaded
from storage.errors import StorageError

log = structlog.get_logger()

MAILBOX_PATIENCE_S = 2.0
"""How long a request waits for room in a full mailbox before it is refused."""

POOLS_REMEMBERED = 100_000
"""Pools whose game is kept in memory."""


class Supervisor:
    """All actors, in one nursery. They run from `start` on."""

    def __init__(self, services: Services, nursery: trio.Nursery) -> None:
        self._services = services
        self._nursery = nursery
        self._actors: dict[str, GameActor] = {}
        self._parked: dict[str, str] = {}
        self._pool_games: dict[str, str] = {}
        self._alarms = Alarms(services.reads, services.clock, self._start_unless_there)
        self.sources = SourcesActor(services, self, nursery)

    async def start(self) -> None:
        """Start the sources' actor. Let every game act that was due while the server was down."""
        for game_id in self._services.reads.damaged_games():
            log.error("game_damaged", game_id=game_id)
        self._nursery.start_soon(self._supervise, self.sources, "sources")
        await self._alarms.wake(self._services.clock.now())
        await self._flush_games(list(self._actors))
        self._nursery.start_soon(self._alarms.run)

    # Finding actors.

    def actor_of(self, game_id: str) -> Actor:
        """Return the actor of a game, started if needed. Raise `Refusal`."""
        if game_id in self._parked:
            raise internal_error(self._parked[game_id])
        actor = self._actors.get(game_id)
        if actor is None:
            source_id = self._services.reads.source_of_game(game_id)
            if source_id is None:
                raise unknown("game", game_id)
            actor = self._start(game_id, source_id)
        return actor

    def running(self, game_id: str) -> Actor | None:
        """Return the actor of a game if it runs."""
        return self._actors.get(game_id)

    def game_of_pool(self, pool_id: str) -> str:
        """Return the id of the game that a pool belongs to. Raise `Refusal`."""
        game_id = self._pool_games.get(pool_id)
        if game_id is None:
            game_id = self._services.reads.game_of_pool(pool_id)
            if game_id is None:
                raise unknown("pool", pool_id)
            if len(self._pool_games) >= POOLS_REMEMBERED:
                self._pool_games.clear()
            self._pool_games[pool_id] = game_id
        return game_id

    def refuse_unknown(self, game_ids: Iterable[str]) -> None:
        """Raise `Refusal` unless all these games exist."""
        for game_id in game_ids:
            if self._services.reads.source_of_game(game_id) is None:
                raise unknown("game", game_id)

    # What actors are given to do.

    async def hand_over(self, game_id: str, call: ServerCall) -> None:
        """Put a call into the mailbox of a game's actor. Raise `Refusal`."""
        await post_patiently(self.actor_of(game_id), call)

    async def chat(self, game_id: str, message: ChatSent) -> None:
        """Send a chat message to the other subscribers of a game."""
        if game_id in self._actors:
            with suppress(trio.BrokenResourceError):
                await self._actors[game_id].mailbox.send(message)

    async def disconnected(self, signal: Disconnected) -> None:
        """Report the end of a connection to every game that it had joined."""
        for game_id in list(signal.caller.joined):
            actor = self._actors.get(game_id)
            if actor is not None:
                with suppress(trio.BrokenResourceError):
                    await actor.mailbox.send(signal)

    async def rejoin(self, game_id: str, returned: Returned) -> None:
        """Let a game take members back. Return when it has, or has given them up."""
        try:
            await self.actor_of(game_id).mailbox.send(returned)
        except (Refusal, StorageError, trio.BrokenResourceError):
            returned.lost(overloaded("the game is not available"))
        await returned.done.wait()

    async def forget_absent(self) -> None:
        """Let the games of the former leader expect no more users to come back."""
        for game_id in self._services.presence.games_with_absent:
            with suppress(Refusal, StorageError, trio.BrokenResourceError):
                await self.actor_of(game_id).mailbox.send(AbsentForgotten())

    async def act_on_due(self, source_id: str) -> None:
        """Let the games of a source act on everything that is due."""
        now = self._services.clock.now()
        due = self._services.reads.games_due_in_source(source_id, now)
        await self._flush_games(due)

    def expect(self, game_id: str, source_id: str, wake_at: int | None) -> None:
        """Take note of a new game and its first time (epoch ms)."""
        # The alarms may have seen its row and started its actor before this call.
        if wake_at is not None and game_id not in self._actors:
            self._alarms.expect(game_id, source_id, wake_at)

    async def drain(self) -> None:
        """Wait until everything that waits in a mailbox by now is done and sent."""
        actors = (self.sources, *self._actors.values())
        await _flush([actor for actor in actors if actor.is_busy])

    async def _flush_games(self, game_ids: Iterable[str]) -> None:
        actors = []
        for game_id in game_ids:
            with suppress(Refusal):
                actors.append(self.actor_of(game_id))
        await _flush(actors)

    # The life of an actor.

    def _start(self, game_id: str, source_id: str) -> GameActor:
        actor = self._actors[game_id] = GameActor(self._services, game_id, source_id)
        self._nursery.start_soon(self._supervise, actor, game_id)
        return actor

    def _start_unless_there(self, game_id: str, source_id: str) -> None:
        if game_id not in self._parked and game_id not in self._actors:
            self._start(game_id, source_id)

    async def _supervise(self, actor: Actor, name: str) -> None:
        """Run an actor until it retires. Restart it after an exception; after two, park it."""
        loop = ActorLoop(actor)
        while (bug := await bug_in(self._run, loop, name)) is not None:
            trace_id = actor.trace_id = str(uuid4())
            loop.failures += 1
            log.error(
                "actor_restarted" if loop.failures == 1 else "actor_parked",
                game_id=name,
                trace_id=trace_id,
                exc_info=bug,
            )
            loop.restart()
            if loop.failures > 1:
                self._park(loop, name, trace_id)
                return

    async def _run(self, loop: ActorLoop, name: str) -> None:
        await loop.run()
        self._retire(loop, name)

    def _retire(self, loop: ActorLoop, name: str) -> None:
        del self._actors[name]
        loop.close_mailbox()
        self._alarms.look_again()

    def _park(self, loop: ActorLoop, name: str, trace_id: str) -> None:
        self._parked[name] = trace_id
        self._actors.pop(name, None)
        refuse_all(loop.close_mailbox(), internal_error(trace_id))


async def _flush(actors: Iterable[Actor]) -> None:
    """Let actors act on everything that is due, and wait for all of them."""
    flushes = [(actor, Flush(trio.Event())) for actor in actors]
    for actor, flush in flushes:
        try:
            await actor.mailbox.send(flush)
        except trio.BrokenResourceError:
            flush.done.set()
    for _, flush in flushes:
        await flush.done.wait()


def post(actor: Actor, call: ServerCall) -> bool:
    """Put a call into an actor's mailbox. Return False if it is full. Raise `Refusal`."""
    try:
        actor.mailbox.send_nowait(call, is_query=call.request.op.yields_to_changes)
    except trio.WouldBlock:
        return False
    except trio.BrokenResourceError:
        raise internal_error(actor.trace_id) from None
    return True


async def post_patiently(actor: Actor, call: ServerCall) -> None:
    """Put a call into an actor's mailbox once it has room. Raise `Refusal`."""
    try:
        with trio.fail_after(MAILBOX_PATIENCE_S):
            await actor.mailbox.send(call, is_query=call.request.op.yields_to_changes)
    except trio.TooSlowError:
        raise overloaded("too many requests are waiting") from None
    except trio.BrokenResourceError:
        raise internal_error(actor.trace_id) from None

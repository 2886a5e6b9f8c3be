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

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from uuid import uuid4

import structlog
import trio

from actors.games.actor import Actor
from actors.games.actor_loop import ActorLoop, refuse_all
from actors.games.alarms import Alarms
from actors.games.game_actor import GameActor
from actors.games.server_call import ServerCall
from actors.games.signals import (
    AbsentForgotten,
    ChatSent,
    Disconnected,
    Flush,
    GameSummary,
    Returned,
    Summarise,
)
from actors.games.sources_actor import SourcesActor
from actors.link.caller import Continuation
from actors.link.requests_in_flight import RequestsInFlight
from actors.services import Services
from actors.survival import bug_in, survive
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
        self._apart = RequestsInFlight()
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

    def start_apart(self, task: Continuation, call: ServerCall) -> None:
        """Run a task that ends with handing over or answering a call. No connection waits for it.

        If it fails, answer the call: that is a bug of ours.
        """
        self._apart.started()
        self._nursery.start_soon(self._run_apart, task, call)

    async def _run_apart(self, task: Continuation, call: ServerCall) -> None:
        await survive(task, on_failure=lambda id_: call.refuse_now(internal_error(id_)))
        self._apart.finished(0)

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
        """Let no game expect users of the former leader to come back any more."""
        for game_id in {*self._services.presence.games_with_absent, *self._actors}:
            with suppress(Refusal, StorageError, trio.BrokenResourceError):
                await self.actor_of(game_id).mailbox.send(AbsentForgotten())

    async def act_on_due(self, source_id: str | None = None) -> None:
        """Let the games of a source, or of all, act on everything that is due."""
        now, reads = self._services.clock.now(), self._services.reads
        due = reads.games_due_in_source(source_id, now) if source_id else reads.games_due(now)
        await self._flush_games(due)

    async def summaries(self, game_ids: Iterable[str]) -> Mapping[str, GameSummary]:
        """Return the summaries of the games that have subscribers or unresolved pools."""
        found, asked = {}, {}
        for game_id in game_ids:
            actor = self._actors.get(game_id) or self._started_if_it_has_pools(game_id)
            if actor is not None and actor.is_at_rest and actor.has_state:
                found[game_id] = actor.summary()
            elif actor is not None:
                asked[game_id] = actor, Summarise(trio.Event())
        await _flush(asked.values())
        return found | {
            game_id: signal.summary for game_id, (_, signal) in asked.items() if signal.summary
        }

    def _started_if_it_has_pools(self, game_id: str) -> GameActor | None:
        reads = self._services.reads
        if game_id in self._parked or not reads.has_unresolved_pools(game_id):
            return None
        return self._start(game_id, str(reads.source_of_game(game_id)))

    def expect(self, game_id: str, source_id: str, wake_at: int | None) -> None:
        """Take note of a new game and its first time (epoch ms)."""
        # The alarms may have seen its row and started its actor before this call.
        if wake_at is not None and game_id not in self._actors:
            self._alarms.expect(game_id, source_id, wake_at)

    async def drain(self) -> None:
        """Wait until everything that waits in a mailbox by now is done and sent.

        Bets that wait for their delay are refused, and then the requests that waited for them.
        """
        self._services.stopping.set()
        await self._flush_busy()
        await self._apart.wait_until_empty()
        await self._flush_busy()

    async def _flush_busy(self) -> None:
        actors = (self.sources, *self._actors.values())
        busy = (each for each in actors if each.is_busy or each.has_delayed_bets)
        await _flush([(actor, Flush(trio.Event())) for actor in busy])

    async def _flush_games(self, game_ids: Iterable[str]) -> None:
        flushes: list[tuple[Actor, Flush]] = []
        for game_id in game_ids:
            with suppress(Refusal):
                flushes.append((self.actor_of(game_id), Flush(trio.Event())))
        await _flush(flushes)

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
        while (bug := await bug_in(loop.run)) is not None:
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
        self._retire(loop, name)

    def _retire(self, loop: ActorLoop, name: str) -> None:
        del self._actors[name]
        loop.close_mailbox()
        self._alarms.look_again()

    def _park(self, loop: ActorLoop, name: str, trace_id: str) -> None:
        self._parked[name] = trace_id
        self._actors.pop(name, None)
        refuse_all(loop.close_mailbox(), internal_error(trace_id))


async def _flush(flushes: Collection[tuple[Actor, Flush]]) -> None:
    """Let actors act on everything that is due, and wait for all of them."""
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

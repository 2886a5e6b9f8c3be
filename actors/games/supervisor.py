"""Runs the actors: one task a game, started when somebody asks or its time comes near.

A game without an actor is only rows. An actor that fails is started anew on what is stored and
tries once more, each op alone; one that fails twice in a row is parked. This is the only place
that catches `Exception`: whatever is not a `Refusal` or the storage's fault is our bug.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
import trio

from actors.edge.connection import Connection, MessageHandler
from actors.edge.wire import Continuation
from actors.games.actor import Actor, refuse_all
from actors.games.game_actor import GameActor
from actors.games.signals import ChatSent, Disconnected, Flush
from actors.games.sources_actor import SourcesActor
from actors.link.request import Request
from actors.services import Services
from game.refusals import Refusal, unknown
from protocol.errors import internal_error, overloaded
from storage.errors import StorageError

log = structlog.get_logger()

HORIZON_MS = 60_000
"""A game whose next time is nearer than this has an actor that waits for it."""
STARTED_AT_ONCE = 200
"""How many actors are started before others may work again."""
MAILBOX_PATIENCE_S = 2.0
"""How long an op waits for room in a full mailbox before it is refused."""
STORAGE_PAUSE_S = 1.0
POOLS_REMEMBERED = 100_000
"""Of how many pools we know the game without asking the storage."""


class Supervisor:
    """All the actors, in one nursery, from `start` on."""

    def __init__(self, services: Services, nursery: trio.Nursery) -> None:
        self._services = services
        self._nursery = nursery
        self._actors: dict[str, GameActor] = {}
        self._parked: dict[str, str] = {}
        self._pool_games: dict[str, str] = {}
        self._expecting = trio.Event()
        self._woken_until = -1
        self.sources = SourcesActor(services, self, nursery)

    async def start(self) -> None:
        """Start the sources' actor, and let every game act on what fell due while we were down."""
        self._nursery.start_soon(self._live, self.sources, "sources")
        await self._wake(self._services.clock.now())
        await self._nudge(list(self._actors))
        self._nursery.start_soon(self._wake_in_time)

    def actor_of(self, game_id: str) -> Actor:
        """The actor of a game, started if need be. Raises `Refusal`."""
        if game_id in self._parked:
            raise internal_error(self._parked[game_id])
        actor = self._actors.get(game_id)
        if actor is None:
            source_id = self._services.reads.source_of_game(game_id)
            if source_id is None:
                raise unknown("game", game_id)
            actor = self._start(game_id, source_id)
        return actor

    async def hand_over(self, game_id: str, request: Request) -> None:
        """Put an op before a game's actor. Raises `Refusal`."""
        await post_patiently(self.actor_of(game_id), request)

    def game_of_pool(self, pool_id: str) -> str:
        """The id of the game that a pool belongs to. Raises `Refusal`."""
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
        """Raise `Refusal` unless there are such games."""
        for game_id in game_ids:
            if self._services.reads.source_of_game(game_id) is None:
                raise unknown("game", game_id)

    async def chat(self, game_id: str, chatted: ChatSent) -> None:
        """Tell everyone else who listens to a game something that is not a fact."""
        if game_id in self._actors:
            with suppress(trio.BrokenResourceError):
                await self._actors[game_id].mailbox.send(chatted)

    async def departed(self, departure: Disconnected) -> None:
        """Tell every game that a connection had joined that it is gone."""
        for game_id in list(departure.connection.joined):
            actor = self._actors.get(game_id)
            if actor is not None:
                with suppress(trio.BrokenResourceError):
                    await actor.mailbox.send(departure)

    async def act_on_due(self, source_id: str) -> None:
        """Let the games of a source act on everything that is due."""
        now = self._services.clock.now()
        due = self._services.reads.games_due_in_source(source_id, now)
        await self._nudge(due)

    def expect(self, game_id: str, source_id: str, wake_at: int | None) -> None:
        """A game that has no actor has something to do at this time (epoch ms)."""
        # It may have one by now: whoever wakes games can have seen it before its maker heard of it.
        if wake_at is None or game_id in self._actors:
            return
        if wake_at <= self._woken_until:
            self._start(game_id, source_id)
        else:
            self._expecting.set()

    async def drain(self) -> None:
        """Wait until everything that waits in a mailbox by now is done and told."""
        actors = (self.sources, *self._actors.values())
        await self._nudge_each([actor for actor in actors if actor.is_busy])

    async def _nudge(self, game_ids: Iterable[str]) -> None:
        actors = []
        for game_id in game_ids:
            with suppress(Refusal):
                actors.append(self.actor_of(game_id))
        await self._nudge_each(actors)

    async def _nudge_each(self, actors: Iterable[Actor]) -> None:
        nudges = [(actor, Flush(trio.Event())) for actor in actors]
        for actor, nudge in nudges:
            try:
                await actor.mailbox.send(nudge)
            except trio.BrokenResourceError:
                nudge.done.set()
        for _, nudge in nudges:
            await nudge.done.wait()

    def _start(self, game_id: str, source_id: str) -> GameActor:
        actor = self._actors[game_id] = GameActor(self._services, game_id, source_id)
        self._nursery.start_soon(self._live, actor, game_id)
        return actor

    # Actors that wait for a time.

    async def _wake_in_time(self) -> None:
        while True:
            try:
                next_at = await self._wake(self._services.clock.now() + HORIZON_MS)
            except StorageError as error:
                log.error("storage_failed", error=str(error))
                await trio.sleep(STORAGE_PAUSE_S)
                continue
            near = None if next_at is None else next_at - HORIZON_MS
            with trio.move_on_at(self._services.clock.deadline(near)):
                await self._expecting.wait()
                self._expecting = trio.Event()

    async def _wake(self, until: int) -> int | None:
        """Start the actors of games that act up to a time; gives the next time after it.

        Those that act before the time of the last call have theirs, or nothing to act on.
        """
        near = self._services.reads.games_to_wake(until, after=self._woken_until)
        self._woken_until = until
        for count, (game_id, source_id) in enumerate(near, start=1):
            if game_id not in self._parked and game_id not in self._actors:
                self._start(game_id, source_id)
            if count % STARTED_AT_ONCE == 0:
                await trio.lowlevel.checkpoint()
        return self._services.reads.next_wake_at(until)

    # Actors that fail.

    async def _live(self, actor: Actor, name: str) -> None:
        """Run an actor, and once more after a failure; fail twice in a row, and it is parked."""
        while True:
            try:
                await actor.run()
                self._retire(actor, name)
                return
            except Exception:
                trace_id = str(uuid4())
                actor.failures += 1
                actor.trace_id = trace_id
                log.error(
                    "actor_restarted" if actor.failures == 1 else "actor_parked",
                    game_id=name,
                    trace_id=trace_id,
                    exc_info=True,
                )
                actor.restart()
                if actor.failures > 1:
                    self._park(actor, name, trace_id)
                    return

    def _retire(self, actor: Actor, name: str) -> None:
        del self._actors[name]
        actor.close_mailbox()
        self._expecting.set()

    def _park(self, actor: Actor, name: str, trace_id: str) -> None:
        self._parked[name] = trace_id
        self._actors.pop(name, None)
        refuse_all(actor.close_mailbox(), internal_error(trace_id))


def post(actor: Actor, request: Request) -> bool:
    """Put an op into an actor's mailbox; false if there is no room. Raises `Refusal`."""
    try:
        actor.mailbox.send_nowait(request, is_query=request.op.yields_to_changes)
    except trio.WouldBlock:
        return False
    except trio.BrokenResourceError:
        raise internal_error(actor.trace_id) from None
    return True


async def post_patiently(actor: Actor, request: Request) -> None:
    """Put an op into an actor's mailbox once there is room. Raises `Refusal`."""
    try:
        with trio.fail_after(MAILBOX_PATIENCE_S):
            await actor.mailbox.send(request, is_query=request.op.yields_to_changes)
    except trio.TooSlowError:
        raise overloaded("too many ops wait") from None
    except trio.BrokenResourceError:
        raise internal_error(actor.trace_id) from None


OnFailure = Callable[[str], Continuation | None]
"""Hears of a failure by the trace id of the line in the log; gives what it has to wait for."""


async def survive(
    task: Callable[..., Awaitable[Any]],
    *arguments: Any,
    on_failure: OnFailure | None = None,
    event: str = "internal_error",
) -> None:
    """Run a task whose failure must not end the server: it is logged as our bug, as `event`."""
    try:
        await task(*arguments)
    except Exception:
        if (rest := _our_bug(on_failure, event)) is not None:
            await survive(rest)


def survive_at_once(
    on_message: MessageHandler,
    on_failure: Callable[[Connection, str | bytes, str], Continuation | None],
    connection: Connection,
    text: str | bytes,
) -> Continuation | None:
    """Do what can be done without waiting, and give the rest, which survives as well."""
    try:
        rest = on_message(connection, text)
    except Exception:
        return _our_bug(partial(on_failure, connection, text))
    if rest is None:
        return None
    return partial(survive, rest, on_failure=partial(on_failure, connection, text))


def _our_bug(on_failure: OnFailure | None, event: str = "internal_error") -> Continuation | None:
    """Log it and tell of it; that may fail as well."""
    trace_id = str(uuid4())
    log.error(event, trace_id=trace_id, exc_info=True)
    try:
        return None if on_failure is None else on_failure(trace_id)
    except Exception:
        log.error("internal_error", trace_id=trace_id, exc_info=True)
        return None

"""The sources' actor: opens and closes game sources, creates games in them, lists both.

A new game is only its first fact here; whoever asks for it next finds it an actor of its own
(`actors/games/supervisor.py`). What one game does after that is `actors/games/game_actor.py`.
"""

from collections import Counter
from contextlib import suppress
from typing import Protocol
from uuid import uuid4

import trio
from attrs import frozen

from actors.games.actor import Actor, PendingCommit
from actors.games.signals import Signal
from actors.link.request import Request
from actors.services import Services
from game.commands import CloseGame, CreateGame
from game.context import DecisionContext
from game.decide import decide_creation
from game.due import wake_at
from game.facts import Entry
from game.refusals import Code, Refusal, limit_reached, unknown
from game.rights import refuse_without
from game.state import Game, create
from protocol import messages, replies
from protocol.errors import overloaded
from protocol.ops import BY_COMMAND
from protocol.requests import (
    CloseSource,
    ListGames,
    ListMyGames,
    ListMySources,
    ListUpcomingGames,
    OpenSource,
)
from storage import journal
from storage.changes import SourceAdminAdded, SourceOpened, SourcePhaseChanged
from storage.errors import StorageError

CLOSING_AT_ONCE = 100
"""How many games of a closing source are closed side by side."""


class Games(Protocol):
    """What this actor needs of the one who runs the games' actors."""

    async def hand_over(self, game_id: str, request: Request) -> None:
        """Put an op before a game. Raises `Refusal`."""

    async def act_on_due(self, source_id: str) -> None:
        """Let the games of a source act on everything that is due."""

    def expect(self, game_id: str, source_id: str, wake_at: int | None) -> None:
        """A game that has no actor has something to do at this time (epoch ms)."""


@frozen(eq=False)
class GamesClosed(Signal):
    """Every game of a closing source has answered that it is to close."""

    request: Request
    source_id: str

    def lost(self, why: Refusal) -> None:
        """Nobody is going to look at what remains."""
        self.request.refuse(why)


class SourcesActor(Actor):
    """Decides for all sources: they are few and change seldom."""

    def __init__(self, services: Services, games: Games, nursery: trio.Nursery) -> None:
        super().__init__(services)
        self._games = games
        self._nursery = nursery
        self._new_games: Counter[str] = Counter()
        self._new: list[Game] = []

    async def restore(self) -> None:
        """Nothing is kept in memory beyond a batch."""

    def forget(self) -> None:
        """Nothing is kept in memory beyond a batch."""
        self._end_batch()

    @property
    def wake_at(self) -> int | None:
        """Never by itself."""
        return None

    async def handle(self, request: Request) -> None:
        """Decide on an op. Raises `Refusal`."""
        match request.command:
            case CreateGame() as command:
                self._create_game(request, command)
            case OpenSource() as command:
                self._open_source(request, command)
            case CloseSource() as command:
                await self._close_source(request, command)
            case ListMySources():
                rows = self.services.reads.sources_of_admin(request.user_id)
                self.reply(request, messages.my_sources(rows))
            case ListGames() | ListUpcomingGames() as command:
                await self._list_games(request, command)
            case ListMyGames() as command:
                self._list_my_games(request, command)
            case command:
                raise TypeError(f"{command!r} is not for the sources")

    def after_commit(self, pending: PendingCommit) -> None:
        """The new games are there: those that wait for a time are expected."""
        for game in self._new:
            self._games.expect(game.game_id, game.source_id, wake_at(game))
        self._end_batch()

    def _end_batch(self) -> None:
        self._new_games.clear()
        self._new.clear()

    # Sources.

    def _open_source(self, request: Request, command: OpenSource) -> None:
        is_host = request.connection is not None and request.connection.is_host
        refuse_without(request.op.right, is_host=is_host)
        if self.services.reads.source_named(command.source_name):
            sentence = "The source name '{name}' is taken."
            raise Refusal(Code.ALREADY_EXISTS, sentence, name=command.source_name)
        source_id, now = str(uuid4()), self.services.clock.now()
        self.pending.changes += [
            SourceOpened(source_id, command.source_name, command.description, now),
            SourceAdminAdded(source_id, request.user_id),
        ]
        self.reply(request, messages.source_opened(source_id))
        self.pending.lines.append(("source_opened", request.about() | {"source_id": source_id}))

    async def _close_source(self, request: Request, command: CloseSource) -> None:
        """From now on no new games; those that are there are closed beside other work."""
        if self._phase_for_admin(request, command.source_id) == "open":
            self.pending.changes.append(SourcePhaseChanged("closing", command.source_id))
        if not await self.commit():
            raise overloaded("it could not be stored")
        self._nursery.start_soon(self._close_games, request, command.source_id)

    async def _close_games(self, request: Request, source_id: str) -> None:
        """Do what 375 does for each game of the source, then look at what remains."""
        at_once = trio.CapacityLimiter(CLOSING_AT_ONCE)
        with suppress(StorageError):
            ids = self.services.reads.open_game_ids(source_id)
            async with trio.open_nursery() as nursery:
                for game_id in ids:
                    nursery.start_soon(self._close_game, request, game_id, at_once)
        try:
            await self.mailbox.send(GamesClosed(request, source_id))
        except trio.BrokenResourceError:
            request.refuse(overloaded("sources are out of order"))

    async def _close_game(
        self, request: Request, game_id: str, at_once: trio.CapacityLimiter
    ) -> None:
        answered = trio.Event()
        close = Request(
            clock=self.services.clock,
            received_at=self.services.clock.now(),
            counters=self.services.counters,
            costs=self.services.costs,
            op=BY_COMMAND[CloseGame],
            command=CloseGame(game_id=game_id),
            user_id=request.user_id,
            is_authorized=True,
            on_answer=answered.set,
        )
        async with at_once:
            with suppress(Refusal, StorageError):
                await self._games.hand_over(game_id, close)
                await answered.wait()

    def handle_signal(self, event: Signal) -> None:
        """A closing source's games were asked to close: it is done, or to be sent again."""
        if not isinstance(event, GamesClosed):
            super().handle_signal(event)
            return
        remaining = self.services.reads.open_game_ids(event.source_id)
        if remaining:
            body = messages.source_closing(event.source_id, remaining)
            self.reply(event.request, body, is_done=False)
            return
        self.pending.changes.append(SourcePhaseChanged("closed", event.source_id))
        self.reply(event.request, messages.source_closed(event.source_id))
        line = event.request.about() | {"source_id": event.source_id}
        self.pending.lines.append(("source_closed", line))

    def _phase_for_admin(self, request: Request, source_id: str) -> str:
        source = self.services.reads.source(source_id)
        if source is None:
            raise unknown("source", source_id)
        refuse_without(
            request.op.right,
            is_source_admin=self.services.reads.is_source_admin(source_id, request.user_id),
        )
        if source["phase"] == "closed":
            raise _source_closed(source_id)
        return str(source["phase"])

    # Games.

    def _create_game(self, request: Request, command: CreateGame) -> None:
        if self._phase_for_admin(request, command.source_id) != "open":
            raise _source_closed(command.source_id)
        self._refuse_too_many_games(command.source_id)
        now = self.services.clock.now()
        context = DecisionContext(now=now, user_id=request.user_id, limits=self.services.limits)
        fact = decide_creation(command, str(uuid4()), context)
        entry = Entry(1, now, fact)
        game = create(entry)
        self.pending.changes += [journal.fact_row(game, entry), journal.game_row(game)]
        self._new_games[command.source_id] += 1
        self._new.append(game)
        self.reply(request, replies.done(game, command, [fact], now=now))
        line = request.about() | {"game_id": game.game_id, "source_id": command.source_id, "seq": 1}
        self.pending.lines.append((fact.kind, line))

    def _refuse_too_many_games(self, source_id: str) -> None:
        most = self.services.limits.games_per_source
        count = self.services.reads.open_game_count(source_id)
        if count + self._new_games[source_id] >= most:
            raise limit_reached("games in a source that are not closed", most)

    async def _list_games(self, request: Request, command: ListGames | ListUpcomingGames) -> None:
        source_id = command.source_id
        if self.services.reads.source(source_id) is None:
            raise unknown("source", source_id)
        await self._games.act_on_due(source_id)
        upcoming_only = isinstance(command, ListUpcomingGames)
        rows, total = self.services.reads.games_in_source(
            source_id,
            upcoming_only=upcoming_only,
            offset=command.offset,
            limit=command.page,
        )
        listed = messages.upcoming_games if upcoming_only else messages.games_of_source
        self.reply(request, listed(source_id, rows, total))

    def _list_my_games(self, request: Request, command: ListMyGames) -> None:
        rows, total = self.services.reads.games_of_admin(
            request.user_id, offset=command.offset, limit=command.page
        )
        self.reply(request, messages.my_games(rows, total))


def _source_closed(source_id: str) -> Refusal:
    sentence = "Source '{source_id}' is closed or closing."
    return Refusal(Code.SOURCE_CLOSED, sentence, source_id=source_id)

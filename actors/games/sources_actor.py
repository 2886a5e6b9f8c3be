"""The actor of the sources: opens and closes sources, creates games in them, lists both.

A new game is only its first fact. The supervisor starts the game's own actor when the game is
needed (`actors/games/supervisor.py`, `actors/games/game_actor.py`).
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol
from uuid import uuid4

import trio
from attrs import frozen

from actors.games.actor import Actor
from actors.games.games_list import RunningGames, list_games
from actors.games.outgoing import outgoing
from actors.games.pending_commit import PendingCommit
from actors.games.server_call import ServerCall
from actors.games.signals import Signal
from actors.link.request import Request
from actors.services import Services
from game.commands import CloseGame, CreateGame
from game.context import DecisionContext
from game.decide import decide_creation
from game.due import wake_at
from game.facts import Entry
from game.refusals import Code, Refusal, limit_reached, source_already_closed, unknown
from game.rights import refuse_without
from game.state import Game, create
from protocol import messages, replies
from protocol.errors import overloaded
from protocol.ops import BY_COMMAND
from protocol.requests import (
    CloseSource,
    FindGames,
    ListGames,
    ListMyGames,
    ListMySources,
    ListUpcomingGames,
    OpenSource,
)
from storage import journal
from storage.changes import SourceAdminAdded, SourceOpened, SourcePhaseChanged
from storage.errors import StorageError

CLOSED_TOGETHER = 100
"""Games of a closing source that are closed at the same time."""


class Games(RunningGames, Protocol):
    """What this actor needs of the supervisor."""

    async def hand_over(self, game_id: str, call: ServerCall) -> None:
        """Put a call into the mailbox of a game's actor. Raise `Refusal`."""

    def expect(self, game_id: str, source_id: str, wake_at: int | None) -> None:
        """Take note of a new game and its first time (epoch ms)."""


@frozen(eq=False)
class GamesClosed(Signal):
    """Every game of a closing source has answered its request to close."""

    call: ServerCall
    source_id: str

    def lost(self, why: Refusal) -> None:
        """Refuse the request to close the source."""
        self.call.refuse_now(why)


def _is_by_host(call: ServerCall) -> bool:
    return call.caller is not None and call.caller.is_host


class SourcesActor(Actor):
    """Decides for all sources: there are few, and they change rarely."""

    def __init__(self, services: Services, games: Games, nursery: trio.Nursery) -> None:
        super().__init__(services)
        self._games = games
        self._nursery = nursery
        self._new_games: list[Game] = []
        """The games that were created and are not committed."""
        self._new_by_source: Counter[str] = Counter()

    async def restore(self) -> None:
        """Do nothing: the state is in the database."""

    def roll_back(self, dropped: Iterable[PendingCommit]) -> None:
        """Forget the games that were not committed."""
        self._forget_new_games()

    def _forget_new_games(self) -> None:
        self._new_games.clear()
        self._new_by_source.clear()

    @property
    def wake_at(self) -> int | None:
        """Never: sources have no timers."""
        return None

    async def handle(self, call: ServerCall) -> None:
        """Decide a request and stage what follows. Raise `Refusal`."""
        match call.request.command:
            case CreateGame() as command:
                self._create_game(call, command)
            case OpenSource() as command:
                self._open_source(call, command)
            case CloseSource() as command:
                await self._close_source(call, command)
            case ListMySources():
                self._list_my_sources(call)
            case ListGames() | ListUpcomingGames() as command:
                await self._list_games(call, command)
            case FindGames() as command:
                body = await list_games(command, self.services.reads, self._games)
                self.reply(call, outgoing(body))
            case ListMyGames() as command:
                self._list_my_games(call, command)
            case command:
                raise TypeError(f"{command!r} is not about sources")

    async def committed(self, pending: PendingCommit) -> None:
        """Announce the new games and their times, then send what was staged."""
        for game in self._new_games:
            self._games.expect(game.game_id, game.source_id, wake_at(game))
            self.services.fact_watches.committed(game.game_id, game.source_id)
        self._forget_new_games()
        await super().committed(pending)

    # Sources.

    def _list_my_sources(self, call: ServerCall) -> None:
        rows = self.services.reads.sources_of_admin(call.request.user_id)
        self.reply(call, outgoing(messages.my_sources(rows, may_open=_is_by_host(call))))

    def _open_source(self, call: ServerCall, command: OpenSource) -> None:
        request = call.request
        refuse_without(request.op.right, is_host=_is_by_host(call))
        if self.services.reads.source_named(command.source_name):
            sentence = "The source name '{name}' is taken."
            raise Refusal(Code.ALREADY_EXISTS, sentence, name=command.source_name)
        source_id, now = str(uuid4()), self.services.clock.now()
        self.pending.changes += [
            SourceOpened(source_id, command.source_name, command.description, now, command.listed),
            SourceAdminAdded(source_id, request.user_id),
        ]
        self.reply(call, outgoing(messages.source_opened(source_id)))
        line = call.log_fields() | {"source_id": source_id}
        self.pending.lines.append(("source_opened", line))

    async def _close_source(self, call: ServerCall, command: CloseSource) -> None:
        """Refuse new games from now on. Close the existing games in a task of its own."""
        if self._phase_for_admin(call.request, command.source_id) == "open":
            self.pending.changes.append(SourcePhaseChanged("closing", command.source_id))
        if not await self.commit():
            raise overloaded("it could not be saved")
        self._nursery.start_soon(self._close_games, call, command.source_id)

    async def _close_games(self, call: ServerCall, source_id: str) -> None:
        """Send a 375 to each game of the source, then report that all have answered."""
        limiter = trio.CapacityLimiter(CLOSED_TOGETHER)
        with suppress(StorageError):
            ids = self.services.reads.open_game_ids(source_id)
            async with trio.open_nursery() as nursery:
                for game_id in ids:
                    nursery.start_soon(self._close_game, call.request, game_id, limiter)
        try:
            await self.mailbox.send(GamesClosed(call, source_id))
        except trio.BrokenResourceError:
            call.refuse_now(overloaded("the sources are not available"))

    async def _close_game(
        self, request: Request, game_id: str, limiter: trio.CapacityLimiter
    ) -> None:
        answered = trio.Event()
        close = Request(
            op=BY_COMMAND[CloseGame],
            command=CloseGame(game_id=game_id),
            user_id=request.user_id,
            received_at=self.services.clock.now(),
            is_authorized=True,
        )
        async with limiter:
            with suppress(Refusal, StorageError):
                call = ServerCall(close, self.services, on_finish=answered.set)
                await self._games.hand_over(game_id, call)
                await answered.wait()

    def handle_signal(self, signal: Signal) -> None:
        """Close a source whose games are all closed; otherwise reply which are still open."""
        if not isinstance(signal, GamesClosed):
            super().handle_signal(signal)
            return
        call, source_id = signal.call, signal.source_id
        remaining = self.services.reads.open_game_ids(source_id)
        if remaining:
            body = messages.source_closing(source_id, remaining)
            self.reply(call, outgoing(body), is_done=False)
            return
        self.pending.changes.append(SourcePhaseChanged("closed", source_id))
        self.reply(call, outgoing(messages.source_closed(source_id)))
        line = call.log_fields() | {"source_id": source_id}
        self.pending.lines.append(("source_closed", line))

    def _phase_for_admin(self, request: Request, source_id: str) -> str:
        source = self.services.reads.source(source_id)
        if source is None:
            raise unknown("source", source_id)
        is_admin = self.services.source_admins.has(source_id, request.user_id)
        refuse_without(request.op.right, is_source_admin=is_admin)
        if source["phase"] == "closed":
            raise source_already_closed(source_id)
        return str(source["phase"])

    # Games.

    def _create_game(self, call: ServerCall, command: CreateGame) -> None:
        request = call.request
        if self._phase_for_admin(request, command.source_id) != "open":
            raise source_already_closed(command.source_id)
        self._refuse_too_many_games(command.source_id)
        now = self.services.clock.now()
        context = DecisionContext(now=now, user_id=request.user_id, limits=self.services.limits)
        fact = decide_creation(command, str(uuid4()), context)
        entry = Entry(1, now, fact)
        game = create(entry)
        self.pending.changes += [journal.fact_row(game, entry), journal.game_row(game)]
        self._new_games.append(game)
        self._new_by_source[game.source_id] += 1
        self.reply(call, outgoing(replies.done(game, command, [fact], now=now)))
        line = call.log_fields() | {"game_id": game.game_id, "source_id": game.source_id, "seq": 1}
        self.pending.lines.append((fact.kind, line))

    def _refuse_too_many_games(self, source_id: str) -> None:
        most = self.services.limits.games_per_source
        count = self.services.reads.open_game_count(source_id)
        if count + self._new_by_source[source_id] >= most:
            raise limit_reached("games in a source that are not closed", most)

    async def _list_games(self, call: ServerCall, command: ListGames | ListUpcomingGames) -> None:
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
        self.reply(call, outgoing(listed(source_id, rows, total)))

    def _list_my_games(self, call: ServerCall, command: ListMyGames) -> None:
        rows, total = self.services.reads.games_of_admin(
            call.request.user_id, offset=command.offset, limit=command.page
        )
        self.reply(call, outgoing(messages.my_games(rows, total)))

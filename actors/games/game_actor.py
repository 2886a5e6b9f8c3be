"""One game's actor: owns the game's state and its subscribers, and acts when a time comes.

There is no timer task: the actor waits for its mailbox until `wake_at` and then acts by the same
path as for an op. The rules are in `game`, the way of working in `actors/games/actor.py`.
"""

import math
from collections.abc import Iterable, Sequence

import trio

from actors.games.actor import Actor, PendingCommit
from actors.games.fact_lines import fact_line
from actors.games.prepared import Prepared
from actors.games.publisher import Publisher
from actors.games.queries import answer, joined_again
from actors.games.signals import ChatSent, Disconnected, Signal
from actors.games.step import Step, advance
from actors.games.subscribers import Broadcast, Delivery, DirectMessage, Subscribers
from actors.link.encoded_message import Body, EncodedMessage, encode, frame_batch, without_position
from actors.link.request import Request
from actors.services import Services
from game.commands import AppointAdmin, Command, PlaceBet
from game.context import DecisionContext
from game.decide import decide
from game.due import due_together, wake_at
from game.facts import Entry, Fact
from game.ledger import movements
from game.refusals import game_already_closed, limit_reached, not_joined, unknown
from game.rights import refuse_without
from game.state import Game
from game.vocabulary import Phase, Right
from protocol import messages, replies
from protocol.requests import (
    GameQuery,
    GetDistribution,
    GetGameDetails,
    GetGameLeaderboard,
    JoinGame,
    LeaveGame,
)
from storage import accounts, journal
from storage.changes import GameSaved
from storage.users import User

RETIRE_BEFORE_MS = 120_000
"""An actor whose next time is nearer than this stays."""

SHORT_DETAILS = 100
"""Targets of a game whose details may be written out while others wait."""


class GameActor(Actor):
    """Decides for one game, of the source `source_id`."""

    def __init__(self, services: Services, game_id: str, source_id: str) -> None:
        super().__init__(services)
        self.game_id = self.channel = game_id
        self._source_id = source_id
        self._game: Game | None = None
        self._saved: GameSaved | None = None
        self._feed = Subscribers(game_id, services.limits.presence_limit)
        self._publisher = Publisher(game_id, services.limits.distribution_interval / 1_000)
        self._prepared = Prepared()

    # State.

    async def restore(self) -> None:
        """Fold the game anew from its journal, letting others work between pages."""
        if self._game is not None:
            return
        folded = None
        for page in self.services.reads.fold(self.game_id):
            folded = page
            await trio.lowlevel.checkpoint()
        if folded is None:
            raise LookupError(f"game {self.game_id} has no journal")
        self._publisher.rolled_back(folded, self._unpublished(folded))
        self._saved = journal.game_row(folded)
        self._game = folded

    def _unpublished(self, game: Game) -> Sequence[Entry]:
        """Return the stored facts that this actor has not published."""
        published_seq = self._publisher.published_seq
        if published_seq is None:
            return ()
        return self.services.reads.entries(self.game_id, after=published_seq, limit=game.seq)

    def forget(self) -> None:
        """Drop the state: what was applied to it was not stored."""
        self._game = None

    @property
    def game(self) -> Game:
        """The game as it stands, what is not committed yet included."""
        if self._game is None:
            raise LookupError(f"game {self.game_id} is not there")
        return self._game

    @property
    def wake_at(self) -> int | None:
        """When something happens by itself next (epoch ms); at once without a state."""
        return 0 if self._game is None else wake_at(self._game)

    @property
    def flush_at(self) -> float:
        """When joined bets or a count of subscribers may be told next (trio's time)."""
        return min(self._feed.wake_at, self._publisher.wake_at)

    def may_retire(self) -> bool:
        """Whether nobody listens, nothing is at stake and nothing is near.

        The next who asks folds the game anew.
        """
        soon = self.services.clock.now() + RETIRE_BEFORE_MS
        is_quiet = not self._feed.members and not (self._game and self._game.pools)
        due = math.inf if self.wake_at is None else self.wake_at
        return is_quiet and self.flush_at == math.inf and due > soon

    # What happens by itself.

    def advance(self) -> None:
        """Act on everything that is due, in order of its times, dated as due."""
        now = max(self.services.clock.now(), self.game.clock)
        while (at := wake_at(self.game)) is not None and at <= now:
            for due in due_together(self.game, now):
                self.services.counters.timer_late(now - due.at)
                for body in self._apply_facts(due.facts(), due.at, late_ms=now - due.at):
                    self._publish(body)
        self.pending.deliveries += self._feed.due(now)

    def handle_signal(self, event: Signal) -> None:
        """A subscriber went away without saying so, or said something to the others."""
        if isinstance(event, ChatSent):
            self.pending.deliveries.append(Broadcast(event.said, besides=event.sender))
        if isinstance(event, Disconnected) and event.connection in self._feed.members:
            self.pending.deliveries += self._feed.leave(event.connection, self.services.clock.now())
        super().handle_signal(event)

    # What is asked.

    async def handle(self, request: Request) -> None:
        """Decide on an op. Raises `Refusal`."""
        match request.command:
            case JoinGame() as command:
                self._join(request, command)
            case LeaveGame():
                self._leave(request)
            case (GameQuery() | GetDistribution()) as query:
                reads, user_id = self.services.reads, request.user_id
                body = answer(query, self.game, user_id, reads, self._prepared)
                has_position = not isinstance(query, GetGameLeaderboard)
                self.reply(request, self._watermarked(body) if has_position else body)
            case command:
                self._change(request, command)

    def answer_at_once(self, request: Request) -> bool:
        """The details, if they are short and not about to change: many ask for them."""
        if not isinstance(request.command, GetGameDetails) or self._game is None:
            return False
        if len(self._game.targets) > SHORT_DETAILS:
            return False
        due, now = self.wake_at, trio.current_time()
        has_time_come = due is not None and due <= self.services.clock.now()
        if not self.is_at_rest or has_time_come or self.flush_at <= now:
            return False
        self.asked_at = now
        request.tell(self._watermarked(self._prepared.details(self._game)), self.game_id)
        return True

    def _change(self, request: Request, command: Command) -> None:
        # A machine's clock may be set back; time in a game never goes back.
        now = max(self.services.clock.now(), self.game.clock)
        subject = self._subject(command)
        self._refuse_without_right(request, subject)
        facts = decide(self.game, command, self._occasion(request, command, now, subject))
        bodies = self._apply_facts(facts, now, request=request)
        if any(body["res"] == request.op.shared for body in bodies):
            self._publish_each(bodies, request)
            return
        name = None if subject is None else subject.name
        reply = replies.done(self.game, command, facts, now=now, subject_name=name)
        before, after = (bodies, []) if request.op.sums_up else ([], bodies)
        self._publish_each(before, request)
        self.reply(request, reply, is_done=not request.op.sums_up)
        self._publish_each(after, request)
        if facts and isinstance(command, AppointAdmin) and subject is not None:
            self.send_to_user(subject.id, encode(messages.became_admin(self.game_id), now))

    def _occasion(
        self, request: Request, command: Command, now: int, subject: User | None
    ) -> DecisionContext:
        limits = self.services.limits
        is_bet = isinstance(command, PlaceBet)
        return DecisionContext(
            now=now,
            user_id=request.user_id,
            limits=limits,
            subject_id=None if subject is None else subject.id,
            is_admin=is_bet and not limits.admins_may_bet and self._is_any_admin(request),
            available=self._free(request.user_id) if is_bet else 0,
        )

    def _free(self, user_id: int) -> int:
        return self.services.bank.free(user_id, self.game.currency)

    def _is_any_admin(self, request: Request) -> bool:
        return request.user_id in self.game.admins or self._is_source_admin(request)

    def _is_source_admin(self, request: Request) -> bool:
        return self.services.reads.is_source_admin(self._source_id, request.user_id)

    def _subject(self, command: Command) -> User | None:
        """The user whom a command names. Raises `Refusal`."""
        name = getattr(command, "username", None)
        if name is None:
            return None
        user = self.services.reads.user_by_name(name)
        if user is None:
            raise unknown("user", name)
        return user

    def _refuse_without_right(self, request: Request, subject: User | None) -> None:
        if request.is_authorized or request.op.right is Right.ANYONE:
            return
        refuse_without(
            request.op.right,
            is_source_admin=self._is_source_admin(request),
            is_game_admin=request.user_id in self.game.admins,
            is_subject=subject is not None and subject.id == request.user_id,
        )

    # Who listens.

    def _join(self, request: Request, command: JoinGame) -> None:
        """Subscribe, and send again what was missed (contract, section 6, `since`)."""
        connection, is_over = request.connection, self.game.phase is Phase.CLOSED
        if connection is None or (is_over and command.since is None):
            raise game_already_closed(self.game_id)
        is_new = connection not in self._feed.members and not is_over
        most = self.services.limits.joins_per_connection
        if is_new and len(connection.joined) >= most:
            raise limit_reached("games joined on one connection", most)
        body, again, size = self._joined(command.since)
        told = frame_batch([request.reply(body, self.game_id), *again])
        request.charge(size)
        self.count_answer(size)
        connection.send(told, counted=not again)
        self.pending.answers.append((request, body))
        if is_new:
            self.pending.deliveries += self._feed.join(connection, self.services.clock.now())

    def _joined(self, since: int | None) -> tuple[Body, Sequence[EncodedMessage], int]:
        if since is None:
            return self._watermarked(messages.game_joined(self.game)), (), 0
        return joined_again(
            self.game, since, self.services, self._publisher.watermark(self.game.seq)
        )

    def _leave(self, request: Request) -> None:
        connection = request.connection
        if connection is None or connection not in self._feed.members:
            raise not_joined(self.game_id)
        self.reply(request, messages.game_left(self.game_id))
        self.pending.deliveries += self._feed.leave(connection, self.services.clock.now())

    # Facts and what is told of them.

    def _apply_facts(
        self,
        facts: Iterable[Fact],
        at: int,
        *,
        request: Request | None = None,
        late_ms: int | None = None,
    ) -> list[Body]:
        """Apply facts, provisionally; gives what subscribers are to be told, in order."""
        bodies: list[Body] = []
        facts = list(facts)
        # Whatever has to be read is read before anything changes: reading may fail.
        for fact in facts:
            for each in movements(fact):
                self.services.bank.balance(each.user_id, self.game.currency)
        for fact in facts:
            step = advance(self.game, fact, at)
            self._stage(step)
            line = fact_line(self.game_id, step.entry, request, late_ms)
            self.pending.lines.append((fact.kind, line))
            bodies += self._publisher.stage(step, self.game)
        return bodies

    def _stage(self, step: Step) -> None:
        """Add a step to the pending commit, and reserve what it moves."""
        self.pending.changes += step.rows
        if step.movements:
            self.pending.transfers += step.transfers
            self.pending.movements += step.movements
            self.services.bank.set_aside(step.movements, self.game.currency)

    def _watermarked(self, body: Body) -> Body:
        return body | {"seq": self._publisher.watermark(self.game.seq)}

    def _publish_each(self, bodies: Iterable[Body], request: Request) -> None:
        for body in bodies:
            self._publish(body, request)

    def _publish(self, body: Body, request: Request | None = None) -> None:
        """Tell the subscribers; the caller, if this is its reply too, once, as the reply."""
        is_reply = request is not None and body["res"] == request.op.shared
        if request is not None and is_reply:
            listens = request.connection in self._feed.members
            self.reply(request, body if listens else without_position(body))
        if self._feed.members:
            said = encode(body, self.services.clock.now(), self.game_id)
            besides = request.connection if request is not None and is_reply else None
            self.pending.deliveries.append(Broadcast(said, besides))

    # The turn of the work.

    def before_commit(self) -> None:
        """Tell of bets that have waited long enough; keep balances and lists in step."""
        if self._game is None:
            return
        for body in self._publisher.stage_due(self.game.seq):
            self._publish(body)
        if not self.pending.changes:
            return
        self.pending.changes += accounts.account_rows(self.pending.transfers, self.game.currency)
        row = journal.game_row(self.game)
        if row != self._saved:
            self.pending.changes.append(row)
            self._saved = row

    def after_commit(self, pending: PendingCommit) -> None:
        """The money has moved: tell its owners, before what sums it up (contract, section 1)."""
        if self._game is None:
            return
        moved = self.services.bank.move(pending.movements, self.game.currency, self.game_id)
        self._publisher.committed()
        now = self.services.clock.now()
        pushes: list[Delivery] = []
        for user_id, body in moved:
            said = encode(body, now)
            pushes += [DirectMessage(c, said) for c in self.services.connections.of(user_id)]
        place = next(
            (i for i, s in enumerate(pending.deliveries) if s.sums_up), len(pending.deliveries)
        )
        pending.deliveries[place:place] = pushes

    def abandon(self, pending: PendingCommit) -> None:
        """The money has not moved: stakes are free again."""
        if pending.movements:
            self.services.bank.take_back(pending.movements, self.game.currency)

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Tell everybody; subscriptions end with the game."""
        published = sum(isinstance(item, Broadcast) for item in deliveries)
        self.services.counters.delivered(published * len(self._feed.members))
        await self._feed.deliver(deliveries)
        if self._game is not None and self._game.phase is Phase.CLOSED:
            self._feed.end()

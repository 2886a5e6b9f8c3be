"""One game's actor: owns the game's state and its subscribers, and acts when a time comes.

There is no timer task: the actor waits for its mailbox until `wake_at` and then acts by the same
path as for an op. The rules are in `game`, the way of working in `actors/games/actor.py`.
"""

import math
from collections.abc import Iterable, Sequence

import trio

from actors.games.actor import Actor, PendingCommit
from actors.games.bet_batcher import BetBatcher
from actors.games.fact_lines import fact_line
from actors.games.prepared import Prepared
from actors.games.queries import answer, joined_again
from actors.games.signals import ChatSent, Disconnected, Signal
from actors.games.subscribers import Broadcast, Delivery, DirectMessage, Subscribers
from actors.link.encoded_message import Body, EncodedMessage, encode, frame_batch, without_position
from actors.link.request import Request
from actors.services import Services
from game.commands import AppointAdmin, Command, PlaceBet
from game.context import DecisionContext
from game.decide import decide
from game.due import due_together, wake_at
from game.facts import BetPlaced, Entry, EventRegistered, Fact, PoolResolved
from game.ledger import movements, transfers
from game.names import POOL_ACTION_PREFIX
from game.pools import bet_of
from game.refusals import game_already_closed, limit_reached, not_joined, unknown
from game.rights import refuse_without
from game.state import Game, apply
from game.vocabulary import Phase, Right
from protocol import messages, pool_messages, replies
from protocol.publications import publication
from protocol.requests import (
    GameQuery,
    GetDistribution,
    GetGameDetails,
    GetGameLeaderboard,
    JoinGame,
    LeaveGame,
)
from storage import accounts, catalogue, journal, projection
from storage.changes import GameSaved
from storage.users import User, user_by_name

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
        self._untold = BetBatcher(services.limits.distribution_interval / 1_000)
        self._prepared = Prepared()
        self._spoken: int | None = None

    # State.

    async def restore(self) -> None:
        """Fold the game anew from its journal, letting others work between pages."""
        if self._game is not None:
            return
        folded = None
        for page in journal.fold(self.services.database, self.game_id):
            folded = page
            await trio.lowlevel.checkpoint()
        if folded is None:
            raise LookupError(f"game {self.game_id} has no journal")
        self._feed.told = folded.published_seq if self._spoken is None else self._spoken
        self._hold_back(folded)
        self._saved = journal.game_row(folded)
        self._game = folded

    def _hold_back(self, game: Game) -> None:
        """Bets that are stored, but that nobody was told of when the state was dropped."""
        self._untold.clear()
        if self._spoken is None:
            return
        for entry in journal.entries(
            self.services.database, self.game_id, after=self._spoken, limit=game.seq
        ):
            if isinstance(entry.fact, BetPlaced) and entry.fact.pool_id in game.pools:
                self._untold.add(entry.fact.pool_id, entry.seq, bet_of(entry.fact, entry.at))

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
        return min(self._feed.wake_at, self._untold.wake_at)

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
                for body in self._happen(due.facts(), due.at, late_ms=now - due.at):
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
            case (GameQuery() | GetDistribution()) as question:
                database = self.services.database
                body = answer(question, self.game, request.user_id, database, self._prepared)
                has_position = not isinstance(question, GetGameLeaderboard)
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
        bodies = self._happen(facts, now, request=request)
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
        return catalogue.is_source_admin(self.services.database, self._source_id, request.user_id)

    def _subject(self, command: Command) -> User | None:
        """The user whom a command names. Raises `Refusal`."""
        name = getattr(command, "username", None)
        if name is None:
            return None
        user = user_by_name(self.services.database, name)
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
        connection.tell(told, counted=not again)
        self.pending.answers.append((request, body))
        if is_new:
            self.pending.deliveries += self._feed.join(connection, self.services.clock.now())

    def _joined(self, since: int | None) -> tuple[Body, Sequence[EncodedMessage], int]:
        if since is None:
            return self._watermarked(messages.game_joined(self.game)), (), 0
        return joined_again(self.game, since, self.services, self._told_with(self.game.seq))

    def _leave(self, request: Request) -> None:
        connection = request.connection
        if connection is None or connection not in self._feed.members:
            raise not_joined(self.game_id)
        self.reply(request, messages.game_left(self.game_id))
        self.pending.deliveries += self._feed.leave(connection, self.services.clock.now())

    # Facts and what is told of them.

    def _happen(
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
            entry = Entry(self.game.seq + 1, max(at, self.game.clock), fact)
            bodies += self._untold_before(fact)
            self._record(entry)
            self.pending.lines.append((fact.kind, fact_line(self.game_id, entry, request, late_ms)))
            if (body := publication(self.game, entry)) is not None:
                bodies.append(self._feed.positioned(body, self._told_with(entry.seq)))
        return bodies

    def _record(self, entry: Entry) -> None:
        """Write a fact, set aside what it moves, apply it."""
        fact, pending = entry.fact, self.pending
        moved = transfers(fact)
        pending.changes += projection.rows(self.game, entry, moved)
        pending.transfers += moved
        if moved:
            pending.movements += (each := movements(fact))
            self.services.bank.set_aside(each, self.game.currency)
        apply(self.game, entry)
        if isinstance(fact, BetPlaced):
            self._untold.add(fact.pool_id, entry.seq, bet_of(fact, entry.at))
        elif isinstance(fact, PoolResolved):
            self._untold.end(fact.pool_id)

    def _untold_before(self, fact: Fact) -> list[Body]:
        """A pending 361 goes out before any other message about its pool."""
        pool_id = getattr(fact, "pool_id", None)
        if isinstance(fact, EventRegistered):
            pool_id = fact.action_id.removeprefix(POOL_ACTION_PREFIX)
        if pool_id not in self.game.pools or isinstance(fact, BetPlaced) or not fact.published:
            return []
        return self._joined_bets(pool_id)

    def _joined_bets(self, pool_id: str) -> list[Body]:
        bets = self._untold.take(pool_id, trio.current_time())
        if not bets:
            return []
        snapshot = self.game.pools[pool_id].snapshot()
        body = pool_messages.distribution_changed(self.game_id, snapshot, bets)
        return [self._feed.positioned(body, self._told_with(self.game.seq))]

    def _told_with(self, seq: int) -> int:
        """The watermark of a message that tells of `seq`: bets that wait hold it back."""
        held = self._untold.first_seq
        return seq if held is None else min(seq, held - 1)

    def _watermarked(self, body: Body) -> Body:
        return body | {"seq": self._told_with(self.game.seq)}

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
        for pool_id in self._untold.due(trio.current_time()):
            for body in self._joined_bets(pool_id):
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
        self._spoken = self._feed.told
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

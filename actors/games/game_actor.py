"""One game's actor: owns the game's state, its subscribers and its publications.

Facts come from two places: from a request (`Decider`) and from a time (`game/due.py`). Both take
the same way: stakes are reserved in the bank; `advance` applies each fact and returns its `Step`;
the rows are staged for the commit, publications numbered by the `Publisher`.

There is no timer task. The actor waits for its mailbox until `wake_at`, then acts as for a request.
The rounds of its work: `actors/games/actor.py`. The rules: `game`.
"""

import math
from collections.abc import Iterable, Sequence

import trio

from actors.games.actor import Actor
from actors.games.carries import Carry
from actors.games.decider import Decider
from actors.games.delayed_bets import DelayedBets
from actors.games.joins import after_signal, join, leave
from actors.games.moderation import removed_line
from actors.games.outgoing import (
    Broadcast,
    OutgoingMessage,
    Position,
    Role,
    balance_updates,
    outgoing,
)
from actors.games.past_results import past_of
from actors.games.pending_commit import PendingCommit
from actors.games.prepared import Prepared
from actors.games.publisher import Publisher
from actors.games.queries import BARE_ANSWERS, answer
from actors.games.server_call import ServerCall
from actors.games.signals import ChatSent, GameSummary, Signal, Summarise
from actors.games.step import advance, log_line
from actors.games.subscribers import CommonMessages, Subscribers
from actors.link.encoded_message import EncodedBody, encode
from actors.services import Services
from game.commands import AppointAdmin, Command, CorrectPool, TakeBackEvent
from game.due import due_together, wake_at, with_carry
from game.facts import Fact, PoolOpened
from game.ledger import carry_change, movements
from game.names import shared
from game.past import Past
from game.refusals import Refusal
from game.state import Game
from game.vocabulary import Phase
from protocol import messages, replies
from protocol.errors import overloaded
from protocol.moderation_requests import RemoveMessage
from protocol.op import Body
from protocol.requests import GameQuery, GetGameDetails, JoinGame, LeaveGame, PoolQuery
from storage import accounts, journal
from storage.changes import GameSaved
from storage.errors import StorageError
from storage.users import User

RETIRE_BEFORE_MS = 120_000
"""An actor that has to act within this time does not retire."""

SHORT_DETAILS = 100
"""Targets of a game whose details may be answered without waking the actor."""


class GameActor(Actor):
    """Owns one game of the source `source_id`."""

    __slots__ = (
        "_decider",
        "_delayed",
        "_game",
        "_prepared",
        "_publisher",
        "_saved",
        "_subscribers",
        "game_id",
    )

    def __init__(self, services: Services, game_id: str, source_id: str) -> None:
        super().__init__(services)
        limits = services.limits
        self.game_id: str = game_id
        self._game: Game | None = None
        self._saved: GameSaved | None = None
        self._delayed = DelayedBets(services)
        self._decider = Decider(services, shared(source_id), self._delayed)
        self._publisher = Publisher(game_id, limits.distribution_interval / 1_000)
        self._subscribers = Subscribers(game_id, limits.presence_limit, services.presence)
        self._prepared = Prepared()

    async def restore(self) -> None:
        """Replay the journal if there is no state, a page at a time."""
        if self._game is not None:
            return
        game = None
        for page in self.services.reads.fold(self.game_id):
            game = page
            await trio.lowlevel.checkpoint()
        if game is None:
            raise LookupError(f"game {self.game_id} has no journal")
        self._publisher.rolled_back(game, self.services.reads)
        self._saved = journal.game_row(game)
        self._game = game

    def roll_back(self, dropped: Iterable[PendingCommit]) -> None:
        """Release the stakes that were reserved, and drop the state: it is not what is stored.

        Bets that wait for their delay are refused, and those whose wait ended in what is dropped.
        """
        self._delayed.refuse_all(overloaded("the game was replayed while your bet waited"))
        for pending in dropped:
            self.services.bank.order.end(pending.ticket)
            for call, _ in pending.outcomes:
                if call.may_be_overtaken:
                    call.refuse_now(overloaded("it could not be saved"))
            if pending.movements:
                self.services.bank.release(pending.movements, self.game.currency)
            if pending.carry_change:
                self._carry().stage(self.game_id, -pending.carry_change)
        self._game = None

    @property
    def game(self) -> Game:
        """The game with everything that was decided, committed or not."""
        if self._game is None:
            raise LookupError(f"game {self.game_id} has no state")
        return self._game

    @property
    def wake_at(self) -> int | None:
        """When the game next has to act (epoch ms); immediately if there is no state."""
        if self._game is None:
            return 0
        due, delayed = wake_at(self._game), self._delayed.wake_at
        return delayed if due is None or (delayed is not None and delayed < due) else due

    @property
    def has_delayed_bets(self) -> bool:
        """Whether bets wait for the delay of their pool."""
        return len(self._delayed) > 0

    @property
    def steady_wake_at(self) -> float:
        """When something may be published, or delayed bets must be refused (trio's time)."""
        return min(self._subscribers.wake_at, self._publisher.wake_at, self._delayed.hopeless_at)

    def may_retire(self) -> bool:
        """Whether there is no subscriber, no unresolved pool and nothing due soon."""
        soon = self.services.clock.now() + RETIRE_BEFORE_MS
        has_members = self._subscribers.members or self._subscribers.awaits_users
        is_quiet = not has_members and not (self._game and self._game.pools)
        due = math.inf if self.wake_at is None else self.wake_at
        return is_quiet and self.steady_wake_at == math.inf and due > soon

    def _now(self) -> int:
        """Return the time in the game, which never goes back, even if the clock does."""
        return max(self.services.clock.now(), self.game.clock)

    def act_on_due(self) -> None:
        """Act on everything that is due, in order of its times, dated as due.

        At equal times the game acts first, then delayed bets are decided.
        """
        game, now = self.game, self._now()
        self._delayed.refuse_hopeless()
        while (at := self.wake_at) is not None and at <= now:
            if at == wake_at(game):
                self._act_on_game(now)
            else:
                self._decide_delayed(now)
        self.pending.deliveries += self._subscribers.due(now)

    def _act_on_game(self, now: int) -> None:
        for due in due_together(self.game, now):
            self.services.counters.timer_late(now - due.at)
            facts = self._with_carry(due.facts())
            for message in self._apply_facts(facts, due.at, late_ms=now - due.at):
                self._send(message)

    def _carry(self) -> Carry:
        """Return what the pools of the source carry over. Raise `StorageError`."""
        return self.services.bank.carries.of(self.game.source_id, self.game.currency)

    def _with_carry(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        """Return facts that fall due; a pool that opens again takes the carry, as its policy says.

        Raise `StorageError`.
        """
        if not any(isinstance(fact, PoolOpened) for fact in facts):
            return facts
        return with_carry(facts, self._carry().free(self.game_id))

    # Requests and signals.

    async def handle(self, call: ServerCall) -> None:
        """Decide a request and stage what follows. Raise `Refusal`."""
        match call.request.command:
            case JoinGame(since=since):
                members, publisher = self._subscribers, self._publisher
                reply, published = join(call, since, self.game, members, publisher)
                self.pending.outcomes.append((call, reply))
                self.pending.deliveries += published
            case LeaveGame():
                published = leave(call, self.game_id, self._subscribers)
                self.reply(call, outgoing(messages.game_left(self.game_id)))
                self.pending.deliveries += published
            case RemoveMessage() as wanted:
                self._remove_message(call, wanted)
            case (GameQuery() | PoolQuery()) as query:
                user_id, reads = call.request.user_id, self.services.reads
                body = answer(query, self.game, user_id, reads, self._prepared)
                is_bare = isinstance(query, BARE_ANSWERS)
                self.reply(call, outgoing(body) if is_bare else self._positioned(body))
            case CorrectPool() | TakeBackEvent() as command:
                self._decider.refuse_without_right(self.game, call.request)
                past = await past_of(command, self.game, self.services.reads, self.services.bank)
                self._change(call, past)
            case _:
                self._change(call)

    def encoded_reply(self, query: Command, now: int) -> EncodedBody | None:
        """Return the details if they are short and up to date: many clients ask for them."""
        game = self._game
        if game is None or not isinstance(query, GetGameDetails):
            return None
        if len(game.targets) > SHORT_DETAILS or not self.is_at_rest:
            return None
        due, current_time = wake_at(game), trio.current_time()
        if (due is not None and due <= now) or self.steady_wake_at <= current_time:
            return None
        self.answered_at = current_time
        return self._prepared.encoded_details(game, self._publisher.watermark(game.seq))

    @property
    def has_state(self) -> bool:
        """Whether the game was replayed."""
        return self._game is not None

    def summary(self) -> GameSummary:
        """Return what lists of games show. Nothing in it is waiting for a commit."""
        return GameSummary(len(self._subscribers.members), self._prepared.summary(self.game))

    def handle_signal(self, signal: Signal) -> None:
        """Act on what happened to members; pass a chat message on. Raise `StorageError`."""
        if isinstance(signal, Summarise) and self._game is not None:
            signal.summary = self.summary()
        if isinstance(signal, ChatSent):
            self.pending.deliveries.append(Broadcast(signal.message, besides=signal.sender))
        else:
            self.pending.deliveries += after_signal(
                signal, self._game, self._subscribers, self._publisher, self.services
            )
        super().handle_signal(signal)

    def _remove_message(self, call: ServerCall, wanted: RemoveMessage) -> None:
        """Publish that a chat line is removed. Raise `Refusal`."""
        self._decider.refuse_without_right(self.game, call.request)
        body = removed_line(self.game, wanted.message_id, self.services.moderation)
        self.reply(call, outgoing(body))
        message = encode(body, self.services.clock.now())
        self.pending.deliveries.append(Broadcast(message, besides=call.caller))

    def _change(self, call: ServerCall, past: Past | None = None) -> None:
        game, now = self.game, self._now()
        facts, subject = self._decider.decide(game, call.request, now, past)
        if self._delayed.has_to_wait(game, call.request.command):
            self._delayed.add(call, facts, game, now)
        else:
            self._carry_out(call, facts, subject, now)

    def _carry_out(
        self, call: ServerCall, facts: Sequence[Fact], subject: User | None, now: int
    ) -> None:
        """Apply what a request has caused at `now` (epoch ms), and stage its messages."""
        game, request, op = self.game, call.request, call.request.op
        published = self._apply_facts(facts, now, call=call)
        shared = next((message for message in published if message.res == op.shared), None)
        replied: list[OutgoingMessage] = []
        if shared is not None:
            shared.role = Role.BOTH  # Of several events (`also`) the first is the reply.
        else:
            name = None if subject is None else subject.name
            body = replies.done(game, request.command, facts, now=now, subject_name=name)
            replied.append(outgoing(body))
        for message in published + replied if op.sums_up else replied + published:
            self._send(message, call)
        if facts and isinstance(request.command, AppointAdmin) and subject is not None:
            self.send_to_user(subject.id, encode(messages.became_admin(self.game_id), now))

    def _decide_delayed(self, now: int) -> None:
        """Decide the next delayed bet again, as if it arrived at its time."""
        bet = self._delayed.next()
        self.services.counters.timer_late(now - bet.decides_at)
        try:
            bet.refuse_if_untimely(now)
            facts, subject = self._decider.decide(self.game, bet.call.request, bet.decides_at)
            self._carry_out(bet.call, facts, subject, bet.decides_at)
        except Refusal as refusal:
            self.refuse(bet.call, refusal)
        except StorageError as error:
            self.pause(error)
            self.refuse(bet.call, overloaded("the database is not available"))
        self._delayed.remove_next()

    # Facts and messages.

    def _apply_facts(
        self,
        facts: Sequence[Fact],
        at: int,
        *,
        call: ServerCall | None = None,
        late_ms: int | None = None,
    ) -> list[OutgoingMessage]:
        """Apply facts and stage their rows. Return their publications, in order."""
        game, pending = self.game, self.pending
        moved = [movement for fact in facts for movement in movements(fact)]
        change = sum(map(carry_change, facts))
        carry = self._carry() if change else None
        self.services.bank.reserve(moved, game.currency)  # it may fail: nothing has changed yet
        pending.movements += moved
        if carry is not None:
            carry.stage(self.game_id, change)
            pending.carry_change += change
        published: list[OutgoingMessage] = []
        for fact in facts:
            step = advance(game, fact, at)
            pending.changes += step.rows
            pending.transfers += step.transfers
            pending.lines.append(log_line(self.game_id, step, call, late_ms))
            published += self._publisher.stage(step, game)
        if self._delayed:
            command = None if call is None else call.request.command
            for waiting, refusal in self._delayed.take_refused(game, facts, command):
                self.refuse(waiting, refusal)
        return published

    def _positioned(self, body: Body) -> OutgoingMessage:
        return outgoing(body, Position(self._publisher.watermark(self.game.seq)))

    def _send(self, message: OutgoingMessage, call: ServerCall | None = None) -> None:
        """Stage a message for its receivers. A caller who subscribes receives it once."""
        role, members, besides = message.role, self._subscribers.members, None
        if call is not None and role is Role.REPLY:
            self.reply(call, message, is_done=not call.request.op.sums_up)
        elif call is not None and role is Role.BOTH:
            besides = call.caller
            self.reply(call, message if besides in members else message.without_position())
        if role is not Role.REPLY and members:
            encoded = encode(message.full_body(), self.services.clock.now(), self.game_id)
            self.pending.deliveries.append(Broadcast(encoded, besides, message.sums_up))

    # The commit.

    def before_commit(self) -> None:
        """Publish bets that have waited long enough. Stage balances and the game's row."""
        if self._game is None:
            return
        for message in self._publisher.stage_due(self.game.seq):
            self._send(message)
        if not self.pending.changes:
            return
        self.pending.changes += accounts.account_rows(self.pending.transfers, self.game.currency)
        row = journal.game_row(self.game)
        if row != self._saved:
            self.pending.changes.append(row)
            self._saved = row
        if moved := self.pending.movements:
            users = (each.user_id for each in moved)
            self.pending.ticket = self.services.bank.order.take(users, self.game.currency)

    async def committed(self, pending: PendingCommit) -> None:
        """Move the money, then send everything. Subscriptions end with the game."""
        order, ticket = self.services.bank.order, pending.ticket
        try:
            await order.come(ticket)
            common = self._send_first(pending)
        finally:
            order.end(ticket)
        seq = self._publisher.published_seq or 0
        self.services.counters.delivered(await self._subscribers.publish(common, seq))
        if self._game is not None and self._game.phase is Phase.CLOSED:
            self._subscribers.end()
            self.services.moderation.forget_game(self.game_id)

    def _send_first(self, pending: PendingCommit) -> CommonMessages:
        """Move the money, and send what single connections receive. Return what is left to send."""
        if self._game is not None:
            if pending.changes:
                self.services.fact_watches.committed(self.game_id, self._game.source_id)
            self._publisher.committed()
            bank, now = self.services.bank, self.services.clock.now()
            changes = bank.move(pending.movements, self._game.currency, self.game_id)
            if pending.carry_change:
                self._carry().commit(self.game_id, pending.carry_change)
            updates = balance_updates(changes, self.services.connections, now)
            pending.insert_before_summaries(updates)
        return self._subscribers.send_own(pending.deliveries)

"""The way every actor works: empty the mailbox, decide it all, commit once, and only then speak.

Decide, commit, apply, publish, reply: nobody hears of a fact before it is on disk. What an actor
decides on is `actors/games/game_actor.py` and `actors/games/sources_actor.py`;
`actors/games/supervisor.py` runs them and deals with those that fail.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson
import structlog
import trio
from attrs import Factory, define

from actors.games.mailbox import Mailbox
from actors.games.signals import Flush, Signal
from actors.games.subscribers import Delivery, DirectMessage
from actors.link.encoded_message import Body, EncodedMessage, single, without_position
from actors.link.request import Request
from actors.services import Services
from game.ledger import Movement, Transfer
from game.refusals import Refusal
from protocol.codec import fingerprint
from protocol.errors import overloaded
from storage.changes import Change, ReplyKept
from storage.errors import StorageError
from storage.kept_replies import kept

log = structlog.get_logger()

STORAGE_PAUSE_MS = 1_000
"""How long an actor leaves the storage alone, by itself, after a commit that failed."""


MOST_SAID = 262_144
"""Bytes of replies that are held back for one commit, before they are told and others may work."""

MOST_ANSWERED = 65_536
"""Bytes that questions are answered with before it is looked whether changes wait."""
LEAST_ANSWER = 4_096
"""Bytes that an answer counts as at least: to make a short one takes its time too."""


Item = Request | Signal


@define(eq=False)
class PendingCommit:
    """What an actor has decided and not yet committed; `size` is what it is going to say."""

    changes: list[Change] = Factory(list)
    deliveries: list[Delivery] = Factory(list)
    answers: list[tuple[Request, Body | Refusal]] = Factory(list)
    lines: list[tuple[str, dict[str, Any]]] = Factory(list)
    transfers: list[Transfer] = Factory(list)
    movements: list[Movement] = Factory(list)
    size: int = 0
    is_committed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was decided and nobody is to be told anything."""
        return not (self.changes or self.deliveries or self.answers)


class Actor(ABC):
    """A task with a mailbox. Subclasses decide; this class commits, speaks and remembers."""

    channel: str | None = None
    """The game whose positions the replies carry, if they do."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.mailbox = Mailbox[Item](services.limits.mailbox_size)
        self.in_progress: Sequence[Item] = ()
        self.pending = PendingCommit()
        self._in_flight: PendingCommit | None = None
        self.failures = 0
        self.trace_id = ""
        self._pause_until = -math.inf
        self._answered_bytes = 0
        self.asked_at = -math.inf
        """When an op was last answered without waking the task (trio's time)."""

    @abstractmethod
    async def restore(self) -> None:
        """Make the state anew from what is stored, if it is not there. Raises `StorageError`."""

    @abstractmethod
    def forget(self) -> None:
        """Drop the state: it no longer is what is stored."""

    @abstractmethod
    async def handle(self, request: Request) -> None:
        """Decide on an op. Raises `Refusal`."""

    def answer_at_once(self, request: Request) -> bool:
        """Answer an op without waking the task, if it changes nothing; false: it is not such."""
        return False

    def handle_signal(self, event: Signal) -> None:
        """Decide on what has happened elsewhere; a `Flush` has got what it wanted."""
        if isinstance(event, Flush):
            event.done.set()

    def advance(self) -> None:
        """Decide on what is due by itself."""

    def before_commit(self) -> None:
        """A last chance to add to the work."""

    def after_commit(self, pending: PendingCommit) -> None:
        """What was decided is now true."""

    def abandon(self, pending: PendingCommit) -> None:
        """What was decided is not going to be true."""

    @property
    @abstractmethod
    def wake_at(self) -> int | None:
        """When there is something to do by itself (epoch ms), None: never."""

    @property
    def flush_at(self) -> float:
        """When there is something to tell that had to wait (trio's time); infinity: never."""
        return math.inf

    def may_retire(self) -> bool:
        """Whether the actor may end now that nothing has happened for a while."""
        return False

    IDLE_MS = 30_000
    """How long nothing happens before an actor that may retire does."""

    async def run(self) -> None:
        """Work off what arrives, until there is nothing left to wait for."""
        for item in self.in_progress:
            await self._work_off([item])
        self.in_progress = ()
        await self._work_off(())
        self.failures = 0
        while (batch := await self._wait()) is not None:
            self.in_progress = batch
            await self._work_off(batch)
            await self._answer_some()
            self.in_progress = ()
            self.failures = 0

    def restart(self) -> None:
        """After a failure: what was decided is dropped, and may be tried again.

        What was stored is not done again: who asked for it is told so now, if not before.
        """
        in_flight, self._in_flight = self._in_flight, None
        for pending in (in_flight, self.pending):
            if pending is not None and not pending.is_committed:
                self.abandon(pending)
        self.pending = PendingCommit()
        self.forget()
        for request, outcome in in_flight.answers if in_flight and in_flight.is_committed else ():
            self._reply_late(request, outcome)
        self.in_progress = [
            i for i in self.in_progress if not (isinstance(i, Request) and i.is_answered)
        ]

    def close_mailbox(self) -> list[Item]:
        """Take no more; gives what still waited."""
        return [*self.in_progress, *self.mailbox.close()]

    @property
    def is_busy(self) -> bool:
        """Whether something waits or is in hand."""
        return bool(self.in_progress or self.mailbox)

    # What subclasses use.

    @property
    def is_at_rest(self) -> bool:
        """Whether everything that was asked by now is on disk and told."""
        return not self.is_busy and self._in_flight is None

    def reply(self, request: Request, body: Body, *, is_done: bool = True) -> None:
        """Tell the caller, once everything so far is committed.

        `is_done`: remembered under the idempotency key of an op that changes something.
        """
        if request.idempotency_key is not None and request.op.changes and is_done:
            self.pending.changes.append(self._kept_reply(request, body))
        self.pending.answers.append((request, body))
        said = request.reply(body, self.channel)
        self.pending.deliveries.append(DirectMessage(request.connection, said))
        self.pending.size += len(said.frame)
        self.count_answer(len(said.frame))

    def count_answer(self, size: int) -> None:
        """An answer of so many bytes was made."""
        self._answered_bytes += max(LEAST_ANSWER, size)

    def send_to_user(self, user_id: int, said: EncodedMessage) -> None:
        """Tell every connection of a user, once everything so far is committed."""
        self.pending.deliveries += [
            DirectMessage(c, said) for c in self.services.connections.of(user_id)
        ]

    async def commit(self) -> bool:
        """Commit what was decided, then speak; false if it could not be stored."""
        self.before_commit()
        pending, self.pending = self.pending, PendingCommit()
        self._in_flight = pending
        if pending.changes:
            try:
                await self.services.writer.commit(pending.changes)
            except StorageError as error:
                self._take_back(pending, error)
                return False
        pending.is_committed = True
        self.after_commit(pending)
        await self.deliver(pending.deliveries)
        for request, outcome in pending.answers:
            request.answered(outcome)
        self._in_flight = None
        self._write_lines(pending)
        return True

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Say what was decided, in order."""
        for item in deliveries:
            if isinstance(item, DirectMessage) and item.connection is not None:
                item.connection.send(single(item.said))

    # How it works.

    async def _wait(self) -> list[Item] | None:
        """What has arrived; nothing if it is time to act; None if it is time to retire."""
        idle_s = self.IDLE_MS / 1_000
        retire_at = trio.current_time() + idle_s if self.may_retire() else math.inf
        with trio.move_on_at(min(self._act_at(), retire_at)):
            return await self.mailbox.receive()
        if self.mailbox or not self.may_retire():
            return self.mailbox.receive_nowait()
        is_quiet = trio.current_time() >= max(retire_at, self.asked_at + idle_s)
        return None if is_quiet else []

    def _act_at(self) -> float:
        """When there is something to do without being asked, in trio's time."""
        due_at = self.services.clock.deadline(self.wake_at)
        return max(self._pause_until, min(due_at, self.flush_at))

    async def _work_off(self, batch: Sequence[Item]) -> None:
        try:
            await self.restore()
            self.advance()
        except StorageError as error:
            self._postpone(error)
        for item in batch:
            await self._take(item)
        await self.commit()

    async def _answer_some(self) -> None:
        """Questions come after the changes that waited, and not too many at a time."""
        self._answered_bytes = 0
        while self._answered_bytes < MOST_ANSWERED:
            question = self.mailbox.next_query()
            if question is None:
                return
            self.in_progress = [question]
            await self._take(question)

    async def _take(self, item: Item) -> None:
        """Everything due by now comes first; for some items, it is on disk and told first."""
        if isinstance(item, Signal):
            await self._take_event(item)
        elif not item.is_answered:
            await self._take_ask(item)

    async def _take_ask(self, request: Request) -> None:
        if request.connection is not None and request.connection.is_cut_off:
            request.answered(overloaded("the connection is being closed"))
            return
        try:
            await self.make_ready(committed=request.after_prior_commits)
            await self.handle(request)
        except Refusal as refusal:
            self._reply_refusal(request, refusal)
        except StorageError as error:
            self._postpone(error)
            self._reply_refusal(request, overloaded("the storage does not answer"))
        if request.after_prior_commits or self.pending.size > MOST_SAID:
            await self.commit()
            if not request.op.yields_to_changes:
                await trio.lowlevel.checkpoint()

    async def _take_event(self, event: Signal) -> None:
        """An event has happened, whatever the storage says."""
        with suppress(Refusal, StorageError):
            await self.make_ready(committed=True)
        try:
            self.handle_signal(event)
        except StorageError:
            event.lost(overloaded("the storage does not answer"))
        await self.commit()

    async def make_ready(self, *, committed: bool) -> None:
        """Act on everything that is due by now; `committed`: until it is on disk and told.

        What falls due during that commit is not waited for: with a disk that is slower than a
        game's timers there would be no end. Raises `StorageError`, and `Refusal` if something
        could not be stored.
        """
        await self.restore()
        self.advance()
        if committed and not self.pending.is_empty and not await self.commit():
            raise overloaded("it could not be stored")

    def _write_lines(self, pending: PendingCommit) -> None:
        if not pending.lines:
            return
        bound = log.bind()  # once: each use of an unbound logger binds it anew
        for event, line in pending.lines:
            bound.info(event, **line)

    def _reply_refusal(self, request: Request, refusal: Refusal) -> None:
        """A no keeps its place behind what was granted before it, and waits for that too."""
        self.pending.answers.append((request, refusal))
        self.pending.deliveries.append(DirectMessage(request.connection, request.error(refusal)))
        self.count_answer(0)

    def _take_back(self, pending: PendingCommit, error: StorageError) -> None:
        self._in_flight = None
        self._postpone(error)
        self.abandon(pending)
        self.forget()
        for request, _ in pending.answers:
            request.refuse(overloaded("it could not be stored"))

    def _reply_late(self, request: Request, outcome: Body | Refusal) -> None:
        if request.is_answered:
            return
        if isinstance(outcome, Refusal):
            request.refuse(outcome)
        else:
            # Later publications may have been heard meanwhile.
            request.tell(
                without_position(outcome) if "prev_seq" in outcome else outcome, self.channel
            )

    def _postpone(self, error: StorageError) -> None:
        log.error("storage_failed", error=str(error))
        self._pause_until = trio.current_time() + STORAGE_PAUSE_MS / 1_000

    def _kept_reply(self, request: Request, body: Body) -> ReplyKept:
        return kept(
            request.user_id,
            request.idempotency_key or "",
            request.op.code,
            fingerprint(request.command),
            orjson.dumps(body).decode(),
            self.services.clock.now(),
        )


def refuse_all(batch: Sequence[Item], refusal: Refusal) -> None:
    """Nothing of this is going to be done."""
    for item in batch:
        if isinstance(item, Request):
            item.refuse(refusal)
        else:
            item.lost(refusal)

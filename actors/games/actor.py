"""An actor: the owner of one game's state, or of the sources, and of the order of its work.

Theory of operation
===================

An actor is a task with a mailbox. Nothing else reads or changes its state. It works in rounds:

      +------------------------ mailbox: calls and signals <----- Router, Supervisor
      |
      v           everything that waits is one round
   restore ------ replay the journal, if there is no state
      |
   act_on_due --- what is due by now comes before every call
      |
   handle ------- decide, apply to the state; stage rows, replies, publications   (for each call)
      |
   commit ------- one transaction for the round                                   (for all calls)
      |       \\
      |        +- failed: roll_back, answer every call `overloaded`, replay on the next round
      v
   committed ---- send replies and publications, in the order in which they were staged
      |
   log lines, then queries (actors/games/actor_loop.py), then the next round

Order is the promise. The state runs ahead of the disk, but nothing that a client could see does:
between `handle` and `committed` everything is in `pending`, a `PendingCommit`. During the commit it
is in `committing`, and `pending` is a new one. A round commits more than once if a request must see
what came before it on disk (`after_prior_commits`), and after `MOST_PENDING_BYTES` of replies.

Failures. A commit that fails ends in `roll_back`: the state is dropped, and reserved stakes are
free again. An exception that is not a `Refusal` or a `StorageError` is a bug of ours: it ends the
task, and the supervisor restarts it (`ActorLoop.restart`). What `committing` has committed by then
is answered, not repeated.

This file has what an actor is. How its rounds run is in `actors/games/actor_loop.py`, what it
decides in `actors/games/game_actor.py` and `actors/games/sources_actor.py`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import structlog
import trio

from actors.games.mailbox import Mailbox
from actors.games.outgoing import DirectMessage, OutgoingMessage
from actors.games.pending_commit import PendingCommit
from actors.games.server_call import ServerCall
from actors.games.signals import Flush, Signal
from actors.link.encoded_message import EncodedBody, EncodedMessage, single
from actors.link.request import Request
from actors.services import Services
from game.commands import Command
from game.refusals import Refusal
from protocol.codec import fingerprint, to_json
from protocol.errors import overloaded
from protocol.op import Body
from storage.changes import ReplyKept
from storage.errors import StorageError
from storage.kept_replies import kept

log = structlog.get_logger()

STORAGE_PAUSE_MS = 1_000
"""How long an actor acts on requests only, and not on its times, after the storage failed."""

LEAST_REPLY_BYTES = 4_096
"""Bytes that a reply counts as at least, because a short one takes time too."""

Incoming = ServerCall | Signal
"""What waits in a mailbox."""


class Actor(ABC):
    """What an actor has, and what its decisions use. Subclasses decide."""

    __slots__ = (
        "__weakref__",
        "_pending",
        "answered_at",
        "committing",
        "in_progress",
        "mailbox",
        "pause_until",
        "replied_bytes",
        "services",
        "trace_id",
    )

    game_id: str | None = None
    """The game whose positions the replies carry, if any."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.mailbox = Mailbox[Incoming](services.limits.mailbox_size)
        self.in_progress: Sequence[Incoming] = ()
        self._pending: PendingCommit | None = None
        self.committing: PendingCommit | None = None
        self.pause_until = -math.inf
        self.trace_id = ""
        """The id of the latest failure, for the refusals after it."""
        self.replied_bytes = 0
        """Bytes of replies since the actor last looked for changes."""
        self.answered_at = -math.inf
        """When a query was last answered without waking the task (trio's time)."""

    # The state.

    @abstractmethod
    async def restore(self) -> None:
        """Rebuild the state from what is stored, if it is missing. Raise `StorageError`."""

    @abstractmethod
    def roll_back(self, dropped: Iterable[PendingCommit]) -> None:
        """Drop the state, and release what commits that will not happen have reserved."""

    # Decisions.

    @abstractmethod
    async def handle(self, call: ServerCall) -> None:
        """Decide a request and stage what follows. Raise `Refusal`."""

    def handle_signal(self, signal: Signal) -> None:
        """Act on what happened elsewhere. A `Flush` is done when it is reached."""
        if isinstance(signal, Flush):
            signal.done.set()

    def act_on_due(self) -> None:
        """Decide everything whose time has come."""

    def encoded_reply(self, query: Command, now: int) -> EncodedBody | None:
        """Return the reply to a query if that needs no work of the task; `now` in epoch ms."""
        return None

    # Time.

    @property
    @abstractmethod
    def wake_at(self) -> int | None:
        """When the actor next has to act (epoch ms); None if never."""

    @property
    def steady_wake_at(self) -> float:
        """When the actor next has to act by a clock that nobody can set (trio's time)."""
        return math.inf

    def may_retire(self) -> bool:
        """Whether the actor may end once it has been idle for a while."""
        return False

    # The commit.

    @property
    def pending(self) -> PendingCommit:
        """What is decided and not yet committed. A game that waits has none in memory."""
        if self._pending is None:
            self._pending = PendingCommit()
        return self._pending

    def take_pending(self) -> PendingCommit:
        """Return what is pending, and begin anew."""
        pending, self._pending = self.pending, None
        return pending

    def before_commit(self) -> None:
        """Add what has to be in the same transaction as everything that was staged."""

    async def committed(self, pending: PendingCommit) -> None:
        """Send what was staged, in order: it is on disk."""
        for each in pending.deliveries:
            if isinstance(each, DirectMessage) and each.caller is not None:
                each.caller.send(single(each.message))

    async def commit(self) -> bool:
        """Commit what is pending, then send it. Return False if it could not be stored."""
        self.before_commit()
        pending = self.committing = self.take_pending()
        if pending.changes:
            try:
                finished = None if pending.ticket is None else pending.ticket.finished
                await self.services.writer.commit(pending.changes, finished)
            except StorageError as error:
                self._refuse_all(pending, error)
                return False
        pending.is_committed = True
        await self.committed(pending)
        now = trio.current_time()
        for call, outcome in pending.outcomes:
            call.finish(outcome, now)
        self.committing = None
        pending.write_lines()
        return True

    def _refuse_all(self, pending: PendingCommit, error: StorageError) -> None:
        self.committing = None
        self.pause(error)
        for call, _ in pending.outcomes:
            call.refuse_now(overloaded("it could not be saved"))
        self.roll_back([pending])  # it refuses delayed bets, which may have been asked later

    def pause(self, error: StorageError) -> None:
        """Log a failure of the storage, and leave it alone for a while."""
        log.error("storage_failed", error=str(error))
        self.pause_until = trio.current_time() + STORAGE_PAUSE_MS / 1_000

    @property
    def is_busy(self) -> bool:
        """Whether something waits or is in progress."""
        return bool(self.in_progress or self.mailbox)

    @property
    def has_delayed_bets(self) -> bool:
        """Whether bets wait for the delay of their pool."""
        return False

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing waits, and everything that was decided is on disk and sent."""
        return not self.is_busy and self.committing is None

    # Staging.

    def reply(self, call: ServerCall, message: OutgoingMessage, *, is_done: bool = True) -> None:
        """Stage the reply to a call.

        If `is_done`, the reply is stored under the request's idempotency key.
        """
        request = call.request
        if request.idempotency_key is not None and request.op.changes and is_done:
            now = self.services.clock.now()
            self.pending.changes.append(_kept_reply(request, message.full_body(), now))
        self.pending.outcomes.append((call, message))
        encoded = call.encode(message, self.game_id)
        self.pending.deliveries.append(DirectMessage(call.caller, encoded, message.sums_up))
        size = len(encoded.frame)
        self.pending.size += size
        self.replied_bytes += max(LEAST_REPLY_BYTES, size)

    def refuse(self, call: ServerCall, refusal: Refusal) -> None:
        """Stage an error reply: it keeps its place behind the replies before it."""
        self.pending.outcomes.append((call, refusal))
        self.pending.deliveries.append(DirectMessage(call.caller, call.encode_refusal(refusal)))
        self.replied_bytes += LEAST_REPLY_BYTES

    def send_to_user(self, user_id: int, message: EncodedMessage) -> None:
        """Stage a message to every connection of a user."""
        connections = self.services.connections.of(user_id)
        self.pending.deliveries += [DirectMessage(each, message) for each in connections]


def _kept_reply(request: Request, body: Body, now: int) -> ReplyKept:
    return kept(
        request.user_id,
        request.idempotency_key or "",
        request.op.code,
        fingerprint(request.command),
        to_json(body).decode(),
        now,
    )

"""The task of an actor: waits for work, runs it in rounds, and tries again after a failure.

`actors/games/actor.py` explains the rounds. This file has their order:

- The round is everything that waited. Each call first sees what is due acted on. If the op is
  `after_prior_commits`, it also sees what came before it committed and sent.
- Queries come after the round, from the mailbox's other lane, until `MOST_QUERY_BYTES` of replies.
  Then the actor looks for changes again. So a bet waits for a few small replies or one large one.
- Without work the actor waits until `wake_at` or `steady_wake_at`. If it may retire, it ends after
  `IDLE_MS`, and the supervisor forgets it.
"""

import math
from collections.abc import Sequence
from contextlib import suppress

import trio

from actors.games.actor import Actor, Incoming
from actors.games.outgoing import OutgoingMessage
from actors.games.server_call import ServerCall
from actors.games.signals import Signal
from game.refusals import Refusal
from protocol.errors import overloaded
from storage.errors import StorageError

MOST_PENDING_BYTES = 262_144
"""Bytes of replies that wait for one commit at most."""

MOST_QUERY_BYTES = 65_536
"""Bytes of replies to queries after which the actor looks for changes."""

IDLE_MS = 30_000
"""How long an actor that may retire waits before it does."""


class ActorLoop:
    """Runs one actor. `failures`: exceptions in a row, which the supervisor counts."""

    __slots__ = ("_actor", "failures")

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self.failures = 0

    async def run(self) -> None:
        """Work until the actor retires. Start with what a failure interrupted, one by one."""
        actor = self._actor
        for item in actor.in_progress:
            await self._run_round([item])
        actor.in_progress = ()
        await self._run_round(())
        self.failures = 0
        while (items := await self._next_round()) is not None:
            actor.in_progress = items
            await self._run_round(items)
            await self._answer_queries()
            actor.in_progress = ()
            self.failures = 0

    def restart(self) -> None:
        """Clean up after an exception, so that `run` can be called again.

        Drop what was not committed, and keep its calls for another attempt. Answer the calls of a
        commit that succeeded: they must not be repeated.
        """
        actor = self._actor
        committing, actor.committing = actor.committing, None
        pending = actor.take_pending()
        if committing is not None and committing.is_committed:
            for call, outcome in committing.outcomes:
                self._answer_late(call, outcome)
        actor.roll_back(
            each for each in (committing, pending) if each is not None and not each.is_committed
        )
        actor.in_progress = [
            item
            for item in actor.in_progress
            if not (isinstance(item, ServerCall) and item.is_finished)
        ]

    def close_mailbox(self) -> list[Incoming]:
        """Accept no more work. Return what still waited."""
        return [*self._actor.in_progress, *self._actor.mailbox.close()]

    async def _next_round(self) -> list[Incoming] | None:
        """Return what arrived, an empty list if it is time to act, None if it is time to retire."""
        actor = self._actor
        idle_s = IDLE_MS / 1_000
        retire_at = trio.current_time() + idle_s if actor.may_retire() else math.inf
        with trio.move_on_at(min(self._act_at(), retire_at)):
            return await actor.mailbox.receive()
        if actor.mailbox or not actor.may_retire():
            return actor.mailbox.receive_nowait()
        is_idle = trio.current_time() >= max(retire_at, actor.answered_at + idle_s)
        return None if is_idle else []

    def _act_at(self) -> float:
        """Return when there is something to do without a call, in trio's time."""
        due_at = self._actor.services.clock.deadline(self._actor.wake_at)
        return max(self._actor.pause_until, min(due_at, self._actor.steady_wake_at))

    async def _run_round(self, items: Sequence[Incoming]) -> None:
        """Act on what is due, handle the items in order, and commit."""
        try:
            await self._actor.restore()
            self._actor.act_on_due()
        except StorageError as error:
            self._actor.pause(error)
        for item in items:
            await self._run_item(item)
        await self._actor.commit()

    async def _answer_queries(self) -> None:
        """Answer the queries that arrived before the round ended, but not too many at a time."""
        actor = self._actor
        actor.replied_bytes = 0
        while actor.replied_bytes < MOST_QUERY_BYTES:
            query = actor.mailbox.next_query()
            if query is None:
                return
            actor.in_progress = [query]
            await self._run_item(query)

    async def _run_item(self, item: Incoming) -> None:
        if isinstance(item, Signal):
            await self._run_signal(item)
        elif not item.is_finished:
            await self._run_call(item)

    async def _run_call(self, call: ServerCall) -> None:
        actor, op = self._actor, call.request.op
        if call.caller is not None and call.caller.is_cut_off:
            call.finish(overloaded("the connection is being closed"), trio.current_time())
            return
        try:
            await self._make_ready(committed=op.after_prior_commits)
            await actor.handle(call)
        except Refusal as refusal:
            actor.refuse(call, refusal)
        except StorageError as error:
            actor.pause(error)
            actor.refuse(call, overloaded("the database is not available"))
        if op.after_prior_commits or actor.pending.size > MOST_PENDING_BYTES:
            await actor.commit()
            if not op.yields_to_changes:
                await trio.lowlevel.checkpoint()

    async def _run_signal(self, signal: Signal) -> None:
        """Handle a signal even if the storage fails: what it reports has happened."""
        with suppress(Refusal, StorageError):
            await self._make_ready(committed=True)
        try:
            self._actor.handle_signal(signal)
        except StorageError:
            signal.lost(overloaded("the database is not available"))
        await self._actor.commit()

    async def _make_ready(self, *, committed: bool) -> None:
        """Act on everything that is due by now. If `committed`, commit and send it too.

        What falls due during that commit waits: on a disk that is slower than the game's timers,
        this would never end. Raise `StorageError`, and `Refusal` if the commit fails.
        """
        await self._actor.restore()
        self._actor.act_on_due()
        if committed and not self._actor.pending.is_empty and not await self._actor.commit():
            raise overloaded("it could not be saved")

    def _answer_late(self, call: ServerCall, outcome: OutgoingMessage | Refusal) -> None:
        """Answer a call that is committed and was not answered before the actor failed."""
        if call.is_finished:
            return
        if isinstance(outcome, Refusal):
            call.refuse_now(outcome)
            return
        # Later publications may have been sent meanwhile, and positions must not fall.
        message = outcome.without_position() if outcome.is_publication else outcome
        call.reply_now(message, self._actor.game_id)


def refuse_all(items: Sequence[Incoming], refusal: Refusal) -> None:
    """Refuse calls, and report signals as lost: no actor will handle them."""
    for item in items:
        if isinstance(item, ServerCall):
            item.refuse_now(refusal)
        else:
            item.lost(refusal)

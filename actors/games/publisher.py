"""What a game publishes: the number, the order and the time of each publication.

Theory of operation
===================

A publication carries two positions of the journal (contract, section 6): `seq`, the watermark, and
`prev_seq`, the watermark of the publication before it. A client that has received everything up to
`seq` has been sent every fact up to `seq`. A gap between its latest `seq` and the next `prev_seq`
tells it that a message is missing.

Three positions. Facts are numbered 1, 2, 3, ... in the journal:

    1 ........ published_seq ........ staged_seq ........ game.seq
      sent to subscribers    sent after        not published: bets that wait
                             the commit        for their pool's next 361

- `stage` numbers the publications of a fact as soon as it is applied, before it is on disk. It
  moves `staged_seq`, which is the `prev_seq` of the next publication.
- `committed` moves `published_seq` up to `staged_seq`: the commit is done, the messages are sent.
- `rolled_back` moves `staged_seq` back to `published_seq`: the commit failed, or the actor did, and
  the game has been replayed. Bets that are stored but not published wait again.

Bets are not published one by one. A bet waits in `pending_bets` until its pool may send a 361
(contract, section 7: one for each pool and interval), or until another message about the pool
leaves, which the 361 must precede. A bet that waits holds the watermark back: `watermark` returns
the position before the oldest pending bet, also for messages about later facts. Therefore
`seq` may repeat from one publication to the next, and never falls.

Nothing is sent from here. `actors/games/game_actor.py` stages, commits and sends;
`actors/games/subscribers.py` knows the receivers. A publisher could feed a mirror as well.
"""

import trio

from actors.games.bet_batcher import BetBatcher
from actors.games.outgoing import OutgoingMessage, Position, Role, outgoing
from actors.games.step import Step
from game.facts import BetPlaced, EventRegistered, Fact, PoolResolved
from game.names import POOL_ACTION_PREFIX
from game.pools import bet_of
from game.state import Game
from protocol.op import Body
from protocol.pool_messages import distribution_changed
from storage.reads import Reads


class Publisher:
    """Numbers the publications of one game. `interval`: seconds between two 361s of a pool."""

    __slots__ = ("_game_id", "pending_bets", "published_seq", "staged_seq")

    def __init__(self, game_id: str, interval: float) -> None:
        self._game_id = game_id
        self.pending_bets = BetBatcher(interval)
        self.staged_seq = 0
        self.published_seq: int | None = None
        """None until the actor's first commit."""

    @property
    def wake_at(self) -> float:
        """When bets may be published next, in trio's time; infinity if none wait."""
        return self.pending_bets.wake_at

    def stage(self, step: Step, game: Game) -> list[OutgoingMessage]:
        """Return the publications of a fact, numbered, in order; perhaps none.

        `game` is as it stands after the fact.
        """
        entry, fact = step.entry, step.entry.fact
        if isinstance(fact, BetPlaced):
            pool = game.pools[fact.pool_id]
            self.pending_bets.add(pool, entry.seq, pool.bets[-1])
            return []
        messages = self._distribution(_pool_of(fact), entry.seq - 1)
        if isinstance(fact, PoolResolved):
            self.pending_bets.end(fact.pool_id)
        if step.publication is not None:
            messages.append(self._numbered(step.publication, entry.seq))
        return messages

    def stage_due(self, seq: int) -> list[OutgoingMessage]:
        """Return a 361 for each pool whose bets have waited long enough; `seq` is the game's."""
        return [
            message
            for pool_id in self.pending_bets.due(trio.current_time())
            for message in self._distribution(pool_id, seq)
        ]

    def committed(self) -> None:
        """Record that all staged publications are on disk and are being sent."""
        self.published_seq = self.staged_seq

    def rolled_back(self, game: Game, reads: Reads) -> None:
        """Forget what was staged: `game` has been replayed. Raise `StorageError`.

        Bets that are stored and were not published wait again. Before the actor's first commit
        there are no subscribers, so no bet waits.
        """
        self.pending_bets.clear()
        if self.published_seq is None:
            self.staged_seq = game.published_seq
            return
        self.staged_seq = self.published_seq
        for entry in reads.entries(self._game_id, after=self.published_seq, limit=game.seq):
            if isinstance(entry.fact, BetPlaced) and entry.fact.pool_id in game.pools:
                pool = game.pools[entry.fact.pool_id]
                self.pending_bets.add(pool, entry.seq, bet_of(entry.fact, entry.at))

    def watermark(self, seq: int) -> int:
        """Return the `seq` of a message about facts up to `seq`: pending bets hold it back."""
        held = self.pending_bets.first_seq
        return seq if held is None else min(seq, held - 1)

    def position(self, seq: int) -> int:
        """Return the position of the latest publication, for the members of a game at `seq`.

        The next one has it as its `prev_seq`. Later facts up to the watermark publish nothing.
        """
        return min(self.staged_seq, self.watermark(seq))

    def _distribution(self, pool_id: str | None, seq: int) -> list[OutgoingMessage]:
        """Return the 361 of a pool's pending bets, if there are any."""
        now = trio.current_time()
        pending = None if pool_id is None else self.pending_bets.take(pool_id, now)
        if pending is None:
            return []
        body = distribution_changed(self._game_id, pending.pool.snapshot(), pending.bets)
        return [self._numbered(body, seq)]

    def _numbered(self, body: Body, seq: int) -> OutgoingMessage:
        seq = self.watermark(seq)
        position = Position(seq, self.staged_seq)
        self.staged_seq = max(self.staged_seq, seq)
        return outgoing(body, position, Role.PUBLICATION)


def _pool_of(fact: Fact) -> str | None:
    """Return the pool whose 361 must precede the publication of a fact, if any."""
    if isinstance(fact, EventRegistered):
        return fact.action_id.removeprefix(POOL_ACTION_PREFIX)
    return getattr(fact, "pool_id", None) if fact.published else None

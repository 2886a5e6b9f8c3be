"""Bugs that the campaigns must find. Each changes lines of the server's source.

They are inserted when a module is imported in a process of its own. No file changes.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any, Final

from attrs import frozen


@frozen
class Mutation:
    """A bug: `what` describes it; in `module`, each `before` is replaced by its `after`."""

    what: str
    module: str
    changes: tuple[tuple[str, str], ...]


def _bug(what: str, module: str, *changes: tuple[str, str]) -> Mutation:
    return Mutation(what, module, changes)


MUTATIONS: Final = {
    "commit-not-awaited": _bug(
        "the writer's answer is not waited for",
        "actors.commit.writer",
        ("await unit.finished.wait()", "await trio.sleep(0)"),
    ),
    "told-before-commit": _bug(
        "publications and replies leave before the commit",
        "actors.games.actor",
        (
            "self.committing = self.take_pending()\n",
            "self.committing = self.take_pending()\n        await self.committed(pending)\n",
        ),
        ("await self.committed(pending)\n        now =", "now ="),
    ),
    "half-a-commit": _bug(
        "a commit that fails half-way stays half done",
        "storage.database",
        ('execute("ROLLBACK")', 'execute("COMMIT")'),
    ),
    "lost-480": _bug(
        "nobody is told that a user has left",
        "actors.games.subscribers",
        ("body = messages.user_left(", "return []\n        body = messages.user_left("),
    ),
    "never-departs": _bug(
        "who hangs up is never unsubscribed",
        "actors.edge.admission",
        ("await self._deciding_side.disconnected(connection)", "pass"),
    ),
    "since-off-by-one": _bug(
        "coming back with `since` omits one fact",
        "actors.games.joins",
        ("after=since, limit", "after=since + 1, limit"),
    ),
    "prev-seq-off-by-one": _bug(
        "`prev_seq` is one too high",
        "actors.games.publisher",
        ("Position(seq, self.staged_seq)", "Position(seq, self.staged_seq + 1)"),
    ),
    "watermark-too-high": _bug(
        "a watermark passes over bets that wait for their 361",
        "actors.games.publisher",
        ("return seq if held is None else min(seq, held - 1)", "return seq"),
    ),
    "position-falls": _bug(
        "who comes back is given a position above that of the game",
        "actors.games.joins",
        ("since, snapshot, watermark)", "since, snapshot, game.seq)"),
    ),
    "timer-twice": _bug(
        "a timer fires twice",
        "actors.games.game_actor",
        ("facts = self._with_carry(due.facts())", "facts = self._with_carry([*due.facts()] * 2)"),
    ),
    "stake-stays-aside": _bug(
        "a stake whose commit failed stays set aside",
        "actors.games.game_actor",
        ("if pending.movements:", "if False:"),
    ),
    "delayed-stake-stays-aside": _bug(
        "the stake of a bet stays set aside when its delay is over",
        "actors.games.delayed_bets",
        ("self._bank.release(bet.moves, bet.currency)", "pass"),
    ),
    "events-refuse-nobody": _bug(
        "an event does not refuse the bets that wait for their delay",
        "actors.games.delayed_bets",
        ("return something_happened() if has_happened else None", "return None"),
    ),
    "events-refuse-everybody": _bug(
        "an event that is not material refuses the bets of pools that it does not decide",
        "actors.games.delayed_bets",
        ("and not command.is_material", "and False"),
    ),
    "exposure-stays": _bug(
        "what was at stake stays exposed after the pool's end",
        "actors.games.bank",
        ("balance.exposure += movement.exposure", "balance.exposure += max(0, movement.exposure)"),
    ),
    "rounding-kept": _bug(
        "the hundredths left over by rounding stay in the pool",
        "game.payout",
        ("by_remainder[:left_over]", "by_remainder[:0]"),
    ),
    "key-forgotten": _bug(
        "an idempotency key is not remembered",
        "actors.games.actor",
        ("self.pending.changes.append(_kept_reply(request, message.full_body(), now))", "pass"),
    ),
    "key-never-released": _bug(
        "a key stays under way for ever",
        "actors.games.idempotency",
        ("self._in_use.pop((user_id, key)).wake()", "self._in_use[user_id, key].wake()"),
    ),
    "reply-lost": _bug(
        "nobody is answered when a commit fails",
        "actors.games.actor",
        (
            'call.refuse_now(overloaded("it could not be saved"))',
            'call.finish(overloaded("it could not be saved"), 0.0)',
        ),
    ),
    "state-kept": _bug(
        "the state stays as it is when its commit fails",
        "actors.games.actor",
        ("self.roll_back([pending])", "pass"),
    ),
    "outbox-unbounded": _bug(
        "an outbox has no bounds",
        "actors.edge.outbox",
        ("return self._room >= 1 and", "return True or"),
    ),
    "two-waiters": _bug(
        "two cannot wait for the ops of one connection",
        "actors.link.requests_in_flight",
        ("if self._emptied is None:", "if not self._emptied:"),
    ),
    "replies-change-places": _bug(
        "a reply that needs no actor overtakes those before it",
        "actors.link.turns",
        ("step() if client.in_flight.is_empty else", "step() if True else"),
    ),
    "pending-361-lost": _bug(
        "a pool ends, and bets that waited for their 361 are not told",
        "actors.games.publisher",
        (
            "messages = self._distribution(_pool_of(fact), entry.seq - 1)",
            "messages = [] if self.pending_bets.take(_pool_of(fact) or '', 0) else []",
        ),
    ),
    "wrong-connection": _bug(
        "frames for one connection of an edge go to another",
        "actors.edge.remote_side",
        ("connection.send(FrameBatch(", "[*self._connections.values()][0].send(FrameBatch("),
    ),
    "games-overtake": _bug(
        "an op that has to wait does not hold back those behind it on a link",
        "actors.link.remote_client",
        ("if self._is_handling:\n            self", "if False:\n            self"),
    ),
    "sent-twice": _bug(
        "an edge sends an op twice, and no key says that they are one",
        "actors.edge.remote_side",
        (
            "self._link.send(ClientMessage(connection, number, text.encode()))",
            "[self._link.send(ClientMessage(connection, number, text.encode())) for _ in range(2)]",
        ),
    ),
    "key-not-minted": _bug(
        "an edge gives no key to an op without one, and asks again",
        "actors.edge.following_side",
        ("with_key(frame) if op.changes else frame.text", "frame.text"),
    ),
    "unanswered-lost": _bug(
        "an edge does not ask the next leader what the last one has not answered",
        "actors.edge.following_side",
        ("in kept.unanswered.items():", "in ():"),
    ),
    "half-a-turn": _bug(
        "an edge handles half of what was sent together, and then the link is lost",
        "actors.link.carrier",
        (
            "if not self._terms.has_whole_turns:\n                yield",
            "if True:\n                yield",
        ),
    ),
    "missed-over": _bug(
        "who comes back with an edge is not sent what was missed",
        "actors.games.joins",
        ("client.send(frame_batch([*replay, *presence]), counted=False)", "pass"),
    ),
    "dead-nodes-stay": _bug(
        "the users of a leader that died never leave",
        "actors.node_edges",
        ("await self._side.forget_absent()", "pass"),
    ),
    "left-behind": _bug(
        "the clients of an edge that was killed never leave",
        "actors.link.edge_peer",
        ("for number in tuple(self._clients):", "for number in ():"),
    ),
}


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutation: Mutation) -> None:
        self._mutation = mutation

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._mutation.module:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(name, spec.origin, self._mutation)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, mutation: Mutation) -> None:
        super().__init__(name, path)
        self._mutation = mutation

    def path_stats(self, path: Any) -> Any:
        raise OSError("nothing compiled is read or left")

    def get_data(self, path: Any) -> bytes:
        return changed(super().get_data(path).decode(), self._mutation).encode()


def changed(source: str, mutation: Mutation) -> str:
    """Return the mutated source. Each `before` must occur exactly once, or the list is outdated."""
    for before, after in mutation.changes:
        assert source.count(before) == 1, f"{mutation.module} has not, or not once: {before!r}"
        source = source.replace(before, after)
    return source


def mutated(name: str) -> None:
    """Insert a mutation of the list into modules that are imported from now on."""
    put_in(MUTATIONS[name])


def put_in(mutation: Mutation) -> None:
    """Insert any mutation into modules that are imported from now on."""
    assert mutation.module not in sys.modules
    sys.meta_path.insert(0, _Finder(mutation))

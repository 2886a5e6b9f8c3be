"""The replay for a client that rejoins with `since`: every publication that it missed, in order.

Theory of operation
===================

Pure. Contract, sections 1 ("Positions") and 6 (`since`).

Merging. Each missed fact is published again as it was, with two exceptions. The bets of a pool are
merged into one update of its distribution, and all changes of the game's details into one message
with the current details. A merged message takes the place of its last fact (A and B are pools):

    fact       5      6      7      8      9
               bet A  event  bet B  bet A  details
    message           event  bet B  bets A details
    seq               4      4      8      9
    prev_seq          since  4      4      8

Positions. `seq` means: with this message, the client has received every fact up to here. So the
`seq` of a message stops before the first fact that a later message carries. Above, fact 5 is
carried by the message in the place of 8, and no message before that may pass 4. `_positions`
computes this backwards from the last message.

Watermark. No `seq` passes `watermark`, the position up to which the game has published. Bets that
still wait for their update hold the watermark back, and the `seq` of a client may never fall.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from game.facts import BetPlaced, Entry
from game.pools import PoolSnapshot, bet_of
from game.state import Game
from protocol.pool_messages import distribution_changed
from protocol.publications import DETAILS, is_published, publication

SnapshotOf = Callable[[str], PoolSnapshot]
"""Returns the figures of a pool: the current ones, or those at its end."""


def resume(
    game: Game, entries: Sequence[Entry], since: int, snapshot_of: SnapshotOf, watermark: int
) -> Iterator[dict[str, Any]]:
    """Yield the publications that a client missed after position `since`, oldest first.

    `entries` must be all facts after `since`. Each body has `seq` and `prev_seq`. No `seq` exceeds
    `watermark`, the position up to which the game has published.
    """
    missed = _by_message(entries)
    end = min(entries[-1].seq, watermark) if entries else since
    positions = _positions([group[0].seq for group in missed], end)
    previous = [since, *positions]
    for group, seq, prev in zip(missed, positions, previous, strict=False):
        yield _body(game, group, snapshot_of) | {"seq": seq, "prev_seq": prev}


def _positions(first_seqs: Sequence[int], end: int) -> list[int]:
    """Return the `seq` of each message, given the position of the first fact that each carries."""
    positions: list[int] = []
    first_later = end + 1
    for first_seq in reversed(first_seqs):
        positions.append(first_later - 1)
        first_later = min(first_later, first_seq)
    return positions[::-1]


def _by_message(entries: Sequence[Entry]) -> list[Sequence[Entry]]:
    """Return the facts that each message carries, in the order of the last fact of each."""
    together: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        together.setdefault(_topic(entry), []).append(entry)
    return [
        group
        for entry in entries
        if entry is (group := together[_topic(entry)])[-1] and is_published(entry.fact)
    ]


def _topic(entry: Entry) -> Hashable:
    if isinstance(entry.fact, BetPlaced):
        return entry.fact.pool_id
    return DETAILS if isinstance(entry.fact, DETAILS) else entry.seq


def _body(game: Game, group: Sequence[Entry], snapshot_of: SnapshotOf) -> dict[str, Any]:
    last = group[-1].fact
    if not isinstance(last, BetPlaced):
        body = publication(game, group[-1])
        assert body is not None, "the fact is published"
        return body
    bets = [bet_of(entry.fact, entry.at) for entry in group if isinstance(entry.fact, BetPlaced)]
    return distribution_changed(game.game_id, snapshot_of(last.pool_id), bets)

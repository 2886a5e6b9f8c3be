"""What a reader that comes back with `since` is sent: everything that it missed, in order.

Pure. Contract, section 6 (`since`): every fact's message as it was; but bets joined into one 361 a
pool, and one 342 as things stand if details changed. Positions: section 1.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from game.facts import BetPlaced, Entry
from game.pools import PoolSnapshot, bet_of
from game.state import Game
from protocol.pool_messages import distribution_changed
from protocol.publications import DETAILS, is_told, publication

StandingOf = Callable[[str], PoolSnapshot]
"""The figures of a pool as they stand, or stood at its end."""


def resume(
    game: Game, entries: Sequence[Entry], since: int, snapshot_of: StandingOf, watermark: int
) -> Iterator[dict[str, Any]]:
    """The messages for everything beyond `since`, with `seq` and `prev_seq`, one at a time.

    `entries` are all the facts beyond `since`. A message's `seq` stops short of any fact that a
    later one tells: with it, everything up to there has been told. Nor does it pass `watermark`,
    the game's own: what comes next may have no more, and for no reader may a `seq` fall.
    """
    missed = _told_together(entries)
    end = min(entries[-1].seq, watermark) if entries else since
    positions = _positions([group[0].seq for group in missed], end)
    told = [since, *positions]
    for group, seq, prev in zip(missed, positions, told, strict=False):
        yield _body(game, group, snapshot_of) | {"seq": seq, "prev_seq": prev}


def _positions(first_seqs: Sequence[int], end: int) -> list[int]:
    """For each message the position up to which nothing is left for the messages after it."""
    positions: list[int] = []
    untold = end + 1
    for first_seq in reversed(first_seqs):
        positions.append(untold - 1)
        untold = min(untold, first_seq)
    return positions[::-1]


def _told_together(entries: Sequence[Entry]) -> list[Sequence[Entry]]:
    """The facts that each message tells, where the last of them was."""
    together: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        together.setdefault(_topic(entry), []).append(entry)
    return [
        group
        for entry in entries
        if entry is (group := together[_topic(entry)])[-1] and is_told(entry.fact)
    ]


def _topic(entry: Entry) -> Hashable:
    if isinstance(entry.fact, BetPlaced):
        return entry.fact.pool_id
    return DETAILS if isinstance(entry.fact, DETAILS) else entry.seq


def _body(game: Game, group: Sequence[Entry], snapshot_of: StandingOf) -> dict[str, Any]:
    last = group[-1].fact
    if not isinstance(last, BetPlaced):
        body = publication(game, group[-1])
        assert body is not None, "it is told"
        return body
    bets = [bet_of(entry.fact, entry.at) for entry in group if isinstance(entry.fact, BetPlaced)]
    return distribution_changed(game.game_id, snapshot_of(last.pool_id), bets)

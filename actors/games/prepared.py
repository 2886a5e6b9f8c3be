"""What many ask for, encoded once: parts of a game's answers, kept as long as they are true.

A part is that of the state with a certain position, and only a state that is on disk is asked: so
a part that was made once stays true for its position. What is asked is `actors/games/queries.py`.
"""

from game.pools import Pool
from game.state import Game
from protocol import messages, pool_messages
from protocol.codec import ready, to_json
from protocol.op import Body

MOST_PREPARED = 8 * 1_024 * 1_024
"""Bytes of pools that are kept for one game; beyond that all are made again as they are asked."""


class Prepared:
    """The parts of one game's answers."""

    def __init__(self) -> None:
        self._details: Body = {}
        self._details_seq: int | None = None
        self._pools: dict[str, tuple[int, bytes]] = {}
        self._size = 0

    def details(self, game: Game) -> Body:
        """The body of the 342; the parts of it that may be long are encoded."""
        if self._details_seq != game.details_seq:
            body = messages.game_details(game)
            self._details = {
                key: ready(to_json(value)) if isinstance(value, dict) else value
                for key, value in body.items()
            }
            self._details_seq = game.details_seq
        return self._details

    def pool(self, game: Game, pool: Pool) -> bytes:
        """The text of an unresolved pool as the lists show it."""
        seq, text = self._pools.get(pool.opened.pool_id, (0, b""))
        if seq != pool.seq:
            text = to_json(pool_messages.pool(game.game_id, pool.snapshot()))
            self._keep(pool, text)
        return text

    def _keep(self, pool: Pool, text: bytes) -> None:
        _, before = self._pools.pop(pool.opened.pool_id, (0, b""))
        self._size += len(text) - len(before)
        if self._size > MOST_PREPARED:
            self._pools.clear()
            self._size = len(text)
        self._pools[pool.opened.pool_id] = (pool.seq, text)

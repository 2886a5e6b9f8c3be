"""Parts of the replies to queries, encoded once and kept while they are up to date.

Many clients send the same queries. A part belongs to the position of the latest fact that changed
it. Queries are answered from a state that is on disk, so a part is never changed for a position.
`actors/games/queries.py` uses them.
"""

from typing import Final

from actors.link.encoded_message import EncodedBody, encode_body
from game.pools import Pool
from game.state import Game
from protocol import games_list, messages, pool_messages
from protocol.codec import ready, to_json
from protocol.op import Body

MOST_PREPARED = 8 * 1_024 * 1_024
"""Bytes of pools that are kept for one game. Beyond that all are dropped, and encoded again when
they are needed."""

NOTHING: Final[Body] = {}
"""What is there before anything was asked: one for all games, which is never changed."""


class Prepared:
    """The encoded parts of one game."""

    __slots__ = (
        *("_details", "_details_seq", "_encoded_at", "_encoded_details"),
        *("_pools", "_size", "_summary", "_summary_seq"),
    )

    def __init__(self) -> None:
        self._details = NOTHING
        self._details_seq: int | None = None
        self._encoded_details: EncodedBody | None = None
        self._encoded_at = (0, 0)
        self._summary = NOTHING
        self._summary_seq: int | None = None
        self._pools: dict[str, tuple[int, bytes]] = {}
        self._size = 0

    def details(self, game: Game) -> Body:
        """Return the body of the 342, in which the parts that may be long are encoded."""
        if self._details_seq != game.details_seq:
            body = messages.game_details(game)
            self._details = {
                key: ready(to_json(value)) if isinstance(value, dict) else value
                for key, value in body.items()
            }
            self._details_seq = game.details_seq
        return self._details

    def encoded_details(self, game: Game, watermark: int) -> EncodedBody:
        """Return the 342 with this watermark, encoded."""
        position = (game.details_seq, watermark)
        if self._encoded_details is None or self._encoded_at != position:
            body = self.details(game) | {"seq": watermark}
            self._encoded_details = encode_body(body, game.game_id)
            self._encoded_at = position
        return self._encoded_details

    def summary(self, game: Game) -> Body:
        """Return what lists of games show of the pools. The top pool is encoded."""
        if self._summary_seq != game.seq:
            body = games_list.pools_in_short(game)
            self._summary = body | {"top_pool": ready(to_json(body["top_pool"]))}
            self._summary_seq = game.seq
        return self._summary

    def pool(self, game: Game, pool: Pool) -> bytes:
        """Return an unresolved pool as the lists show it, encoded."""
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

"""Limits the chat messages of a user in a game (contract, section 9, `chat_limit`).

The limit is for all connections of the user together; `rate_limit` is for each connection. A
message to several games is sent to all of them or to none.
"""

from collections.abc import Sequence
from typing import Final

import trio

from actors.token_bucket import TokenBuckets
from game.refusals import Refusal, rate_limited

CHAT_BURST: Final = 5
"""Messages that a user may send to a game in a row, at any rate."""


class ChatLimiter:
    """Allows `rate` messages a second for each user and game, after a burst. 0 means no limit."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buckets = TokenBuckets[tuple[int, str]](rate, CHAT_BURST)

    def spend(self, user_id: int, game_ids: Sequence[str]) -> Refusal | None:
        """Count a message to each of these games.

        If it is too fast for one of them, count nothing and return the refusal.
        """
        if not self._rate:
            return None
        now = trio.current_time()
        waits = {each: self._buckets.wait((user_id, each), now) for each in game_ids}
        slowest = max(waits, key=waits.__getitem__)
        if waits[slowest]:
            limit = "More than {rate} lines a second in game '{game_id}'"
            return rate_limited(limit, waits[slowest], rate=self._rate, game_id=slowest)
        for game_id in game_ids:
            self._buckets.take((user_id, game_id), now)
        return None

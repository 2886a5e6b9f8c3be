"""How much a user may chat in a game (contract, section 9, `chat_limit`).

Over all connections of the user; apart from `rate_limit`, which is about a connection. The router
asks, because it answers 900 for all the games that a line is for: all of them or none.
"""

from collections.abc import Sequence
from typing import Final

import trio

from actors.edge.token_bucket import TokenBuckets
from game.refusals import Refusal, rate_limited

AT_ONCE: Final = 5
"""Lines that a user may send to a game at once. It is what people type, whatever the rate."""


class ChatLimiter:
    """`rate` lines a second for each user and game, and `AT_ONCE`; a rate of 0 is no limit."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buckets = TokenBuckets[tuple[int, str]](rate, AT_ONCE)

    def spend(self, user_id: int, game_ids: Sequence[str]) -> Refusal | None:
        """Count a line to each of these games; return the refusal if it is too fast for one.

        Then none is counted.
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

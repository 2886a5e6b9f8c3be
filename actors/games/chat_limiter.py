"""Limits the chat lines of a user in a game (contract, section 9, `chat_limit`; slow mode).

The limits are for all connections of the user together; `rate_limit` is for each connection. A
line to several games is sent to all of them or to none.
"""

from collections.abc import Callable, Sequence
from typing import Final

import trio
from attrs import field, frozen

from actors.token_bucket import TokenBuckets
from game.refusals import Refusal, rate_limited

CHAT_BURST: Final = 5
"""Lines that a user may send to a game in a row, at any rate."""


@frozen
class SlowMode:
    """What slows a game: one line of each user in `ms` milliseconds, and their last lines."""

    ms: int
    buckets: TokenBuckets[int] = field(init=False)

    @buckets.default
    def _new_buckets(self) -> TokenBuckets[int]:
        return TokenBuckets(1_000 / self.ms, 1)


class ChatLimiter:
    """Allows `rate` lines a second for each user and game, after a burst. 0 means no limit.

    `slow_mode` returns the slow mode of a game, None if it is in none.
    """

    def __init__(self, rate: int, slow_mode: Callable[[str], SlowMode | None]) -> None:
        self._rate = rate
        self._buckets = TokenBuckets[tuple[int, str]](rate, CHAT_BURST)
        self._slow_mode = slow_mode

    def spend(self, user_id: int, game_ids: Sequence[str]) -> Refusal | None:
        """Count a line to each of these games.

        If it is too fast for one of them, count nothing and return the refusal.
        """
        now = trio.current_time()
        refusals = [self._too_fast(user_id, each, now) for each in game_ids]
        if found := [each for each in refusals if each is not None]:
            return max(found, key=lambda each: int(each.details["retry_after_ms"]))
        for game_id in game_ids:
            if self._rate:
                self._buckets.take((user_id, game_id), now)
            if (slow := self._slow_mode(game_id)) is not None:
                slow.buckets.take(user_id, now)
        return None

    def _too_fast(self, user_id: int, game_id: str, now: float) -> Refusal | None:
        slow = self._slow_mode(game_id)
        if slow is not None and (wait_s := slow.buckets.wait(user_id, now)):
            limit = "Game '{game_id}' is in slow mode: one line every {ms} ms"
            return rate_limited(limit, wait_s, ms=slow.ms, game_id=game_id)
        if self._rate and (wait_s := self._buckets.wait((user_id, game_id), now)):
            limit = "More than {rate} lines a second in game '{game_id}'"
            return rate_limited(limit, wait_s, rate=self._rate, game_id=game_id)
        return None

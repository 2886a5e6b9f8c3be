"""Doing things once: which idempotency keys are under way, and what the done ones were answered.

Contract, section 1, "Doing things once". A reply is kept in the transaction of what it tells of
(`actors/games/actor.py`); here it is found again.
"""

from typing import Any

import orjson
import trio

from actors.clock import Clock
from actors.link.encoded_message import without_position
from game.commands import Command
from game.refusals import Code, Refusal
from protocol.codec import fingerprint
from protocol.op import Op
from storage.reads import Reads


class IdempotencyStore:
    """One key of one user is worked on by one op at a time, on whichever connection."""

    def __init__(self, reads: Reads, clock: Clock) -> None:
        self._reads, self._clock = reads, clock
        self._under_way: dict[tuple[int, str], trio.Event] = {}

    def ahead(self, user_id: int, key: str) -> trio.Event | None:
        """Set once the op that is under way with this key is answered; None: none is."""
        return self._under_way.get((user_id, key))

    def claim(self, user_id: int, key: str, op: Op, command: Command) -> dict[str, Any] | None:
        """The first reply's body if the op has been done; None if it is to be done now.

        Without its position, which was that of its time: for no reader may a watermark fall.
        Nobody may be ahead. After None, `release` has to be called. Raises `Refusal`
        (`idempotency_conflict`) and `StorageError`.
        """
        kept = self._reads.kept_reply(user_id, key, self._clock.now())
        if kept is None:
            self._under_way[user_id, key] = trio.Event()
            return None
        if (kept["op"], kept["parameters"]) != (op.code, fingerprint(command)):
            raise Refusal(
                Code.IDEMPOTENCY_CONFLICT,
                "The key '{key}' was used for op {op} with other parameters.",
                key=key,
                op=kept["op"],
            )
        body: dict[str, Any] = orjson.loads(kept["reply"])
        return without_position(body)

    def release(self, user_id: int, key: str) -> None:
        """The op has been answered, whichever way."""
        self._under_way.pop((user_id, key)).set()

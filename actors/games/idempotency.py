"""Executes a request once: the idempotency keys in progress, and the stored replies.

Contract, section 1, "Doing things once". The actor stores the reply in the transaction of what it
reports (`actors/games/actor.py`). This file finds it again.
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
    """Lets one request at a time use a user's key, whatever its connection."""

    def __init__(self, reads: Reads, clock: Clock) -> None:
        self._reads, self._clock = reads, clock
        self._in_progress: dict[tuple[int, str], trio.Event] = {}

    def in_progress(self, user_id: int, key: str) -> trio.Event | None:
        """Return an event that is set when the request in progress with this key ends, or None."""
        return self._in_progress.get((user_id, key))

    def claim(self, user_id: int, key: str, op: Op, command: Command) -> dict[str, Any] | None:
        """Return the body of the stored reply; None if the request is to be executed now.

        The body has no position: it would be lower than the client's. No request with the key may
        be in progress. After None, call `release`. Raise `Refusal` (`idempotency_conflict`) and
        `StorageError`.
        """
        kept = self._reads.kept_reply(user_id, key, self._clock.now())
        if kept is None:
            self._in_progress[user_id, key] = trio.Event()
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
        """End the request in progress: it has its answer, or failed."""
        self._in_progress.pop((user_id, key)).set()

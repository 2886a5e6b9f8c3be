"""Executes a request once: the idempotency keys in use, and the stored replies.

Contract, section 1, "Doing things once". The actor stores the reply in the transaction of what it
reports (`actors/games/actor.py`). This file finds it again.
"""

from functools import partial
from typing import Any

import orjson
import trio
from attrs import Factory, define

from actors.clock import Clock
from actors.games.server_call import ServerCall
from actors.link.encoded_message import without_position
from actors.link.request import Request
from game.refusals import Code, Refusal, limit_reached
from protocol.codec import fingerprint
from storage.reads import Reads

MOST_WAITING = 20
"""Requests that may wait, apart from their connections, for the one that uses their key."""


@define(eq=False)
class KeyInUse:
    """The request that uses a key. `changed` is set when it ends, or may be overtaken.

    A bet that waits for the delay of its pool may be overtaken. A request with its key does not
    hold up its connection, but waits apart from it; `waiting` counts those.
    """

    call: ServerCall
    changed: trio.Event = Factory(trio.Event)
    waiting: int = 0

    @property
    def may_be_overtaken(self) -> bool:
        """Whether replies to later requests may come before its reply."""
        return self.call.may_be_overtaken

    def add_waiting(self) -> None:
        """Count a request that waits apart from its connection. Raise `Refusal` if too many do."""
        if self.waiting >= MOST_WAITING:
            raise limit_reached("requests that wait with the same idempotency key", MOST_WAITING)
        self.waiting += 1

    def wake(self) -> None:
        """Wake the requests that wait for it. They look again, and may have to wait again."""
        changed, self.changed, self.waiting = self.changed, trio.Event(), 0
        changed.set()


class IdempotencyStore:
    """Lets one request at a time use a user's key, whatever its connection."""

    def __init__(self, reads: Reads, clock: Clock) -> None:
        self._reads, self._clock = reads, clock
        self._in_use: dict[tuple[int, str], KeyInUse] = {}

    def ahead_of(self, request: Request) -> KeyInUse | None:
        """Return the request in progress that uses this one's key, or None.

        Raise `Refusal` (`idempotency_conflict`) if it waits for a delay and is another request.
        """
        ahead = self._in_use.get(_key_of(request))
        if ahead is not None and ahead.may_be_overtaken:
            first = ahead.call.request
            _refuse_another(request, first.op.code, fingerprint(first.command))
        return ahead

    def claim(self, call: ServerCall) -> dict[str, Any] | None:
        """Return the body of the stored reply; None if the request is to be executed now.

        The body has no position: it would be lower than the client's. No request with the key may
        be in progress. After None, the call uses the key until it ends. Raise `Refusal`
        (`idempotency_conflict`) and `StorageError`.
        """
        user_id, key = _key_of(call.request)
        kept = self._reads.kept_reply(user_id, key, self._clock.now())
        if kept is None:
            in_use = self._in_use[user_id, key] = KeyInUse(call)
            call.on_finish = partial(self._release, user_id, key)
            call.on_overtaken = in_use.wake
            return None
        _refuse_another(call.request, kept["op"], kept["parameters"])
        body: dict[str, Any] = orjson.loads(kept["reply"])
        return without_position(body)

    def _release(self, user_id: int, key: str) -> None:
        """End the use of a key: the request has its answer, or failed."""
        self._in_use.pop((user_id, key)).wake()


def _key_of(request: Request) -> tuple[int, str]:
    assert request.idempotency_key is not None
    return request.user_id, request.idempotency_key


def _refuse_another(request: Request, op: int, parameters: str) -> None:
    """Raise `Refusal` unless a request is the one that its key was used for."""
    if (op, parameters) != (request.op.code, fingerprint(request.command)):
        raise Refusal(
            Code.IDEMPOTENCY_CONFLICT,
            "The key '{key}' was used for op {op} with other parameters.",
            key=request.idempotency_key,
            op=op,
        )

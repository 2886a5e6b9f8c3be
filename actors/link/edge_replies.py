"""Replies without an actor and without a `ServerCall`: their body is encoded before it is needed.

`answer` gives those of the edge's own ops (`Route.EDGE`). A reply that is the same as long as the
server runs is encoded once (the column `has_constant_reply`). The router sends others that it finds
encoded, such as the details of a game, by `send`. All are counted, charged and logged like any
other reply.
"""

from collections.abc import Mapping
from functools import partial
from logging import DEBUG
from typing import Any

import structlog
import trio

from actors.clock import Clock
from actors.costs import Costs
from actors.counters import DONE, Counters
from actors.link.caller import ClientConnection, Continuation
from actors.link.encoded_message import EncodedBody, encode_body, single
from actors.link.turns import after_reading, in_turn
from game.commands import Command
from protocol import messages
from protocol.codec import Frame, read_header
from protocol.limits import Limits
from protocol.op import Body, Op
from protocol.ops import OPS
from protocol.requests import GetOpcodes, Ping

log = structlog.get_logger()


class EdgeReplies:
    """Answers the edge's ops, and sends replies whose body is encoded."""

    def __init__(
        self, clock: Clock, counters: Counters, costs: Costs, limits: Limits, version: str
    ) -> None:
        self._clock, self._counters, self._costs = clock, counters, costs
        bodies = _constant_bodies(version, limits)
        self._constant = {
            op.code: encode_body(bodies[op.command]) for op in OPS if op.has_constant_reply
        }
        self._is_traced = log.bind().is_enabled_for(DEBUG)  # once, because it is slow

    def answer(self, client: ClientConnection, frame: Frame, op: Op) -> Continuation | None:
        """Answer an op of the edge. Return the work that is left, if any. Raise `Refusal`."""
        started = trio.current_time()
        if op.is_query:
            self._costs.check(client.user_id)
        request_id = read_header(frame).request_id
        if op.is_query:
            return self._answer_in_turn(client, op, request_id, started)
        self._reply(client, op, request_id, started)
        return None

    def send(
        self,
        client: ClientConnection,
        op: Op,
        body: EncodedBody,
        request_id: int | str | None,
        *,
        now: int,
        started: float,
    ) -> None:
        """Send a reply at `now` (epoch ms) to a request that began at `started` (trio's time)."""
        message = body.with_header(now, request_id)
        if op.is_query:
            self._costs.charge(client.user_id, len(message.frame))
        client.send(single(message))
        duration_s = trio.current_time() - started
        self._counters.op(op.name, DONE, duration_s)
        if self._is_traced:
            fields = _log_fields(client, op, body.game_id, request_id, duration_s)
            log.debug("op_handled", **fields, res=int(body.res))

    def _answer_in_turn(
        self, client: ClientConnection, op: Op, request_id: int | str | None, started: float
    ) -> Continuation | None:
        """Answer a query behind the requests before it, once the client has read enough."""
        if client.is_far_behind:
            again = partial(self._answer_in_turn, client, op, request_id, started)
            return partial(after_reading, client, again)
        return in_turn(client, partial(self._reply, client, op, request_id, started))

    def _reply(
        self, client: ClientConnection, op: Op, request_id: int | str | None, started: float
    ) -> None:
        body = self._constant.get(op.code) or _logon(client)
        self.send(client, op, body, request_id, now=self._clock.now(), started=started)


def _constant_bodies(version: str, limits: Limits) -> Mapping[type[Command], Body]:
    return {Ping: messages.pong(), GetOpcodes: messages.opcodes(version, limits)}


def _logon(client: ClientConnection) -> EncodedBody:
    """Return the reply to a logon, which succeeds once on each connection."""
    first, client.has_logged_on = not client.has_logged_on, True
    return encode_body(messages.logon(client.connection_id, first=first))


def _log_fields(
    client: ClientConnection,
    op: Op,
    game_id: str | None,
    request_id: int | str | None,
    duration_s: float,
) -> dict[str, Any]:
    fields = {
        "op": op.code,
        "user_id": client.user_id,
        "connection_id": client.connection_id,
        "game_id": game_id,
        "request_id": request_id,
        "duration_ms": round(duration_s * 1_000, 3),
    }
    return {name: value for name, value in fields.items() if value is not None}

"""The first checks of every message, wherever its connection is.

    message --> rate --> frame --> op --> the edge's? -- yes --> `answer`
                                             |
                                             +--------- no ----> `pass_on`

The contract's order (section 1, "Errors"). A message from which no request can be read is refused
here. It needs nothing of games, so an edge in another process can do the same.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog

from actors.clock import Clock
from actors.counters import Counters
from actors.link.caller import POLICY_VIOLATION, ClientConnection, Continuation
from actors.link.encoded_message import encode, single
from actors.link.turns import in_turn
from game.refusals import Refusal
from protocol.codec import Frame, read_frame
from protocol.errors import error_reply, internal_error
from protocol.op import Op, Route
from protocol.ops import BY_CODE

log = structlog.get_logger()

OnOp = Callable[[ClientConnection, Frame, Op], Continuation | None]
"""Handles a message. Returns the work that is left. Raises `Refusal` if it is no request."""


class Intake:
    """Receives every message. `answer` gets the edge's ops, `pass_on` gets the others."""

    def __init__(self, clock: Clock, counters: Counters, answer: OnOp, pass_on: OnOp) -> None:
        self._clock, self._counters = clock, counters
        self._answer, self._pass_on = answer, pass_on

    def receive(self, client: ClientConnection, text: str | bytes) -> Continuation | None:
        """Answer a message or pass it on. Return the work that is left, if any."""
        too_fast = client.rate_limiter.spend()
        if client.rate_limiter.must_close:
            client.close(POLICY_VIOLATION, "over the rate limit")
            return None
        frame = None
        try:
            frame = read_frame(text)
            op = frame.op
            if too_fast is not None:
                raise too_fast
            if op.route is Route.EDGE:
                return self._answer(client, frame, op)
            return self._pass_on(client, frame, op)
        except Refusal as refusal:
            return in_turn(client, partial(self._refuse, client, frame, refusal))

    def failed(
        self, client: ClientConnection, text: str | bytes, trace_id: str
    ) -> Continuation | None:
        """Answer a message, in its turn, whose handling failed by a bug of ours."""
        frame = None
        with suppress(Refusal):
            frame = read_frame(text)
        return in_turn(client, partial(self._refuse, client, frame, internal_error(trace_id)))

    def _refuse(self, client: ClientConnection, frame: Frame | None, refusal: Refusal) -> None:
        """Refuse a message from which no request could be read."""
        op = None if frame is None else frame.op_code
        name = BY_CODE[op].name if op in BY_CODE else "unknown"
        self._counters.refused(name, str(refusal.code))
        request_id = None if frame is None else frame.request_id
        header = {} if request_id is None else {"request_id": request_id}
        body = error_reply(refusal, op=op)
        client.send(single(encode(body, self._clock.now(), header=header)))
        log.info("op_refused", **client.log_fields, op=op, **header, code=str(refusal.code))

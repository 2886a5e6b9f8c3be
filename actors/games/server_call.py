"""A request under way: the request, its caller, and the one answer that it gets."""

from collections.abc import Callable
from typing import Any

import structlog
import trio
from attrs import Factory, define, field

from actors.counters import DONE
from actors.games.outgoing import OutgoingMessage, outgoing
from actors.link.caller import Caller
from actors.link.encoded_message import EncodedMessage, encode, single
from actors.link.request import Request
from actors.services import Services
from game.refusals import Refusal
from protocol.errors import error_reply, overloaded
from storage.errors import StorageError

log = structlog.get_logger()

ID_LENGTH = 36
"""Length of an id made by the server. Other values stay out of the log: they may be as long as a
message, or a secret in the wrong parameter."""


@define(eq=False)
class ServerCall:
    """Answers a request exactly once; counts, charges and logs the answer.

    `caller` is None for a request of the server itself. `is_traced`: log the op when it is done.
    `on_finish` is called once, when the call has its answer or no actor will answer it;
    `on_overtaken` if replies to later requests may come before its own.
    """

    request: Request
    services: Services
    caller: Caller | None = None
    is_traced: bool = False
    on_finish: Callable[[], None] | None = None
    on_overtaken: Callable[[], None] | None = None
    may_be_overtaken: bool = field(init=False, default=False)
    is_finished: bool = field(init=False, default=False)
    _in_flight: int | None = field(init=False, default=None)
    _overtaken: int | None = field(init=False, default=None)
    _started: float = field(init=False, default=Factory(trio.current_time))
    _overtaken_since: float = field(init=False, default=0.0)

    def begin(self) -> None:
        """Record that an actor has it: later requests of the caller may have to wait for it."""
        if self.caller is not None and not self.may_be_overtaken:
            self._in_flight = self.caller.in_flight.started()

    def let_overtake(self) -> None:
        """Let later requests of the caller have their replies before this one.

        A request may be let overtake again: it waited for another with its key, then for its delay.
        It has left the flight by then, and the caller's other messages are being handled.
        """
        if self.caller is not None and not self.may_be_overtaken:
            number = self._in_flight
            self._overtaken = self.caller.in_flight.started() if number is None else number
            self._in_flight = None
            self.caller.in_flight.overtaken(self._overtaken)
        self.may_be_overtaken = True
        self._overtaken_since = trio.current_time()
        if self.on_overtaken is not None:
            self.on_overtaken()

    def resume(self) -> None:
        """End the wait that `let_overtake` began: it is no part of the time that the op takes."""
        self._started += trio.current_time() - self._overtaken_since

    def release(self) -> None:
        """Let requests that wait for this one continue: no actor has it, and it has no answer yet.

        An answer that it still gets is sent in turn. Until then a node does not count it as
        answered: if it loses its link meanwhile, it asks the next leader again.
        """
        if self.caller is not None and self._in_flight is not None:
            self.caller.in_flight.withdrawn()
            self._in_flight = None
        self._let_others_continue()

    def _let_others_continue(self) -> None:
        # The callbacks may refer to the call: a cycle would be left to the garbage collector.
        on_finish, self.on_finish, self.on_overtaken = self.on_finish, None, None
        if on_finish is not None:
            on_finish()

    def _leave_flight(self) -> None:
        if self.caller is None:
            return
        if self._in_flight is not None:
            self.caller.in_flight.finished(self._in_flight)
        elif self._overtaken is not None:
            self.caller.in_flight.answered_late(self._overtaken)
        self._in_flight = self._overtaken = None

    def encode(
        self, message: OutgoingMessage, game_id: str | None = None, **header: Any
    ) -> EncodedMessage:
        """Encode the reply, and charge the user for it.

        `game_id` is the game of the message's position. `header` is added to `response_header`.
        """
        if self.request.request_id is not None:
            header["request_id"] = self.request.request_id
        encoded = encode(message.full_body(), self.services.clock.now(), game_id, header)
        self.charge(len(encoded.frame))
        return encoded

    def encode_refusal(self, refusal: Refusal) -> EncodedMessage:
        """Encode the error reply."""
        game_id = getattr(self.request.command, "game_id", None)
        return self.encode(outgoing(error_reply(refusal, op=self.request.op.code, game_id=game_id)))

    def charge(self, size: int) -> None:
        """Charge the user for `size` bytes of the answer to a query (`cost_limit`)."""
        if self.request.op.is_query:
            self.services.costs.charge(self.request.user_id, size)

    def reply_now(
        self, message: OutgoingMessage, game_id: str | None = None, **header: Any
    ) -> None:
        """Send the reply immediately and finish."""
        if self.caller is not None:
            self.caller.send(single(self.encode(message, game_id, **header)))
        self.finish(message, trio.current_time())

    def refuse_now(self, refusal: Refusal) -> None:
        """Send the error reply immediately and finish, unless the call is finished."""
        if self.caller is not None and not self.is_finished:
            self.caller.send(single(self.encode_refusal(refusal)))
        self.finish(refusal, trio.current_time())

    def finish(self, outcome: OutgoingMessage | Refusal, now: float) -> None:
        """Count and log the answer, which was sent by `now` (trio's time).

        Only the first time counts.
        """
        if self.is_finished:
            return
        self.is_finished = True
        self._leave_flight()
        self._let_others_continue()
        result = str(outcome.code) if isinstance(outcome, Refusal) else DONE
        self.services.counters.op(self.request.op.name, result, now - self._started)
        if isinstance(outcome, Refusal):
            log.info("op_refused", **self.log_fields(), code=str(outcome.code))
        elif self.is_traced:
            log.debug("op_handled", **self.log_fields(), res=int(outcome.res))

    def log_fields(self) -> dict[str, Any]:
        """Return the fields by which a log line names the request."""
        request = self.request
        fields: dict[str, Any] = {"op": request.op.code, "user_id": request.user_id}
        if self.caller is not None:
            fields["connection_id"] = self.caller.connection_id
        if len(game_id := getattr(request.command, "game_id", None) or "") == ID_LENGTH:
            fields["game_id"] = game_id
        if request.request_id is not None:
            fields["request_id"] = request.request_id
        fields["duration_ms"] = round((trio.current_time() - self._started) * 1_000, 3)
        return fields


def as_refusal(error: Refusal | StorageError) -> Refusal:
    """Return the refusal that answers a request which failed with this error."""
    if isinstance(error, Refusal):
        return error
    return overloaded("the database is not available")

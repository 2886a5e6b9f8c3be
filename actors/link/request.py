"""One op under way: who asked what, and how the answer finds its way back, exactly once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
import trio
from attrs import Factory, define, field

from actors.clock import Clock
from actors.counters import DONE, Counters
from actors.games.costs import Costs
from actors.link.encoded_message import Body, EncodedMessage, encode, single
from game.commands import Command
from game.refusals import Refusal
from protocol.errors import error_reply
from protocol.op import Op

if TYPE_CHECKING:
    from actors.edge.connection import Connection

log = structlog.get_logger()

ID_LENGTH = 36
"""Of an id that the server has made. What else a client takes for one is kept out of the log: it
may be as long as a message, or a secret in the wrong place."""


@define(eq=False, kw_only=True)
class Request:
    """An op that a connection (or, without one, the server itself) has asked for.

    `received_at` in epoch ms. `is_authorized`: rights were looked at already. `is_traced`: that it
    was handled is logged. `on_answer` is called when it has been answered, or when no actor is
    going to.
    """

    clock: Clock
    received_at: int
    counters: Counters
    costs: Costs
    op: Op
    command: Command
    user_id: int
    connection: "Connection | None" = None
    request_id: int | str | None = None
    idempotency_key: str | None = None
    is_authorized: bool = False
    is_traced: bool = False
    on_answer: Callable[[], None] | None = None
    is_answered: bool = False
    _is_under_way: bool = field(init=False, default=False)
    _started: float = field(init=False, default=Factory(trio.current_time))

    @property
    def after_prior_commits(self) -> bool:
        """Whether everything asked before must be on disk and told before this is looked at."""
        return self.op.after_prior_commits

    def begins(self) -> None:
        """It has been handed to an actor: its connection waits for the answer."""
        if self.connection is not None:
            self._is_under_way = True
            self.connection.in_flight.started()

    def let_go(self) -> None:
        """It has been answered, or nobody but the router is going to: who waits need not."""
        if self.connection is not None and self._is_under_way:
            self._is_under_way = False
            self.connection.in_flight.finished()
        # Let go of it: it knows the ask, and a cycle would have to wait for the collector.
        on_answer, self.on_answer = self.on_answer, None
        if on_answer is not None:
            on_answer()

    def reply(self, body: Body, game_id: str | None = None, **header: Any) -> EncodedMessage:
        """The reply; `game_id` is the game whose position it carries, if it does."""
        if self.request_id is not None:
            header["request_id"] = self.request_id
        said = encode(body, self.clock.now(), game_id, header)
        self.charge(len(said.frame))
        return said

    def charge(self, size: int) -> None:
        """So many bytes are an answer, or a part of it: the caller is charged for a question's."""
        if self.op.is_query:
            self.costs.charge(self.user_id, size)

    def tell(self, body: Body, game_id: str | None = None, **header: Any) -> None:
        """Answer with a reply, at once."""
        if self.connection is not None:
            self.connection.send(single(self.reply(body, game_id, **header)))
        self.answered(body)

    def error(self, refusal: Refusal) -> EncodedMessage:
        """The error reply."""
        game_id = getattr(self.command, "game_id", None)
        return self.reply(error_reply(refusal, op=self.op.code, game_id=game_id))

    def answered(self, outcome: Body | Refusal) -> None:
        """The answer has been handed to whoever asked: count and log it, once."""
        if self.is_answered:
            return
        self.is_answered = True
        self.let_go()
        result = str(outcome.code) if isinstance(outcome, Refusal) else DONE
        self.counters.op(self.op.name, result, trio.current_time() - self._started)
        if isinstance(outcome, Refusal):
            log.info("op_refused", **self.about(), code=str(outcome.code))
        elif self.is_traced:
            log.debug("op_handled", **self.about(), res=int(outcome["res"]))

    def refuse(self, refusal: Refusal) -> None:
        """Answer with an error reply, at once."""
        if self.connection is not None and not self.is_answered:
            self.connection.send(single(self.error(refusal)))
        self.answered(refusal)

    def about(self) -> dict[str, Any]:
        """What a log line says of it."""
        about: dict[str, Any] = {"op": self.op.code, "user_id": self.user_id}
        if self.connection is not None:
            about["connection_id"] = self.connection.connection_id
        if len(game_id := getattr(self.command, "game_id", "")) == ID_LENGTH:
            about["game_id"] = game_id
        if self.request_id is not None:
            about["request_id"] = self.request_id
        about["duration_ms"] = round((trio.current_time() - self._started) * 1_000, 3)
        return about

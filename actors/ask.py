"""One op under way: who asked what, and how the answer finds its way back, exactly once."""

from collections.abc import Callable
from logging import DEBUG
from typing import TYPE_CHECKING, Any

import structlog
import trio
from attrs import Factory, define, field

from actors.clock import Clock
from actors.said import Body, Said, batch, say
from game.commands import Command
from game.refusals import Refusal
from protocol.errors import error_reply
from protocol.op import Op

if TYPE_CHECKING:
    from actors.connection import Connection

log = structlog.get_logger()


@define(eq=False, kw_only=True)
class Ask:
    """An op that a connection (or, without one, the server itself) has asked for.

    `is_authorized`: rights were looked at already. `on_answer` hears of the outcome, a body or a
    `Refusal`, when it has been told.
    """

    clock: Clock
    op: Op
    command: Command
    user_id: int
    connection: "Connection | None" = None
    request_id: int | str | None = None
    idempotency_key: str | None = None
    is_authorized: bool = False
    on_answer: Callable[[Body | Refusal], None] | None = None
    is_answered: bool = False
    _started: float = field(init=False, default=Factory(trio.current_time))

    @property
    def settles_first(self) -> bool:
        """Whether everything asked before must be on disk and told before this is looked at."""
        return self.op.settles_first

    def reply(self, body: Body, game_id: str | None = None, **header: Any) -> Said:
        """The reply; `game_id` is the game whose position it carries, if it does."""
        if self.request_id is not None:
            header["request_id"] = self.request_id
        return say(body, self.clock.now(), game_id, header)

    def error(self, refusal: Refusal) -> Said:
        """The error reply."""
        game_id = getattr(self.command, "game_id", None)
        return self.reply(error_reply(refusal, op=self.op.code, game_id=game_id))

    def answered(self, outcome: Body | Refusal) -> None:
        """The answer has been handed to whoever asked: count and log it, once."""
        if self.is_answered:
            return
        self.is_answered = True
        # Let go of it: it knows the ask, and a cycle would have to wait for the collector.
        on_answer, self.on_answer = self.on_answer, None
        if on_answer is not None:
            on_answer(outcome)
        self._log(outcome)

    def _log(self, outcome: Body | Refusal) -> None:
        bound = log if self.connection is None else self.connection.log
        if isinstance(outcome, Refusal):
            bound.info("op_refused", **self.about(), code=str(outcome.code))
        elif bound.is_enabled_for(DEBUG):
            bound.debug("op_handled", **self.about(), res=int(outcome["res"]))

    def refuse(self, refusal: Refusal) -> None:
        """Answer with an error reply, at once."""
        if self.connection is not None and not self.is_answered:
            self.connection.tell(batch([self.error(refusal)]))
        self.answered(refusal)

    def about(self) -> dict[str, Any]:
        """What a log line says of it."""
        about: dict[str, Any] = {"op": self.op.code, "user_id": self.user_id}
        if self.connection is not None:
            about["connection_id"] = self.connection.connection_id
        if (game_id := getattr(self.command, "game_id", None)) is not None:
            about["game_id"] = game_id
        if self.request_id is not None:
            about["request_id"] = self.request_id
        return about | {"duration_ms": round((trio.current_time() - self._started) * 1_000, 3)}

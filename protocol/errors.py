"""From a refusal to its error reply: the one place (contract, section 1, "Errors")."""

from typing import Any

from game.refusals import AdminRefusal, Code, Refusal
from protocol.op import Response


def error_reply(refusal: Refusal, *, op: int | None, game_id: str | None = None) -> dict[str, Any]:
    """The body of the reply; 645 with its `reason` where the document says so, else 666."""
    # It has arrived. Frames that it came through know it: a circle that, with thousands of
    # refusals a second, would stop everything while the collector looks for it.
    refusal.__traceback__ = None
    if isinstance(refusal, AdminRefusal):
        return {
            "res": Response.BECOME_AN_ADMIN_FOR_GAME_FAIL,
            "game_id": game_id,
            "reason": refusal.text,
        }
    body: dict[str, Any] = {
        "res": Response.ERROR,
        "text": refusal.text,
        "code": refusal.code,
        "op": op,
        "retryable": refusal.code.retryable,
    }
    if refusal.parameter is not None:
        body["parameter"] = refusal.parameter
    return body | dict(refusal.details)


def overloaded(why: str) -> Refusal:
    """The server cannot take this now; nothing has changed, and it may be sent again."""
    sentence = "The server cannot take this now: {why}. Please try again."
    return Refusal(Code.OVERLOADED, sentence, why=why)


def internal_error(trace_id: str) -> Refusal:
    """Our fault. `trace_id` finds the line in the log."""
    return Refusal(
        Code.INTERNAL_ERROR,
        "Internal error. Quote reference {trace_id} when you report it.",
        trace_id=trace_id,
        details={"trace_id": trace_id},
    )

"""Error replies: the only place that turns a refusal into one (contract, section 1, "Errors")."""

from typing import Any

from game.refusals import AdminRefusal, Code, Refusal
from protocol.op import Response


def error_reply(refusal: Refusal, *, op: int | None, game_id: str | None = None) -> dict[str, Any]:
    """Return the body of an error reply, or of the failure reply with a `reason` (616, 617)."""
    # The traceback refers to frames that refer to the refusal. With thousands of refusals a second,
    # collecting these reference cycles would stop the server for noticeable times.
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
    """Return the refusal for a request that cannot be handled now; `why` is half a sentence."""
    sentence = "The server could not handle your request: {why}. Nothing has changed; try again."
    return Refusal(Code.OVERLOADED, sentence, why=why)


def internal_error(trace_id: str) -> Refusal:
    """Return the refusal for a bug in the server. The log line has the same `trace_id`."""
    return Refusal(
        Code.INTERNAL_ERROR,
        "Internal error. Quote reference {trace_id} when you report it.",
        trace_id=trace_id,
        details={"trace_id": trace_id},
    )

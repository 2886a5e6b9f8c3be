"""A request of a client. The receiver of the reply is apart from it: `actors/link/caller.py`."""

from attrs import define

from game.commands import Command
from protocol.op import Op


@define(eq=False, kw_only=True)
class Request:
    """An op with its parameters, as a user sent it, or as the server itself asks a game.

    `received_at` is in epoch milliseconds. `idempotency_key` is None for an op that changes
    nothing. `is_authorized`: rights were checked before, so the actor does not check them.
    """

    op: Op
    command: Command
    user_id: int
    received_at: int
    request_id: int | str | None = None
    idempotency_key: str | None = None
    is_authorized: bool = False

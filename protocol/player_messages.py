"""The bodies of the replies about a player's own account, beyond the balances."""

from typing import Any

from protocol.op import Body, Response


def user_statement(page: dict[str, Any]) -> Body:
    """Return the body of `user_statement` for a page, as `storage/statements.py` returns it."""
    return {"res": Response.USER_STATEMENT, **page}

"""The bodies of the replies about a player's own account, beyond the balances."""

from typing import Any

from protocol.op import Body, Response


def user_statement(page: dict[str, Any]) -> Body:
    """Return the body of `user_statement` for a page, as `storage/statements.py` returns it."""
    return {"res": Response.USER_STATEMENT, **page}


def my_limits(values: dict[str, Any]) -> Body:
    """Return the body of `my_limits`. `values` are those of `storage/own_limits.py`."""
    names = ("currency", "limits", "pending", "running_break", "currencies")
    return {"res": Response.MY_LIMITS, **{name: values[name] for name in names}}


def break_taken(values: dict[str, Any]) -> Body:
    """Return the body of `break_taken`. `until` is null for a break without an end."""
    return {"res": Response.BREAK_TAKEN, "until": values["until"]}

"""The bodies of the replies to moderators, and of what they publish."""

from typing import Any

from protocol.op import Body, Response


def user_muted(values: dict[str, Any]) -> Body:
    """Return the body of `user_muted`. `values` are those of the write."""
    return {"res": Response.USER_MUTED, **_in_place(values), "until": values["until"]}


def user_unmuted(values: dict[str, Any]) -> Body:
    """Return the body of `user_unmuted`."""
    return {"res": Response.USER_UNMUTED, **_in_place(values)}


def user_banned(values: dict[str, Any]) -> Body:
    """Return the body of `user_banned`."""
    return {"res": Response.USER_BANNED, **_in_source(values), "until": values["until"]}


def ban_lifted(values: dict[str, Any]) -> Body:
    """Return the body of `ban_lifted`."""
    return {"res": Response.BAN_LIFTED, **_in_source(values)}


def slow_mode_set(values: dict[str, Any]) -> Body:
    """Return the body of `slow_mode_set`."""
    return {"res": Response.SLOW_MODE_SET, "game_id": values["game_id"], "ms": values["ms"]}


def message_removed(game_id: str, message_id: str) -> Body:
    """Return the body of `message_removed`."""
    return {"res": Response.MESSAGE_REMOVED, "game_id": game_id, "message_id": message_id}


def _in_place(values: dict[str, Any]) -> Body:
    return {"game_id": values["game_id"], **_in_source(values)}


def _in_source(values: dict[str, Any]) -> Body:
    return {name: values[name] for name in ("source_id", "user_id", "username")}

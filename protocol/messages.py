"""The bodies of replies and publications about sources, games and their subscribers.

The API document and the contract define them. The actors decide who receives a message and when.
Bodies about pools and balances are in `protocol/pool_messages.py`.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from attrs import asdict

from game.facts import EventRegistered
from game.money import amount
from game.names import symbol
from game.state import Game
from protocol.limits import Limits
from protocol.op import Body, Response
from protocol.ops import OPS
from protocol.pool_messages import policy_values
from protocol.result_messages import together_with


def pong() -> Body:
    """Return the body of `pong`."""
    return {"res": Response.PONG}


def opcodes(version: str, limits: Limits) -> Body:
    """Return the body of `opcodes`: all ops and responses by name, and the limits in force."""
    return {
        "res": Response.OPCODES,
        "opcodes": {op.name: op.code for op in OPS},
        "response_codes": {response.name.lower(): response for response in Response},
        "version": version,
        "limits": limits_in_force(limits),
        "policies": {name: policy_values(each) for name, each in limits.policies.items()},
    }


def limits_in_force(limits: Limits) -> dict[str, Any]:
    """Return the limits: durations in milliseconds, no limit as null (contract, section 9)."""
    shown = asdict(limits, filter=lambda field, _: "kind" in field.metadata)
    return shown | {
        "rate_limit": limits.rate_limit or None,
        "cost_limit": limits.cost_limit or None,
        "chat_limit": limits.chat_limit or None,
        "initial_balance": amount(limits.initial_balance),
        "allowed_origins": list(limits.allowed_origins) or None,
    }


def logon(connection_id: str, *, first: bool) -> Body:
    """Return the body of the reply to a logon, which succeeds once on each connection."""
    if not first:
        return {"res": Response.LOGON_FAIL_ALREADY_LOGGED_IN}
    return {
        "res": Response.LOGON_SUCCESS,
        "session_key": connection_id,
        "connection_id": connection_id,
    }


def renewed(expires_at: int) -> Body:
    """Return the body of `renewed`; `expires_at` in epoch milliseconds."""
    return {"res": Response.RENEWED, "expires_at": expires_at}


def source_opened(source_id: str) -> Body:
    """Return the body of `game_source_opened`."""
    return {"res": Response.GAME_SOURCE_OPENED, "source_id": source_id}


def source_closed(source_id: str) -> Body:
    """Return the body of `game_source_closed`."""
    return {"res": Response.GAME_SOURCE_CLOSED, "source_id": source_id}


def source_closing(source_id: str, games: list[str]) -> Body:
    """Return the body of `game_source_closing`: these games are not closed yet."""
    return {"res": Response.GAME_SOURCE_CLOSING, "source_id": source_id, "games": games}


def my_sources(rows: Iterable[Mapping[str, Any]], *, may_open: bool) -> Body:
    """Return the body of `game_sources_list_i_am_admin_of`. `may_open`: the user is a host."""
    sources = [{key: row[key] for key in ("id", "name", "description")} for row in rows]
    res = Response.GAME_SOURCES_LIST_I_AM_ADMIN_OF
    return {"res": res, "sources": sources, "may_open_sources": may_open}


def game_created_and_opened(game: Game) -> Body:
    """Return the body of `game_created_and_opened`."""
    return {"res": Response.GAME_CREATED_AND_OPENED} | _whole_game(game)


def game_opened(game: Game) -> Body:
    """Return the body of `game_opened`."""
    return {"res": Response.GAME_OPENED} | _whole_game(game)


def game_created(game: Game) -> Body:
    """Return the body of `game_created`."""
    return {
        "res": Response.GAME_CREATED,
        "source_id": game.source_id,
        "game_id": game.game_id,
        "game_name": game.game_name,
        "type": game.type,
        **_times(game),
        "hashtag": game.hashtag,
    }


def game_details(game: Game) -> Body:
    """Return the body of `game_details`."""
    return {
        "res": Response.GAME_DETAILS,
        "status": game.status,
        "source_id": game.source_id,
        "game_id": game.game_id,
        "name": game.game_name,
        "game_name": game.game_name,
        "hashtag": game.hashtag,
        "image_url": game.image_url,
        "past_events": {event.event_id: _past_event(game, event) for event in game.events},
        "past_events_total": game.events_total,
        "game_state": {a: game.counts[a] for a in game.actions if a in game.counts},
        "actions": _actions(game),
        "currency": game.currency,
        "type": game_type_id(game.type),
        "type_name": game.type,
        "targets": _target_tree(game),
        **_times(game),
        "bet_delay": game.bet_delay,
    }


def details_updated(game_id: str) -> Body:
    """Return the body of `game_details_updated`."""
    return {"res": Response.GAME_DETAILS_UPDATED, "game_id": game_id}


def game_joined(game: Game, *, resync: bool = False) -> Body:
    """Return the body of `game_joined`. `resync`: what was missed is not replayed."""
    body = {"res": Response.GAME_JOINED, "game_id": game.game_id, "status": game.status}
    return body | ({"resync": True} if resync else {})


def game_left(game_id: str) -> Body:
    """Return the body of `game_left`."""
    return {"res": Response.GAME_LEFT, "game_id": game_id}


def user_joined(game_id: str, user_id: int, user_name: str) -> Body:
    """Return the body of `user_joined_game`."""
    return _presence_of(Response.USER_JOINED_GAME, game_id, user_id, user_name)


def user_left(game_id: str, user_id: int, user_name: str) -> Body:
    """Return the body of `user_left_game`."""
    return _presence_of(Response.USER_LEFT_GAME, game_id, user_id, user_name)


def game_presence(game_id: str, subscribers: int, users: int) -> Body:
    """Return the body of `game_presence`, for a game with too many subscribers to name."""
    return {
        "res": Response.GAME_PRESENCE,
        "game_id": game_id,
        "subscribers": subscribers,
        "users": users,
    }


def game_closed(game_id: str) -> Body:
    """Return the body of `game_closed`."""
    return {"res": Response.GAME_CLOSED, "game_id": game_id}


def became_admin(game_id: str) -> Body:
    """Return the body of `become_an_admin_for_game_success`."""
    return {"res": Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS, "game_id": game_id}


def admin_appointed(game_id: str, username: str) -> Body:
    """Return the body of `appoint_admin_for_game_success`."""
    return {
        "res": Response.APPOINT_ADMIN_FOR_GAME_SUCCESS,
        "game_id": game_id,
        "username": username,
    }


def admin_dismissed(game_id: str, username: str) -> Body:
    """Return the body of `dismiss_admin_for_game_success`."""
    return {
        "res": Response.DISMISS_ADMIN_FOR_GAME_SUCCESS,
        "game_id": game_id,
        "username": username,
    }


def games_of_source(source_id: str, rows: Iterable[Mapping[str, Any]], total: int) -> Body:
    """Return the body of `games_list_for_source`."""
    games = {
        row["id"]: {
            "status": row["status"],
            "name": row["name"],
            "type": game_type_id(row["type"]),
            "type_name": row["type"],
            "open_at": row["open_at"],
            "close_at": row["close_at"],
        }
        for row in rows
    }
    return {
        "res": Response.GAMES_LIST_FOR_SOURCE,
        "source_id": source_id,
        "games": games,
        "total": total,
    }


def upcoming_games(source_id: str, rows: Iterable[Mapping[str, Any]], total: int) -> Body:
    """Return the body of `upcoming_games_list_for_source`."""
    games = [
        {
            "id": row["id"],
            "source_id": source_id,
            "game_name": row["name"],
            "currency": row["currency"],
            "game_type_id": game_type_id(row["type"]),
            "live_start_at": row["live_start_at"],
            "hashtag": row["hashtag"],
        }
        for row in rows
    ]
    return {
        "res": Response.UPCOMING_GAMES_LIST_FOR_SOURCE,
        "source_id": source_id,
        "games": games,
        "total": total,
    }


def my_games(rows: Iterable[Mapping[str, Any]], total: int) -> Body:
    """Return the body of `games_list_i_am_admin_of`."""
    games = [{"id": row["id"], "name": row["name"]} for row in rows]
    return {"res": Response.GAMES_LIST_I_AM_ADMIN_OF, "games": games, "total": total}


@lru_cache(maxsize=1_000)
def game_type_id(word: str | None) -> str | None:
    """Return the UUID for a game type in details and lists (contract, section 2)."""
    return None if word is None else str(uuid5(NAMESPACE_URL, f"toteboard:game-type:{word}"))


def _whole_game(game: Game) -> Body:
    return {
        "source_id": game.source_id,
        "game_id": game.game_id,
        "actions": _actions(game),
        "game_name": game.game_name,
        "type": game.type,
        **_times(game),
        "hashtag": game.hashtag,
        "targets": _target_tree(game),
    }


def _times(game: Game) -> Body:
    return {
        "open_at": game.open_at,
        "live_start_at": game.live_start_at,
        "live_finish_at": game.live_finish_at,
        "close_at": game.close_at,
    }


def _past_event(game: Game, event: EventRegistered) -> Body:
    body = {
        "happened_at": event.happened_at,
        "target_id": event.target_id,
        "action_id": event.action_id,
        **together_with(event),
    }
    taken_back_at = game.taken_back.get(event.event_id)
    return body if taken_back_at is None else body | {"taken_back_at": taken_back_at}


def _actions(game: Game) -> Body:
    return {identifier: {"name": name} for identifier, name in game.actions.items()}


def _target_tree(game: Game) -> Body:
    """Return the targets as a tree. The keys of each level are the ids of its segments."""
    top: Body = {}
    below: dict[str, Body] = {"": top}
    for path, display in game.targets.items():
        parent, _, segment = path.rpartition(":")
        node: Body = {"symbol": symbol(segment), "display_name": display, "targets": {}}
        below[parent][segment] = node
        below[path] = node["targets"]
    return top


def _presence_of(response: Response, game_id: str, user_id: int, user_name: str) -> Body:
    return {"res": response, "game_id": game_id, "user_id": user_id, "user_name": user_name}

"""The bodies of replies and publications, as the document and the contract write them.

A body is a dict without its `response_header`: who is told, and when, is the actors' business.
Which codes there are is `protocol/ops.py`.
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
from protocol.op import Response
from protocol.ops import OPS

Body = dict[str, Any]


def pong() -> Body:
    """1."""
    return {"res": Response.PONG}


def opcodes(version: str, limits: Limits) -> Body:
    """2: every op and response code by name, and the limits in force."""
    return {
        "res": Response.OPCODES,
        "opcodes": {op.name: op.code for op in OPS},
        "response_codes": {response.name.lower(): response for response in Response},
        "version": version,
        "limits": limits_in_force(limits),
    }


def limits_in_force(limits: Limits) -> dict[str, Any]:
    """Durations in milliseconds, amounts as numbers, none as null (contract, section 9)."""
    return asdict(limits) | {
        "rate_limit": limits.rate_limit or None,
        "cost_limit": limits.cost_limit or None,
        "chat_limit": limits.chat_limit or None,
        "initial_balance": amount(limits.initial_balance),
        "allowed_origins": list(limits.allowed_origins) or None,
    }


def logon(connection_id: str, *, first: bool) -> Body:
    """100 the first time on a connection, 112 after that."""
    if not first:
        return {"res": Response.LOGON_FAIL_ALREADY_LOGGED_IN}
    return {
        "res": Response.LOGON_SUCCESS,
        "session_key": connection_id,
        "connection_id": connection_id,
    }


def source_opened(source_id: str) -> Body:
    """335."""
    return {"res": Response.GAME_SOURCE_OPENED, "source_id": source_id}


def source_closed(source_id: str) -> Body:
    """336."""
    return {"res": Response.GAME_SOURCE_CLOSED, "source_id": source_id}


def source_closing(source_id: str, games: list[str]) -> Body:
    """3361: these games are not closed yet; to be sent again."""
    return {"res": Response.GAME_SOURCE_CLOSING, "source_id": source_id, "games": games}


def my_sources(rows: Iterable[Mapping[str, Any]]) -> Body:
    """621."""
    sources = [{key: row[key] for key in ("id", "name", "description")} for row in rows]
    return {"res": Response.GAME_SOURCES_LIST_I_AM_ADMIN_OF, "sources": sources}


def game_created_and_opened(game: Game) -> Body:
    """340."""
    return {"res": Response.GAME_CREATED_AND_OPENED} | _whole_game(game)


def game_opened(game: Game) -> Body:
    """3402: the whole body of 340."""
    return {"res": Response.GAME_OPENED} | _whole_game(game)


def game_created(game: Game) -> Body:
    """3401."""
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
    """342."""
    return {
        "res": Response.GAME_DETAILS,
        "status": game.status,
        "source_id": game.source_id,
        "game_id": game.game_id,
        "name": game.game_name,
        "game_name": game.game_name,
        "hashtag": game.hashtag,
        "image_url": game.image_url,
        "past_events": {event.event_id: _past_event(event) for event in game.events},
        "past_events_total": game.events_total,
        "game_state": {a: game.counts[a] for a in game.actions if a in game.counts},
        "actions": _actions(game),
        "currency": game.currency,
        "type": game_type_id(game.type),
        "type_name": game.type,
        "targets": _target_tree(game),
        **_times(game),
    }


def details_updated(game_id: str) -> Body:
    """343."""
    return {"res": Response.GAME_DETAILS_UPDATED, "game_id": game_id}


def game_joined(game: Game, *, resync: bool = False) -> Body:
    """333; `resync`: what was missed is not sent again, ask for details and pools."""
    body = {"res": Response.GAME_JOINED, "game_id": game.game_id, "status": game.status}
    return body | ({"resync": True} if resync else {})


def game_left(game_id: str) -> Body:
    """334."""
    return {"res": Response.GAME_LEFT, "game_id": game_id}


def user_joined(game_id: str, user_id: int, user_name: str) -> Body:
    """470."""
    return _presence_of(Response.USER_JOINED_GAME, game_id, user_id, user_name)


def user_left(game_id: str, user_id: int, user_name: str) -> Body:
    """480."""
    return _presence_of(Response.USER_LEFT_GAME, game_id, user_id, user_name)


def game_presence(game_id: str, subscribers: int, users: int) -> Body:
    """475: how many listen, where there are too many to name."""
    return {
        "res": Response.GAME_PRESENCE,
        "game_id": game_id,
        "subscribers": subscribers,
        "users": users,
    }


def game_closed(game_id: str) -> Body:
    """341."""
    return {"res": Response.GAME_CLOSED, "game_id": game_id}


def became_admin(game_id: str) -> Body:
    """640."""
    return {"res": Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS, "game_id": game_id}


def admin_appointed(game_id: str, username: str) -> Body:
    """617."""
    return {
        "res": Response.APPOINT_ADMIN_FOR_GAME_SUCCESS,
        "game_id": game_id,
        "username": username,
    }


def admin_dismissed(game_id: str, username: str) -> Body:
    """618."""
    return {
        "res": Response.DISMISS_ADMIN_FOR_GAME_SUCCESS,
        "game_id": game_id,
        "username": username,
    }


def games_of_source(source_id: str, rows: Iterable[Mapping[str, Any]], total: int) -> Body:
    """345."""
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
    """3461."""
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
    """620."""
    games = [{"id": row["id"], "name": row["name"]} for row in rows]
    return {"res": Response.GAMES_LIST_I_AM_ADMIN_OF, "games": games, "total": total}


@lru_cache(maxsize=1_000)
def game_type_id(word: str | None) -> str | None:
    """The UUID that stands for a game type in details and lists (contract, section 2)."""
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


def _past_event(event: EventRegistered) -> Body:
    return {
        "happened_at": event.happened_at,
        "target_id": event.target_id,
        "action_id": event.action_id,
    }


def _actions(game: Game) -> Body:
    return {identifier: {"name": name} for identifier, name in game.actions.items()}


def _target_tree(game: Game) -> Body:
    """The targets nested, each level keyed by its own segment's id."""
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

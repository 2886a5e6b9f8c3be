"""The messages of the contract's sections 7 and 8, key by key.

They are written from the contract and not from the code, so that a missing or additional key,
another nesting or another type is noticed. A shape is a type, a set of types, a dict of exactly
these keys (a key in `Optional` may be absent), `Each(shape)` for a dict by id, or a list of one
shape.
"""

import re
from collections.abc import Callable
from typing import Any

from attrs import frozen

Shape = Any
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@frozen
class Each:
    """A dict from keys that are ids to values of one shape."""

    key: Callable[[object], bool]
    value: Shape


@frozen
class Optional:
    """The name of a key that may be absent."""

    name: str


def an_id(value: object) -> bool:
    """Return whether a value is an id made by the server."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def a_user(value: object) -> bool:
    """Return whether a value is a user id as the key of an object."""
    return isinstance(value, str) and re.fullmatch("[1-9][0-9]*", value) is not None


def a_path(value: object) -> bool:
    """Return whether a value is the id of a target, with its whole path."""
    return isinstance(value, str) and value == value.strip().lower() != ""


def an_amount(value: object) -> bool:
    """Return whether a value is a JSON number with at most two decimals."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and round(value * 100) / 100 == value  # type: ignore[operator]


def a_time(value: object) -> bool:
    """Return whether a value is in epoch milliseconds of this century."""
    return type(value) is int and 10**12 < value < 5 * 10**12


def odds(value: object) -> bool:
    """Return whether a value is at least 1 and has at most four decimals."""
    return isinstance(value, float) and value >= 1 and round(value, 4) == value


def no_time_or(value: object) -> bool:
    """Return whether a value is a time or null."""
    return value is None or a_time(value)


def no_amount_or(value: object) -> bool:
    """Return whether a value is an amount or null."""
    return value is None or an_amount(value)


BACKING = {
    "target_id": a_path,
    "display_name": str,
    "symbol": str,
    "backing_people": int,
    "backing_money": an_amount,
    "to_win_if_backed": odds,
    Optional("is_scratched"): bool,
}
DISTRIBUTION = Each(a_path, BACKING)
BET = {"user_id": int, "amount": an_amount, "placed_at": a_time}
NEW_BET = BET | {"bet_id": an_id, "target_id": a_path}
DECIDED = {"winning_targets": [a_path], "event_id": an_id, "confirm_at": a_time}
POOL = {
    "game_id": an_id,
    "pool_id": an_id,
    "description": str,
    "type": int,
    "action_id": str,
    "distribution": DISTRIBUTION,
    "participants": int,
    "amount_total": an_amount,
    "target_level": int,
    "is_blocked": bool,
    "is_hot": bool,
    "start_at": a_time,
    "finish_at": no_time_or,
    "stop_accepting_bets_at": no_time_or,
    "recreate_on_end": bool,
    "policy": {
        "name": str,
        "takeout": an_amount,
        "break_to": an_amount,
        "minimum": no_amount_or,
        "dead_heat": str,
        "unbacked": str,
    },
    "carried_in": an_amount,
    "min_stake": no_amount_or,
    "max_stake": no_amount_or,
    "max_stake_per_user": no_amount_or,
    "bet_delay": int,
    "confirm_for": int,
    Optional("decided"): DECIDED,
}
BACKED = {"user_backed": Each(a_path, an_amount)}
STANDING = {"participants": int, "amount_total": an_amount, "target_level": int}
RESOLVED = {
    "game_id": an_id,
    "pool_id": an_id,
    "description": str,
    "winning_target": str,
    "winners": Each(a_user, an_amount),
    "losers": Each(a_user, an_amount),
    "invalidated_bettors": [int],
    "is_money_return": bool,
    "resolved_at": a_time,
    "winning_targets": [a_path],
    "prices": Each(a_path, odds),
    "takeout": an_amount,
    "breakage": an_amount,
    "minus": an_amount,
    "carried_out": an_amount,
    "result_seq": int,
}
LISTED = {"game_id": an_id}
PLACE = {"username": str, "points": an_amount, "rank": int}
CHAT = {"text": str, "sender": str, "received_at": a_time, "message_id": an_id}
BALANCE = {
    "currency": str,
    "current_balance": an_amount,
    "available_balance": an_amount,
    "cause": str,
}
REFUSAL = {"text": str, "code": str, "op": int, "retryable": bool, Optional("parameter"): str}

# By the `res`, followed by a word if there is more than one form.
SHAPES: dict[str, Shape] = {
    "350": {"game_id": an_id, "pool_id": an_id, "description": str, "type": int},
    "352": POOL,
    "353": LISTED | {"total": int, "pools_list": Each(an_id, POOL)},
    "3535": LISTED | {"total": int, "pools_list": Each(an_id, POOL)},
    "354": LISTED | {"total": int, "pools_list": Each(an_id, POOL | BACKED)},
    "355": LISTED
    | {
        "total": int,
        "pools_list": Each(
            an_id,
            POOL
            | BACKED
            | {
                "winning_target": {str, type(None)},
                "winning_targets": [a_path],
                "prices": Each(a_path, odds),
                "resolved_at": a_time,
                "total_winnings": an_amount,
                "result_seq": int,
                "corrected_at": no_time_or,
            },
        ),
    },
    "356": {"pool_id": an_id, "bet_id": an_id, "target": a_path, "amount": an_amount},
    "360": LISTED
    | STANDING
    | {
        "pool_id": an_id,
        "distribution": Each(a_path, BACKING | {"bets": Each(an_id, BET)}),
        "bets_total": int,
    },
    "361": LISTED
    | STANDING
    | {"pool_id": an_id, "distribution": DISTRIBUTION, "new_bets": [NEW_BET]},
    "362": RESOLVED,
    "362 cancelled": RESOLVED | {"winning_target": type(None), "reason": {str, type(None)}},
    "363": RESOLVED | {"expired_at": a_time},
    "366": {
        "game_id": an_id,
        "event_id": an_id,
        "action_id": str,
        "target_id": a_path,
        "target_display_name": str,
        "current_count": Each(a_path, int),
        "happened_at": a_time,
    },
    "367": {"game_id": an_id, "pool_id": an_id, "hot_since": a_time},
    "367 of an action": {"game_id": an_id, "hot_since": a_time, "pools": [an_id]},
    "368": {"game_id": an_id, "pool_id": an_id, "blocked_at": a_time},
    "369": {"game_id": an_id, "pool_id": an_id, "allowed_at": a_time},
    "370": {"game_id": an_id, "action": str, "action_id": str, "blocked_at": a_time},
    "371": {"game_id": an_id, "action": str, "action_id": str, "allowed_at": a_time},
    "3621": RESOLVED
    | {
        "winning_target": {str, type(None)},
        "previous_winning_target": {str, type(None)},
        "corrects_seq": int,
        "corrected_at": a_time,
        "reason": str,
    },
    "3622": {"game_id": an_id, "pool_id": an_id, "winning_target": a_path} | DECIDED,
    "3661": {
        "game_id": an_id,
        "event_id": an_id,
        "action_id": str,
        "target_id": a_path,
        "current_count": Each(a_path, int),
        "reason": str,
        "taken_back_at": a_time,
    },
    "3952": {"game_id": an_id, "pool_id": an_id},
    "3681": {
        "game_id": an_id,
        "pool_id": an_id,
        "target_id": a_path,
        "reason": str,
        "refunded": Each(a_user, an_amount),
        "participants": int,
        "amount_total": an_amount,
        "scratched_at": a_time,
    },
    "3991": {"pool_id": an_id},
    "3411": {"game_id": an_id, "pools": [an_id]},
    "341": {"game_id": an_id},
    "800": {"currency": str, "current_balance": an_amount},
    "810": {"currency": str, "available_balance": an_amount},
    "840": {"currency": str, "exposure": an_amount},
    "815": BALANCE | {"pool_id": an_id, "game_id": an_id},
    "815 credit": BALANCE,
    "901": CHAT | {"channel": an_id},
    "901 sent": CHAT | {"channels": [an_id]},
    "450": {"currency": str, "leaderboard": [PLACE]},
    "451": {"game_id": an_id, "currency": str, "leaderboard": [PLACE]},
    "666": REFUSAL,
    "666 with available_balance": REFUSAL | {"available_balance": an_amount},
    "666 with limit": REFUSAL | {"limit": int},
}
WATERMARK = {"seq": int}
POSITION = {"seq": int, "prev_seq": int}


def differences(value: object, shape: Shape, where: str = "") -> list[str]:
    """Return the differences between a value and its shape, a line each; none if it matches."""
    match shape:
        case dict():
            return _of_keys(value, shape, where)
        case Each(key=key, value=each):
            if not isinstance(value, dict):
                return [f"{where} is no object: {value!r}"]
            keys = [f"{where} has the key {name!r}" for name in value if not key(name)]
            return keys + [
                line for name in value for line in differences(value[name], each, f"{where}.{name}")
            ]
        case [each]:
            if not isinstance(value, list):
                return [f"{where} is no array: {value!r}"]
            return [line for one in value for line in differences(one, each, f"{where}[]")]
        case type() | set():
            types = shape if isinstance(shape, set) else {shape}
            return [] if type(value) in types else [f"{where} is {value!r}, not of {types}"]
        case _:
            return [] if shape(value) else [f"{where} is {value!r}: not {shape.__name__}"]


def _of_keys(value: object, shape: dict[Any, Shape], where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} is no object: {value!r}"]
    known = {each.name if isinstance(each, Optional) else each: shape[each] for each in shape}
    needed = {each for each in shape if not isinstance(each, Optional)}
    lines = [f"{where} lacks {name}" for name in sorted(needed - value.keys())]
    lines += [f"{where} has {name} too" for name in sorted(value.keys() - known.keys())]
    for name in known.keys() & value.keys():
        lines += differences(value[name], known[name], f"{where}.{name}")
    return lines

"""A JSON Schema of each response: its body, without header and position.

`protocol/messages.py` and `protocol/pool_messages.py` build the bodies. The tests check those of a
live server and the examples against these schemas.
"""

from typing import Final

from game.own_limits import LimitKind, Period
from game.vocabulary import PoolType
from protocol.op import Response
from protocol.schemas import (
    BACKING,
    COUNT,
    DECISION,
    ID,
    ID_OR_NULL,
    MONEY,
    MONEY_OR_NULL,
    NUMBER_OR_NULL,
    PLACE,
    TIME,
    TIME_OR_NULL,
    Schema,
    by,
    listed,
    record,
    text,
    text_or_null,
)

_TIMES = ("open_at", "live_start_at", "live_finish_at", "close_at")
_POOL_TYPE: Final[Schema] = {"type": "integer", "enum": [int(each) for each in PoolType]}
_TYPE_ID: Final[Schema] = ID_OR_NULL
_POOL_FIELDS = (
    *("game_id", "pool_id", "description", "action_id", "distribution", "participants"),
    *("amount_total", "target_level", "is_blocked", "is_hot", "start_at", "finish_at"),
    *("stop_accepting_bets_at", "recreate_on_end", "policy", "carried_in"),
    *("min_stake", "max_stake", "max_stake_per_user", "bet_delay", "confirm_for"),
)
_POOL: Final = record(*_POOL_FIELDS, type=_POOL_TYPE, optional=("decided",))
_FIGURES = ("game_id", "pool_id", "target_level", "participants", "amount_total")
_BET = ("user_id", "amount", "placed_at")
_CREATED = ("source_id", "game_id", "game_name", "type", *_TIMES, "hashtag")
_CHAT = ("text", "sender", "received_at", "message_id")
_SANCTIONED = ("user_id", "username")
_ENTRY: Final = record(
    *("at", "cause", "change", "current_balance", "available_balance"),
    id=PLACE,
    game_id=ID_OR_NULL,
    pool_id=ID_OR_NULL,
    seq=NUMBER_OR_NULL,
    reference=text_or_null("withdrawal-17"),
    owed=MONEY_OR_NULL,
)
_LIMITS_OF_PERIOD: Final = record(spend=MONEY_OR_NULL, loss=MONEY_OR_NULL)
_PENDING_LIMIT: Final = record(
    "at",
    period={"type": "string", "enum": [str(each) for each in Period]},
    kind={"type": "string", "enum": [str(each) for each in LimitKind]},
    amount=MONEY_OR_NULL,
)
_OPENED = record(*_CREATED, "actions", "targets")
_OF_GAME, _OF_POOL = record("game_id"), record("pool_id")
_RESOLVED_FIELDS = (
    *("game_id", "pool_id", "description", "winning_target", "winners", "losers"),
    *("invalidated_bettors", "is_money_return", "resolved_at", "winning_targets", "prices"),
    *("takeout", "breakage", "minus", "carried_out", "result_seq"),
)
_RESULT_FIELDS = (
    *("pool_id", "description", "action_id", "winning_target", "winning_targets"),
    *("is_money_return", "amount_total", "participants", "prices", "resolved_at"),
    *("result_seq", "corrected_at"),
)
_TOP_POOL = record("pool_id", "description", "closes_at", "is_blocked", "distribution")
_FOUND_GAME = record(
    *("game_id", "source_id", "source_name", "name", "hashtag", "status", "type_name", "currency"),
    *("open_at", "live_start_at", "close_at", "subscribers", "amount_total"),
    pools=COUNT,
    top_pool=_TOP_POOL | {"type": ["object", "null"]},
)
_LISTED: Final = record("game_id", "total", pools_list=by("pool id", _POOL))
_GAME_ROW = record("status", "name", "type_name", "open_at", "close_at", type=_TYPE_ID)
_UPCOMING_ROW = record(
    *("id", "source_id", "game_name", "currency", "live_start_at", "hashtag"),
    game_type_id=_TYPE_ID,
)

BODIES: Final[dict[Response, Schema]] = {
    Response.PONG: record(),
    Response.OPCODES: record(
        *("opcodes", "response_codes", "version", "policies"), limits={"type": "object"}
    ),
    Response.LOGON_SUCCESS: record("session_key", "connection_id"),
    Response.LOGON_FAIL_ALREADY_LOGGED_IN: record(),
    Response.RENEWED: record(expires_at=TIME),
    Response.USER_BALANCE_CURRENT: record("currency", "current_balance"),
    Response.USER_BALANCE_AVAILABLE: record("currency", "available_balance"),
    Response.USER_BALANCE_UPDATE: record(
        *("currency", "current_balance", "available_balance", "cause"),
        optional=("pool_id", "game_id"),
    ),
    Response.USER_EXPOSURE: record("currency", "exposure"),
    Response.USER_STATEMENT: record(
        *("currency", "opening_balance", "closing_balance"),
        entries=listed(_ENTRY),
        before=NUMBER_OR_NULL,
    ),
    Response.MY_LIMITS: record(
        "currency",
        limits=record(day=_LIMITS_OF_PERIOD, week=_LIMITS_OF_PERIOD, month=_LIMITS_OF_PERIOD),
        pending=listed(_PENDING_LIMIT),
        running_break=record("until") | {"type": ["object", "null"]},
        currencies=listed(text("DON")),
    ),
    Response.BREAK_TAKEN: record(until=TIME_OR_NULL),
    Response.TEXT_MESSAGE: record(*_CHAT, optional=("channel", "channels")),
    Response.USER_MUTED: record(
        *_SANCTIONED, game_id=ID_OR_NULL, source_id=ID_OR_NULL, until=TIME_OR_NULL
    ),
    Response.USER_UNMUTED: record(*_SANCTIONED, game_id=ID_OR_NULL, source_id=ID_OR_NULL),
    Response.USER_BANNED: record("source_id", *_SANCTIONED, until=TIME_OR_NULL),
    Response.BAN_LIFTED: record("source_id", *_SANCTIONED),
    Response.SLOW_MODE_SET: record("game_id", ms=COUNT),
    Response.MESSAGE_REMOVED: record("game_id", "message_id"),
    Response.LEADERBOARD: record("currency", "leaderboard"),
    Response.LEADERBOARD_FOR_GAME: record("game_id", "currency", "leaderboard"),
    Response.BETTING_POOL_OPENED: record("game_id", "pool_id", "description", type=_POOL_TYPE),
    Response.NEW_BETTING_POOL: _POOL,
    Response.MY_OPEN_POOLS_FOR_GAME: _LISTED,
    Response.ALL_POOLS_FOR_GAME: _LISTED,
    Response.MY_RUNNING_POOLS_FOR_GAME: record(
        *("game_id", "total"),
        pools_list=by(
            "pool id", record(*_POOL_FIELDS, "user_backed", type=_POOL_TYPE, optional=("decided",))
        ),
    ),
    Response.MY_RESOLVED_POOLS_FOR_GAME: record(
        *("game_id", "total"),
        pools_list=by(
            "pool id",
            record(
                *_POOL_FIELDS,
                *("user_backed", "winning_target", "resolved_at", "total_winnings"),
                *("winning_targets", "prices", "result_seq", "corrected_at"),
                type=_POOL_TYPE,
            ),
        ),
    ),
    Response.RESOLVED_POOLS_FOR_GAME: record(
        *("game_id", "total"), pools=listed(record(*_RESULT_FIELDS, type=_POOL_TYPE))
    ),
    Response.BET_PLACED: record("pool_id", "bet_id", "target", "amount"),
    Response.POOL_BETS_DISTRIBUTION: record(
        *_FIGURES,
        "bets_total",
        distribution=by(
            "target id",
            record(*BACKING, optional=("is_scratched",), bets=by("bet id", record(*_BET))),
        ),
    ),
    Response.RECEIPT: record(
        *("game_id", "pool_id", "resolved_at", "policy", "carried_in", "winning_targets"),
        *("is_money_return", "reason", "prices", "takeout", "breakage", "minus", "carried_out"),
        "bets_total",
        result_seq=COUNT,
        event_id=ID_OR_NULL,
        void_after=TIME_OR_NULL,
        scratched=listed(text("brazil")),
        payouts=by("user id", MONEY),
        bets=listed(record(*_BET, "target_id", hash=text("9f86d081884c7d65"))),
    ),
    Response.BETS_DISTRIBUTION_CHANGED: record(
        *_FIGURES,
        "distribution",
        "new_bets_omitted",
        optional=("new_bets_omitted",),
        new_bets=listed(record("bet_id", "target_id", *_BET)),
    ),
    Response.BET_POOL_RESOLVED: record(*_RESOLVED_FIELDS, optional=("reason",)),
    Response.BET_POOL_EXPIRED: record(*_RESOLVED_FIELDS, "expired_at", optional=("reason",)),
    Response.BET_POOL_CORRECTED: record(
        *_RESOLVED_FIELDS,
        *("previous_winning_target", "corrects_seq", "reason"),
        corrected_at=TIME,
    ),
    Response.BET_POOL_DECIDED: record(*("game_id", "pool_id", "winning_target"), *DECISION),
    Response.GAME_EVENT_REGISTERED: record(
        *("game_id", "event_id", "action_id", "target_id", "target_display_name", "happened_at"),
        optional=("together_with",),
        current_count=by("target id", COUNT),
    ),
    Response.GAME_EVENT_TAKEN_BACK: record(
        *("game_id", "event_id", "action_id", "target_id", "reason", "taken_back_at"),
        current_count=by("target id", COUNT),
    ),
    Response.POOL_SUGGESTED_AS_HOT: record("game_id", "hot_since", optional=("pool_id", "pools")),
    Response.TARGET_SCRATCHED: record(
        *("game_id", "pool_id", "target_id", "reason", "refunded", "participants"),
        *("amount_total", "scratched_at"),
    ),
    Response.BETTING_IN_POOL_BLOCKED: record("game_id", "pool_id", "blocked_at"),
    Response.BETTING_IN_POOL_ALLOWED: record("game_id", "pool_id", "allowed_at"),
    Response.BETTING_FOR_ACTION_BLOCKED: record("game_id", "action", "action_id", "blocked_at"),
    Response.BETTING_FOR_ACTION_ALLOWED: record("game_id", "action", "action_id", "allowed_at"),
    Response.BETTING_POOL_CANCELLED: _OF_POOL,
    Response.BETTING_POOL_CONFIRMED: record("game_id", "pool_id"),
    Response.GAME_CLOSING: record("game_id", "pools"),
    Response.GAME_JOINED: record("game_id", "status", optional=("resync",)),
    Response.GAME_LEFT: _OF_GAME,
    Response.GAME_SOURCE_OPENED: record("source_id"),
    Response.GAME_SOURCE_CLOSED: record("source_id"),
    Response.GAME_SOURCE_CLOSING: record("source_id", games=listed(ID)),
    Response.GAME_CREATED_AND_OPENED: _OPENED,
    Response.GAME_CREATED: record(*_CREATED),
    Response.GAME_OPENED: _OPENED,
    Response.GAME_CLOSED: _OF_GAME,
    Response.GAME_DETAILS: record(
        *("status", "source_id", "game_id", "name", "game_name", "hashtag", "image_url"),
        *("past_events_total", "actions", "currency", "type_name", "targets", *_TIMES),
        "bet_delay",
        type=_TYPE_ID,
        past_events=by(
            "event id",
            record(
                *("happened_at", "target_id", "action_id"),
                optional=("taken_back_at", "together_with"),
            ),
        ),
        game_state=by("action id", by("target id", COUNT)),
    ),
    Response.GAME_DETAILS_UPDATED: _OF_GAME,
    Response.GAMES_LIST_FOR_SOURCE: record("source_id", "total", games=by("game id", _GAME_ROW)),
    Response.UPCOMING_GAMES_LIST_FOR_SOURCE: record(
        "source_id", "total", games=listed(_UPCOMING_ROW)
    ),
    Response.GAMES_LIST: record("total", games=listed(_FOUND_GAME)),
    Response.USER_JOINED_GAME: record("game_id", "user_id", "user_name"),
    Response.GAME_PRESENCE: record("game_id", "subscribers", "users"),
    Response.USER_LEFT_GAME: record("game_id", "user_id", "user_name"),
    Response.APPOINT_ADMIN_FOR_GAME_SUCCESS: record("game_id", "username"),
    Response.DISMISS_ADMIN_FOR_GAME_SUCCESS: record("game_id", "username"),
    Response.GAMES_LIST_I_AM_ADMIN_OF: record("total", games=listed(record("id", "name"))),
    Response.GAME_SOURCES_LIST_I_AM_ADMIN_OF: record(
        "may_open_sources",
        sources=listed(record("id", "name", description=text_or_null("All our matches"))),
    ),
    Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS: _OF_GAME,
    Response.BECOME_AN_ADMIN_FOR_GAME_FAIL: record(
        "game_id", reason=text("This game already has enough admins.")
    ),
    Response.ERROR: record(
        *("text", "code", "op", "retryable"),
        optional=(
            *("parameter", "available_balance", "limit", "at_least", "retry_after_ms"),
            *("trace_id", "until"),
        ),
    ),
}

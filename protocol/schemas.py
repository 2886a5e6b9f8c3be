"""The JSON Schemas of the fields of messages, for `protocol/asyncapi.py`.

A field means the same in every message. `FIELDS` therefore defines it once, and the schema of a
message is a list of names (`protocol/response_schemas.py`).
"""

from collections.abc import Sequence
from typing import Any, Final

from game.commands import PlaceBet
from game.policy import DeadHeat, Unbacked
from game.refusals import Code
from game.vocabulary import Status
from protocol.op import Response
from protocol.ops import BY_COMMAND

Schema = dict[str, Any]

ID: Final[Schema] = {
    "type": "string",
    "format": "uuid",
    "examples": ["00000000-0000-5000-8000-000000000001"],
}
TIME: Final[Schema] = {
    "type": "integer",
    "description": "epoch milliseconds",
    "examples": [1_800_000_000_000],
}
TIME_OR_NULL: Final[Schema] = TIME | {"type": ["integer", "null"]}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0, "examples": [2]}
PLACE: Final[Schema] = {"type": "integer", "minimum": 1, "examples": [1]}
USER_ID: Final[Schema] = {"type": "integer", "minimum": 1, "examples": [17]}
MONEY: Final[Schema] = {
    "type": "number",
    "format": "amount",
    "description": "an amount, with at most two decimals",
    "examples": [2.5],
}
MONEY_OR_NULL: Final[Schema] = MONEY | {"type": ["number", "null"]}
ID_OR_NULL: Final[Schema] = ID | {"type": ["string", "null"]}
FLAG: Final[Schema] = {"type": "boolean", "examples": [False]}
NUMBER_OR_NULL: Final[Schema] = {"type": ["integer", "null"], "examples": [3]}


def text(example: str) -> Schema:
    """Return the schema of a string."""
    return {"type": "string", "examples": [example]}


def text_or_null(example: str) -> Schema:
    """Return the schema of a string or null."""
    return {"type": ["string", "null"], "examples": [example]}


def listed(items: Schema) -> Schema:
    """Return the schema of an array."""
    return {"type": "array", "items": items}


def by(key: str, values: Schema) -> Schema:
    """Return the schema of an object whose keys are ids, such as 'pool id'."""
    return {"type": "object", "description": f"by {key}", "additionalProperties": values}


def ref(name: str) -> Schema:
    """Return a reference to a schema of `SHARED`."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(*names: str, optional: Sequence[str] = (), **own: Schema) -> Schema:
    """Return the schema of an object with these fields. `own`: fields with schemas of their own."""
    properties = {name: FIELDS[name] for name in (*names, *optional) if name not in own} | own
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


FIELDS: Final[dict[str, Schema]] = {
    **dict.fromkeys(("game_id", "source_id", "pool_id", "bet_id", "event_id", "id"), ID),
    "together_with": ID,
    **dict.fromkeys(("connection_id", "session_key", "channel", "trace_id", "message_id"), ID),
    **dict.fromkeys(("open_at", "live_start_at", "happened_at", "start_at", "resolved_at"), TIME),
    **dict.fromkeys(("placed_at", "hot_since", "blocked_at", "allowed_at"), TIME),
    **dict.fromkeys(
        ("received_at", "expired_at", "scratched_at", "confirm_at", "taken_back_at", "at"), TIME
    ),
    **dict.fromkeys(("close_at", "live_finish_at", "finish_at"), TIME_OR_NULL),
    **dict.fromkeys(("stop_accepting_bets_at", "closes_at", "corrected_at"), TIME_OR_NULL),
    "until": TIME_OR_NULL,
    **dict.fromkeys(("seq", "prev_seq", "total", "past_events_total", "participants"), COUNT),
    **dict.fromkeys(("bets_total", "new_bets_omitted", "backing_people", "subscribers"), COUNT),
    **dict.fromkeys(
        ("users", "retry_after_ms", "result_seq", "corrects_seq", "confirm_for"), COUNT
    ),
    "bet_delay": COUNT | {"examples": [5_000]},
    **dict.fromkeys(("target_level", "rank"), PLACE),
    "limit": {"type": "number", "minimum": 0, "examples": [1_000]},
    "user_id": USER_ID,
    **dict.fromkeys(("opening_balance", "closing_balance", "change"), MONEY),
    **dict.fromkeys(("amount", "amount_total", "current_balance", "available_balance"), MONEY),
    **dict.fromkeys(("exposure", "points", "backing_money", "total_winnings"), MONEY),
    **dict.fromkeys(("carried_in", "carried_out", "breakage", "minus", "at_least"), MONEY),
    **dict.fromkeys(("min_stake", "max_stake", "max_stake_per_user"), MONEY_OR_NULL),
    **dict.fromkeys(("takeout", "break_to"), MONEY),
    "minimum": MONEY_OR_NULL,
    "dead_heat": {"type": "string", "enum": [str(each) for each in DeadHeat]},
    "unbacked": {"type": "string", "enum": [str(each) for each in Unbacked]},
    "to_win_if_backed": {"type": "number", "minimum": 1, "examples": [1.75]},
    **dict.fromkeys(("is_blocked", "is_hot", "recreate_on_end", "is_money_return"), FLAG),
    "may_open_sources": FLAG,
    **dict.fromkeys(("resync", "retryable", "is_scratched"), FLAG),
    "status": {"type": "string", "enum": [str(status) for status in Status]},
    "game_name": text("Argentina - Brazil"),
    "name": text("Argentina - Brazil"),
    "source_name": text("FIFA"),
    "hashtag": text("ArgentinaBrazil"),
    "type": text_or_null("football"),
    "type_name": text_or_null("football"),
    "image_url": text_or_null("https://toteboard.example/cup.png"),
    "currency": text("DON"),
    "version": text("0.1.0"),
    **dict.fromkeys(("action_id", "action"), text("goal")),
    **dict.fromkeys(("target_id", "target"), text("brazil")),
    **dict.fromkeys(("display_name", "target_display_name"), text("Brazil")),
    "symbol": text("B"),
    "description": text("Who scores the next goal?"),
    **dict.fromkeys(("winning_target", "previous_winning_target"), text_or_null("brazil")),
    "reason": text_or_null("rain"),
    "cause": {
        "type": "string",
        "enum": [
            *("bet", "payout", "refund", "loss", "correction"),
            *("credit", "debit", "hold", "release"),
        ],
    },
    **dict.fromkeys(("user_name", "username", "sender"), text("ann")),
    "text": text("What a goal!"),
    "code": {"type": "string", "enum": [str(code) for code in Code]},
    "op": NUMBER_OR_NULL,
    "parameter": text("game_id"),
    "pools": listed(ID),
    "channels": listed(ID),
    "invalidated_bettors": listed(USER_ID),
    **dict.fromkeys(("winners", "losers", "refunded"), by("user id", MONEY)),
    "winning_targets": listed(text("brazil")),
    "prices": by("target id", {"type": "number", "minimum": 1, "examples": [1.75]}),
    "policy": ref("policy"),
    "decided": ref("decision"),
    "policies": by("name", ref("policy_values")),
    "actions": by("action id", {"type": "object", "properties": {"name": text("Goal")}}),
    "targets": by("target id", ref("target")),
    "distribution": by("target id", ref("backing")),
    "user_backed": by("target id", MONEY),
    "leaderboard": listed(ref("place")),
    "opcodes": by("name", {"type": "integer", "examples": [BY_COMMAND[PlaceBet].code]}),
    "response_codes": by("name", {"type": "integer", "examples": [Response.BET_PLACED.value]}),
}
BACKING: Final = (
    *("target_id", "display_name", "symbol", "backing_people", "backing_money"),
    "to_win_if_backed",
)
"""The fields of the stakes on one target."""

_POLICY: Final = ("takeout", "break_to", "minimum", "dead_heat", "unbacked")
"""The fields of a policy. Its takeout is in per cent."""

DECISION: Final = ("winning_targets", "event_id", "confirm_at")
"""The fields of a result that waits for its confirmation."""

SHARED: Final[dict[str, Schema]] = {
    "target": record("symbol", "display_name", "targets"),
    "backing": record(*BACKING, optional=("is_scratched",)),
    "policy_values": record(*_POLICY),
    "policy": record(*_POLICY, name=text("tote")),
    "decision": record(*DECISION),
    "place": record("username", "points", "rank"),
}
"""Schemas that other schemas refer to by `ref`. The schema of a target refers to itself."""

_KEYS: Final = {"user id": "17", "target id": "brazil", "action id": "goal", "name": "ping"}


def example_of(schema: Schema) -> Any:
    """Return a value that fits the schema. A schema that refers to itself gets one level."""
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {
            field: {}
            if SHARED[name] is SHARED["target"] and field == "targets"
            else example_of(own)
            for field, own in SHARED[name]["properties"].items()
        }
    if schema["type"] == "array":
        return [example_of(schema["items"])]
    if "additionalProperties" in schema:
        key = _KEYS.get(schema["description"].removeprefix("by "), ID["examples"][0])
        return {key: example_of(schema["additionalProperties"])}
    return {name: example_of(own) for name, own in schema.get("properties", {}).items()}

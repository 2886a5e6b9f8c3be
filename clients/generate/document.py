"""What the generator reads from the AsyncAPI document: ops, messages and the objects in them.

Two additions to the standard make the clients pleasant: `x-method` names the method of an op, and
the format `amount` marks money. Everything else is as any AsyncAPI document has it.
"""

import json
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path
from typing import Any, Final

from attrs import Factory, define, frozen

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "reference" / "asyncapi.json"
ERROR: Final = "error"
Schema = dict[str, Any]

NAMES: Final = {
    "user_statement.entries": "StatementEntry",
    "my_limits.limits": "LimitsByPeriod",
    **dict.fromkeys(
        (f"my_limits.limits.{period}" for period in ("day", "week", "month")), "LimitsOfPeriod"
    ),
    "my_limits.pending": "PendingLimit",
    "my_limits.running_break": "RunningBreak",
    "my_open_pools_for_game.pools_list": "Pool",
    "all_pools_for_game.pools_list": "Pool",
    "my_running_pools_for_game.pools_list": "RunningPool",
    "my_resolved_pools_for_game.pools_list": "ResolvedPool",
    "pool_bets_distribution.distribution": "BackingWithBets",
    "pool_bets_distribution.distribution.bets": "Bet",
    "bets_distribution_changed.new_bets": "NewBet",
    "receipt.bets": "ReceiptBet",
    "game_created_and_opened.actions": "Action",
    "game_opened.actions": "Action",
    "game_details.actions": "Action",
    "game_details.past_events": "PastEvent",
    "games_list_for_source.games": "ListedGame",
    "upcoming_games_list_for_source.games": "UpcomingGame",
    "games_list_i_am_admin_of.games": "MyGame",
    "game_sources_list_i_am_admin_of.sources": "MySource",
    "games_list.games": "FoundGame",
    "games_list.games.top_pool": "TopPool",
    "resolved_pools_for_game.pools": "PoolResult",
}
"""The class of an object, by message and field. Another one is named after both."""


def pascal(name: str) -> str:
    """Return a name in the style of classes: `BetPlaced` for `bet_placed`."""
    return "".join(part.capitalize() for part in name.split("_"))


@frozen
class Field:
    """A field of an object or a parameter of an op."""

    name: str
    schema: Schema
    is_required: bool
    place: str
    """Where it is, for the names of the objects in it: `game_details.actions`."""

    @property
    def variable(self) -> str:
        """Return a name for it in a program: `from_` for `from`, which is a keyword."""
        return f"{self.name}_" if iskeyword(self.name) else self.name


@frozen
class Message:
    """A reply or a publication."""

    name: str
    code: int
    fields: tuple[Field, ...]
    is_published: bool

    @property
    def class_name(self) -> str:
        """Return the name of its class."""
        return pascal(self.name)


@frozen
class Operation:
    """An op: its method, its parameters, and the names of its replies."""

    code: int
    name: str
    method: str
    summary: str
    parameters: tuple[Field, ...]
    replies: tuple[str, ...]
    changes: bool

    def has(self, parameter: str) -> bool:
        """Return whether it has a parameter of this name."""
        return any(each.name == parameter for each in self.parameters)


@define
class Document:
    """A whole AsyncAPI document of the server. `parts`: the objects inside messages, by class."""

    operations: list[Operation]
    messages: list[Message]
    refusals: list[str]
    parts: dict[str, tuple[Field, ...]] = Factory(dict)

    def part(self, field: Field, schema: Schema) -> str:
        """Return the class of an object in a field."""
        name = NAMES.get(field.place) or pascal(field.place.replace(".", "_"))
        self.add_part(name, field.place, schema)
        return name

    def add_part(self, name: str, place: str, schema: Schema) -> None:
        """Note the fields of a class. Raises `ValueError` if two objects have its name."""
        fields = tuple(_fields(schema, place))
        shape = [(each.name, each.is_required) for each in fields]
        known = self.parts.setdefault(name, fields)
        if [(each.name, each.is_required) for each in known] != shape:
            raise ValueError(f"{place}: another object is called {name}")


def read(path: Path = DOCUMENT) -> Document:
    """Read the document."""
    raw = json.loads(path.read_text())
    payloads = {name: each["payload"] for name, each in raw["components"]["messages"].items()}
    *received, (_, sent) = raw["operations"].items()
    published = {_last(each) for each in sent["messages"]}
    messages = [
        _message(name, payload, name in published)
        for name, payload in payloads.items()
        if name.startswith("res_")
    ]
    refusals = payloads[f"res_666_{ERROR}"]["properties"]["code"]["enum"]
    document = Document(
        [_operation(name, each, payloads) for name, each in received], messages, refusals
    )
    for name, schema in raw["components"]["schemas"].items():
        document.add_part(pascal(name), name, schema)
    return document


def _message(name: str, payload: Schema, is_published: bool) -> Message:
    _, code, own = name.split("_", 2)
    fields = (each for each in _fields(payload, own) if each.name not in ("response_header", "res"))
    return Message(own, int(code), tuple(fields), is_published)


def _operation(name: str, operation: Schema, payloads: dict[str, Schema]) -> Operation:
    (request,) = operation["messages"]
    payload = payloads[_last(request)]
    parameters = (each for each in _fields(payload, name) if each.name not in ("header", "op"))
    replies = (_last(each).split("_", 2)[2] for each in operation["reply"]["messages"])
    return Operation(
        code=payload["properties"]["op"]["const"],
        name=name,
        method=operation["x-method"],
        summary=operation["summary"],
        parameters=tuple(parameters),
        replies=tuple(each for each in replies if each != ERROR),
        changes="idempotency_key" in payload["properties"]["header"]["properties"],
    )


def _fields(schema: Schema, place: str) -> Iterator[Field]:
    for name, own in schema["properties"].items():
        yield Field(name, own, name in schema.get("required", ()), f"{place}.{name}")


def _last(reference: Schema) -> str:
    return str(reference["$ref"].rpartition("/")[2])

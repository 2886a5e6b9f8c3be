"""Prints the generated modules of the Python client (clients/python)."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from clients.generate.document import ERROR, Document, Field, Operation, Schema, pascal

HEAD: Final = '"""{about} Generated from docs/reference/asyncapi.json: `make docs`."""\n\n'
SIMPLE: Final = {"string": "str", "integer": "int", "boolean": "bool"}
KEYS: Final = {"by user id": "int"}


def modules(document: Document) -> dict[str, str]:
    """Return the text of each module by its name."""
    return {
        "messages.py": formatted(messages(document)),
        "operations.py": formatted(operations(document, is_async=True)),
        "sync_operations.py": formatted(operations(document, is_async=False)),
        "requests.py": formatted(requests(document)),
        "refusals.py": formatted(refusals(document)),
    }


def formatted(text: str) -> str:
    """Format a module as ruff does."""
    command = [sys.executable, "-m", "ruff", "format", "--line-length", "100", "-"]
    done = subprocess.run(command, input=text, text=True, check=True, capture_output=True)
    return done.stdout


# Messages.


def messages(document: Document) -> str:
    """Return the classes of all replies and publications, and of the objects in them."""
    shown = [each for each in document.messages if each.name != ERROR]
    bodies = {each.class_name: [*_fields(document, each.fields)] for each in shown}
    parts = _parts(document)
    lines = [HEAD.format(about="The replies and publications.")]
    lines += ["from dataclasses import dataclass\nfrom typing import Any, ClassVar, Final\n"]
    lines += ["from toteboard_client.money import Money"]
    lines += ["from toteboard_client.reading import Part, Received\n"]
    lines += [f"__all__ = {sorted(chain(parts, bodies, ['PUBLICATIONS']))}\n"]
    for name, fields in parts.items():
        lines += [_class(name, "Part", f"An object in a message: {name}.", fields)]
    for each in shown:
        fields = [f"RES: ClassVar[int] = {each.code}", *bodies[each.class_name]]
        lines += [_class(each.class_name, "Received", f"{each.code} {each.name}.", fields)]
    published = ", ".join(each.class_name for each in shown if each.is_published)
    lines += [f"PUBLICATIONS: Final = frozenset(({published}))"]
    lines += ['"""The classes that a game or an account can publish."""']
    return "\n".join(lines)


def _parts(document: Document) -> dict[str, list[str]]:
    printed: dict[str, list[str]] = {}
    while missing := [name for name in document.parts if name not in printed]:
        printed |= {name: [*_fields(document, document.parts[name])] for name in missing}
    return printed


def _class(name: str, base: str, about: str, fields: Iterable[str]) -> str:
    body = "".join(f"    {each}\n" for each in fields)
    return (
        f'@dataclass(frozen=True, kw_only=True)\nclass {name}({base}):\n    """{about}"""\n\n{body}'
    )


def _fields(document: Document, fields: Iterable[Field]) -> Iterator[str]:
    for each in fields:
        hint = _type(document, each, each.schema)
        if each.is_required:
            yield f"{each.name}: {hint}"
        else:
            yield f"{each.name}: {_or_none(hint)} = None"


def _or_none(hint: str) -> str:
    """Return the hint of what may be missing. A hint in quotes, of a later class, stays in them."""
    given = hint.removesuffix(" | None")
    return f'"{given[1:-1]} | None"' if given.startswith('"') else f"{given} | None"


def _type(document: Document, field: Field, schema: Schema) -> str:
    kind: Any = schema.get("type", "object")
    if isinstance(kind, list):
        (given,) = (each for each in kind if each != "null")
        inner = _type(document, field, schema | {"type": given})
        return f'{inner[:-1]} | None"' if inner.endswith('"') else f"{inner} | None"
    if "$ref" in schema:
        return f'"{pascal(schema["$ref"].rpartition("/")[2])}"'
    if kind == "array":
        return f"list[{_type(document, field, schema['items'])}]"
    if "additionalProperties" in schema:
        key = KEYS.get(schema.get("description", ""), "str")
        return f"dict[{key}, {_type(document, field, schema['additionalProperties'])}]"
    if "properties" in schema:
        return f'"{document.part(field, schema)}"'
    if kind == "number":
        return "Money" if schema.get("format") == "amount" else "float"
    return SIMPLE.get(kind, "dict[str, Any]")


# Operations.


def operations(document: Document, *, is_async: bool) -> str:
    """Return the methods of all ops: for a session, and for a game without its id."""
    ops, prefix = document.operations, "" if is_async else "Sync"
    replies = sorted({pascal(reply) for op in ops for reply in op.replies})
    about = "The methods of the ops" + ("." if is_async else ", sync.")
    lines = [HEAD.format(about=about)]
    lines += ["from abc import ABC, abstractmethod", "from collections.abc import Mapping"]
    lines += ["from typing import Any, Final, Literal\n"]
    lines += [f"from toteboard_client._generated.messages import {', '.join(replies)}"]
    lines += ["from toteboard_client.ids import GameId, PoolId, game_id_of, pool_id_of"]
    lines += ["from toteboard_client.limits import limits_to_wire"]
    lines += ["from toteboard_client.money import Amount, Money\n"]
    if is_async:
        changing = ", ".join(str(op.code) for op in ops if op.changes)
        lines += [f"CHANGING: Final = frozenset(({changing}))"]
        lines += ['"""The ops that change something, and accept an idempotency key."""\n']
    lines += [_operations_class(f"{prefix}SessionOperations", "", ops, is_async)]
    in_game = [op for op in ops if op.has("game_id") or op.has("pool_id")]
    in_game = [op for op in in_game if op.method != "join_game"]
    lines += [_operations_class(f"{prefix}GameOperations", "game_id", in_game, is_async)]
    text = "\n".join(lines)
    return text if is_async else text.replace("import Any, Final, Literal", "import Any, Literal")


def _operations_class(name: str, known: str, ops: Iterable[Operation], is_async: bool) -> str:
    about = "Each op as a method, for one game and its pools." if known else "Each op as a method."
    lines = [f'class {name}(ABC):\n    """{about}"""\n']
    lines += [f"    {known}: str\n"] if known else []
    define = "async def" if is_async else "def"
    signature = "self, op: int, parameters: dict[str, Any], key: str | None"
    lines += [f"    @abstractmethod\n    {define} _perform({signature}) -> Any: ...\n"]
    lines += [_method(op, known, is_async) for op in ops]
    return "\n".join(lines)


def _method(op: Operation, known: str, is_async: bool) -> str:
    define, wait = ("async def", "await ") if is_async else ("def", "")
    returned = " | ".join(pascal(each) for each in op.replies)
    return "\n".join(
        [
            f"    {define} {op.method}({_signature(op, known)}) -> {returned}:",
            f'        """{op.summary} Op {op.code}."""',
            f"        reply: {returned} = {wait}self._perform({op.code}, {_values(op, known)}, "
            f"{'key' if op.changes else 'None'})",
            "        return reply\n",
        ]
    )


def _signature(op: Operation, known: str) -> str:
    given = [each for each in op.parameters if each.name != known]
    required = [f"{each.variable}: {_parameter_type(each)}" for each in given if each.is_required]
    optional = [
        f"{each.variable}: {_parameter_type(each)} | None = None"
        for each in given
        if not each.is_required
    ]
    optional += ["key: str | None = None"] if op.changes else []
    return ", ".join(["self", *required, *(["*", *optional] if optional else [])])


def _parameter_type(parameter: Field) -> str:
    match parameter.name, parameter.schema:
        case "game_id", _:
            return "GameId"
        case "pool_id", _:
            return "PoolId"
        case _, {"type": "array"}:
            return "list[str] | tuple[str, ...]"
        case "limits", _:
            return "Mapping[str, Mapping[str, Amount]]"
        case _, {"enum": values}:
            return f"Literal[{', '.join(repr(each) for each in values)}]"
        case _, {"format": "amount"}:
            return "Amount"
        case _, {"type": str(kind)}:
            return SIMPLE[kind]
    raise ValueError(f"{parameter.place} has no simple type")


def _values(op: Operation, known: str) -> str:
    return "{" + ", ".join(f'"{each.name}": {_value(each, known)}' for each in op.parameters) + "}"


def _value(parameter: Field, known: str) -> str:
    name = parameter.variable
    if name == known:
        return f"self.{name}"
    converted = _converted(parameter)
    if converted == name or parameter.is_required:
        return converted
    return f"None if {name} is None else {converted}"


def _converted(parameter: Field) -> str:
    name = parameter.variable
    if name in ("game_id", "pool_id"):
        return f"{name}_of({name})"
    if name == "limits":
        return f"limits_to_wire({name})"
    return f"Money({name})" if parameter.schema.get("format") == "amount" else name


# Requests, as on the wire.


def requests(document: Document) -> str:
    """Return `ask`, which sends an op by its code, with the parameters of each op."""
    ops = document.operations
    lines = [HEAD.format(about="Requests by op code, as on the wire.")]
    lines += ["from abc import ABC, abstractmethod", "from collections.abc import Mapping"]
    lines += ["from typing import Any, Literal, NotRequired, TypedDict, Unpack, overload\n"]
    lines += ["from toteboard_client.errors import Message"]
    lines += ["from toteboard_client.money import Money\n"]
    for op in ops:
        if op.parameters and _sent_type(op) != "Any":
            fields = "".join(f"    {each.name}: {_sent_field(each)}\n" for each in op.parameters)
            lines += [f"class {_sent_name(op)}(TypedDict):\n{fields}"]
    lines += [_requests_class("Requests", ops, "async ", "await ")]
    lines += [_requests_class("SyncRequests", ops, "", "")]
    return "\n".join(lines)


_ASK: Final = '''
    {wait}def ask(self, op: int, *, key: str | None = None, **parameters: Any) -> Message:
        """Send a request by op code, with parameters and reply as on the wire.

        Raises `RefusedError`; `TypeError`, with nothing sent, if JSON cannot express a parameter;
        `SignInRefusedError` and `SessionClosedError` at the end.
        """
        return {awaited}self._ask(op, parameters, key)
'''


def _requests_class(name: str, ops: Iterable[Operation], wait: str, awaited: str) -> str:
    lines = [f'class {name}(ABC):\n    """Each op by its code."""\n']
    signature = "self, op: int, parameters: Message, key: str | None"
    lines += [f"    @abstractmethod\n    {wait}def _ask({signature}) -> Message: ...\n"]
    for op in ops:
        given = ["self", f"op: Literal[{op.code}]"]
        given += ["*, key: str | None = None"] if op.changes else []
        given += [f"**parameters: {_sent_type(op)}"] if op.parameters else []
        lines += [f"    @overload\n    {wait}def ask({', '.join(given)}) -> Message: ..."]
    return "\n".join([*lines, _ASK.format(wait=wait, awaited=awaited)])


def _sent_name(op: Operation) -> str:
    return f"_{pascal(op.name)}"


def _sent_type(op: Operation) -> str:
    """Return the hint of an op's parameters. A keyword as a name can only be in a dict: `from`."""
    is_call = all(each.variable == each.name for each in op.parameters)
    return f"Unpack[{_sent_name(op)}]" if is_call else "Any"


def _sent_field(parameter: Field) -> str:
    hint = _sent(parameter.schema)
    return hint if parameter.is_required else f"NotRequired[{hint}]"


def _sent(schema: Schema) -> str:
    match schema:
        case {"enum": values}:
            return f"Literal[{', '.join(repr(each) for each in values)}]"
        case {"format": "amount"}:
            return "float | Money"
        case {"items": item}:
            return f"list[{_sent(item)}] | tuple[{_sent(item)}, ...]"
        case {"properties": _}:
            return "Mapping[str, Mapping[str, float | str | Money]]"  # The limits of a player.
    return SIMPLE[schema["type"]]


# Refusals.


def refusals(document: Document) -> str:
    """Return an exception class for each code of a refusal."""
    names = {code: pascal(code) + "Error" for code in document.refusals}
    lines = [HEAD.format(about="The refusals, a class for each code.")]
    lines += ["from toteboard_client.errors import RefusedError\n"]
    lines += [f"__all__ = {sorted(names.values())}\n"]
    for code, name in names.items():
        lines += [
            f'class {name}(RefusedError):\n    """The code `{code}`."""\n\n    CODE = "{code}"\n'
        ]
    return "\n".join(lines)

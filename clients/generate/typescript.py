"""Prints the generated modules of the JavaScript client (clients/js): types, shapes and methods."""

from collections.abc import Iterable
from typing import Any, Final

from clients.generate.document import ERROR, Document, Field, Message, Operation, Schema, pascal

HEAD: Final = "// {about} Generated from docs/reference/asyncapi.json: `make docs`.\n"
SIMPLE: Final = {"string": "string", "integer": "number", "boolean": "boolean"}
MONEY: Final = "MONEY"


def modules(document: Document) -> dict[str, str]:
    """Return the text of each module by its name."""
    return {
        "messages.d.ts": messages(document),
        "requests.d.ts": requests(document),
        "shapes.js": shapes(document),
        "operations.js": operations(document),
    }


def camel(name: str) -> str:
    """Return a name in the style of methods: `placeBet` for `place_bet`."""
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


# Types.


def messages(document: Document) -> str:
    """Return an interface for each message, and for each object in one."""
    shown = [each for each in document.messages if each.name != ERROR]
    bodies = [_message(document, each) for each in shown]
    lines = [HEAD.format(about="The replies and publications.")]
    lines += ['import type { Money } from "../money.js";\n']
    lines += [_HEADER, *_parts(document), *bodies, _error(document)]
    lines += [_union("Publication", (each for each in shown if each.is_published))]
    lines += [_union("Received", shown)]
    return "\n".join(lines)


def _union(name: str, messages: Iterable[Message]) -> str:
    return f"export type {name} =" + "".join(f"\n  | {m.class_name}" for m in messages) + ";\n"


_HEADER: Final = """export interface ResponseHeader {
  t: number;
  request_id?: string | number;
  repeated?: boolean;
}
"""


def _parts(document: Document) -> list[str]:
    printed: dict[str, str] = {}
    while missing := [name for name in document.parts if name not in printed]:
        for name in missing:
            printed[name] = _interface(name, _lines(document, document.parts[name]))
    return list(printed.values())


def _message(document: Document, message: Message) -> str:
    own = ["response_header: ResponseHeader;", f"res: {message.code};"]
    return _interface(message.class_name, [*own, *_lines(document, message.fields)])


def _error(document: Document) -> str:
    (error,) = (each for each in document.messages if each.name == ERROR)
    own = [line for line in _lines(document, error.fields) if not line.startswith("code:")]
    codes = " | ".join(f'"{code}"' for code in document.refusals)
    lines = ["response_header: ResponseHeader;", f"res: {error.code};", "code: RefusalCode;", *own]
    lines = [line.replace("Money", "number") for line in lines]
    return f"export type RefusalCode = {codes};\n\n" + _interface("ErrorReply", lines)


def _interface(name: str, lines: Iterable[str]) -> str:
    return f"export interface {name} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def _lines(document: Document, fields: Iterable[Field]) -> list[str]:
    return [
        f"{each.name}{'' if each.is_required else '?'}: {_type(document, each, each.schema)};"
        for each in fields
    ]


def _type(document: Document, field: Field, schema: Schema) -> str:
    kind: Any = schema.get("type", "object")
    if isinstance(kind, list):
        (given,) = (each for each in kind if each != "null")
        return f"{_type(document, field, schema | {'type': given})} | null"
    if "$ref" in schema:
        return pascal(schema["$ref"].rpartition("/")[2])
    if "enum" in schema and kind == "string":
        return " | ".join(f'"{each}"' for each in schema["enum"])
    if kind == "array":
        return f"Array<{_type(document, field, schema['items'])}>"
    if "additionalProperties" in schema:
        return f"Record<string, {_type(document, field, schema['additionalProperties'])}>"
    if "properties" in schema:
        return document.part(field, schema)
    if kind == "number":
        return "Money" if schema.get("format") == "amount" else "number"
    return SIMPLE.get(kind, "Record<string, unknown>")


# Requests, as on the wire.


def requests(document: Document) -> str:
    """Return the parameters and the replies of each op, by its code."""
    ops = document.operations
    lines = [HEAD.format(about="The requests and their replies, as on the wire.")]
    lines += ['import type * as messages from "./messages.js";']
    lines += ['import type { Money } from "../money.js";\n']
    lines += [_WIRE]
    lines += ["/** The parameters of each op. */"]
    lines += [_interface("Parameters", (f"{op.code}: {_parameters(op)};" for op in ops))]
    lines += ["/** The replies of each op. */"]
    lines += [_interface("Replies", (f"{op.code}: {_replies(op, 'messages.')};" for op in ops))]
    return "\n".join(lines)


_WIRE: Final = """/** A message as on the wire: each amount is a number. */
export type Wire<T> = T extends Money
  ? number
  : T extends object
    ? { [Name in keyof T]: Wire<T[Name]> }
    : T;

/** An amount to send. The JSON of a `Money` is a number. */
export type SentAmount = number | Money;

/** The arguments of a request after its op. The parameters can be omitted if none is required. */
export type Arguments<Op extends keyof Parameters> = {} extends Parameters[Op]
  ? [parameters?: Parameters[Op], key?: string]
  : [parameters: Parameters[Op], key?: string];

/** The reply to a request. */
export type Reply<Op extends keyof Parameters> = Wire<Replies[Op]>;
"""


def _parameters(op: Operation) -> str:
    if not op.parameters:
        return "Record<string, never>"
    return _object((each.name, each.is_required, each.schema) for each in op.parameters)


def _object(fields: Iterable[tuple[str, bool, Schema]]) -> str:
    given = [f"{name}{'' if needed else '?'}: {_sent(schema)}" for name, needed, schema in fields]
    return f"{{ {', '.join(given)} }}"


def _sent(schema: Schema) -> str:
    match schema:
        case {"oneOf": alternatives}:
            return " | ".join(_sent(each) for each in alternatives)
        case {"const": value}:
            return f'"{value}"'
        case {"enum": values}:
            return " | ".join(f'"{each}"' for each in values)
        case {"format": "amount"}:
            return "SentAmount"
        case {"items": item}:
            return f"Array<{_sent(item)}>"
        case {"properties": fields}:
            return _object((name, False, field) for name, field in fields.items())
    return SIMPLE[schema["type"]]


def _replies(op: Operation, prefix: str) -> str:
    return " | ".join(prefix + pascal(each) for each in op.replies)


# Shapes.


def shapes(document: Document) -> str:
    """Return where the amounts are in each message: what reads them needs nothing else."""
    lines = [HEAD.format(about="Where the amounts are in each message.")]
    lines += ['/** An amount. */\nexport const MONEY = Symbol("money");']
    lines += ["/** Stands for every key of an object, and for every item of an array. */"]
    lines += ['export const EACH = "*";\n']
    lines += ["/** @type {Record<number, any>} By `res`. */\nexport const SHAPES = {"]
    for message in document.messages:
        shape = _shape_of_fields(document, message.fields, ())
        if shape and message.name != ERROR:
            lines += [f"  {message.code}: {shape},"]
    lines += ["};\n", "/** The `res` of each message. */", "export const Res = Object.freeze({"]
    for message in document.messages:
        lines += [f"  {message.name.upper()}: /** @type {{const}} */ ({message.code}),"]
    return "\n".join([*lines, "});\n"])


def _shape_of_fields(document: Document, fields: Iterable[Field], seen: tuple[str, ...]) -> str:
    found = {each.name: _shape(document, each.schema, each, seen) for each in fields}
    inner = ", ".join(f"{name}: {shape}" for name, shape in found.items() if shape)
    return f"{{ {inner} }}" if inner else ""


def _shape(document: Document, schema: Schema, field: Field, seen: tuple[str, ...]) -> str:
    if "$ref" in schema:
        name = pascal(schema["$ref"].rpartition("/")[2])
        known = name in seen  # An object that contains itself has no amounts.
        return "" if known else _shape_of_fields(document, document.parts[name], (*seen, name))
    if schema.get("format") == "amount":
        return MONEY
    inner = schema.get("items") or schema.get("additionalProperties")
    if inner:
        shape = _shape(document, inner, field, seen)
        return f"{{ [EACH]: {shape} }}" if shape else ""
    if "properties" in schema:
        return _shape_of_fields(document, document.parts[document.part(field, schema)], seen)
    return ""


# Operations.


def operations(document: Document) -> str:
    """Return the methods of all ops: for a session, and for a game without its id."""
    ops = document.operations
    changing = ", ".join(str(op.code) for op in ops if op.changes)
    lines = [HEAD.format(about="The methods of the ops.")]
    lines += ['import { gameIdOf, poolIdOf } from "../ids.js";']
    lines += ['import { limitsToWire } from "../limits.js";']
    lines += ['import { Money } from "../money.js";\n']
    lines += ['/** @typedef {import("../money.js").Amount} Amount */']
    lines += ['/** @typedef {import("../limits.js").Limits} Limits */']
    lines += ['/** @typedef {import("../ids.js").GameId} GameId */']
    lines += ['/** @typedef {import("../ids.js").PoolId} PoolId */\n']
    codes = (f"  {op.name.upper()}: {op.code}," for op in ops)
    lines += ["/** The code of each op. */", "export const Op = Object.freeze({", *codes, "});\n"]
    lines += ["/** The ops that change something, and accept an idempotency key. */"]
    lines += [f"export const CHANGING = new Set([{changing}]);\n"]
    lines += ["/** Each op as a method. */", _class("SessionOperations", "", ops)]
    in_game = [op for op in ops if op.has("game_id") or op.has("pool_id")]
    in_game = [op for op in in_game if op.method != "join_game"]
    lines += ["/** Each op as a method, for one game and its pools. */"]
    lines += [_class("GameOperations", "game_id", in_game)]
    return "\n".join(lines)


_PERFORM: Final = """  /**
   * @protected
   * @param {number} op
   * @param {Record<string, any>} parameters
   * @param {string} [key]
   * @returns {Promise<any>}
   */
  perform(op, parameters, key) {
    throw new Error(`${op} ${parameters} ${key}`);
  }
"""


def _class(name: str, known: str, ops: Iterable[Operation]) -> str:
    field = '  /** @type {string} */\n  gameId = "";\n\n' if known else ""
    methods = "\n".join(_method(op, known) for op in ops)
    return f"export class {name} {{\n{field}{_PERFORM}\n{methods}}}\n"


def _method(op: Operation, known: str) -> str:
    given = [each for each in op.parameters if each.name != known]
    required = [each for each in given if each.is_required]
    optional = [each for each in given if not each.is_required]
    returned = _replies(op, 'import("./messages.js").')
    lines = ["  /**", f"   * {op.summary} Op {op.code}."]
    lines += [f"   * @param {{{_parameter_type(each)}}} {each.name}" for each in required]
    options = [f"{each.name}?: {_parameter_type(each)}" for each in optional]
    options += ["key?: string"] if op.changes else []
    lines += [f"   * @param {{{{ {', '.join(options)} }}}} [options]"] if options else []
    lines += [f"   * @returns {{Promise<{returned}>}}", "   */"]
    arguments = [each.name for each in required] + (["options = {}"] if options else [])
    key = ", options.key" if op.changes else ""
    values = ", ".join(_value(each, known) for each in op.parameters)
    body = f"{{ {values} }}" if values else "{}"
    lines += [f"  {camel(op.method)}({', '.join(arguments)}) {{"]
    lines += [f"    return this.perform({op.code}, {body}{key});", "  }\n"]
    return "\n".join(lines)


def _parameter_type(parameter: Field) -> str:
    match parameter.name, parameter.schema:
        case "game_id", _:
            return "GameId"
        case "pool_id", _:
            return "PoolId"
        case _, {"type": "array"}:
            return "string[]"
        case "limits", _:
            return "Limits"
        case _, {"enum": values}:
            return " | ".join(f'"{each}"' for each in values)
        case _, {"format": "amount"}:
            return "Amount"
        case _, {"type": str(kind)}:
            return SIMPLE[kind]
    raise ValueError(f"{parameter.place} has no simple type")


def _value(parameter: Field, known: str) -> str:
    name = parameter.name
    if name == known:
        return f"{name}: this.gameId"
    source = name if parameter.is_required else f"options.{name}"
    converted = _converted(parameter, source)
    if converted == source or parameter.is_required:
        return name if converted == name else f"{name}: {converted}"
    return f"{name}: {source} === undefined ? undefined : {converted}"


def _converted(parameter: Field, source: str) -> str:
    if parameter.name in ("game_id", "pool_id"):
        return f"{camel(parameter.name)}Of({source})"
    if parameter.name == "limits":
        return f"limitsToWire({source})"
    return f"Money.of({source})" if parameter.schema.get("format") == "amount" else source

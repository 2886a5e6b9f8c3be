"""The OpenAPI 3.1 document of the operator's API, derived from its table."""

from collections import defaultdict
from http import HTTPStatus
from typing import Any, Final

import orjson
from attrs import NOTHING, Attribute, fields

from game import shapes
from protocol.schemas import Schema
from toteboard import __version__
from toteboard.api.call import CallRow
from toteboard.api.parameters import StartingBalances, name_of, shape_of
from toteboard.api.refusals import ApiCode
from toteboard.api.schemas import REFUSED
from toteboard.api.table import CALLS, COMMON_ERRORS

OWN_URL: Final = "http://127.0.0.1:9998/"
"""The address of the operator port by default."""
_AMOUNT: Final[Schema] = {"type": ["number", "string"], "examples": [2.5, "2.50"]}


def openapi(url: str) -> dict[str, Any]:
    """Return the document; `url` is the address of the operator port."""
    paths: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for row in CALLS:
        paths[row.path][row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Toteboard, the operator's API", "version": __version__},
        "servers": [{"url": url}],
        "security": [{"key": []}],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {"refused": REFUSED},
        },
    }


def printed_openapi(url: str = OWN_URL) -> str:
    """Return the document as text."""
    return orjson.dumps(openapi(url), option=orjson.OPT_INDENT_2).decode() + "\n"


def _operation(row: CallRow) -> dict[str, Any]:
    roles = ", ".join(sorted(row.roles))
    operation: dict[str, Any] = {
        "operationId": row.name,
        "summary": row.about,
        "description": f"Roles: {roles}.",
        "parameters": [*_path_parameters(row), *_other_parameters(row)],
        "responses": {str(row.status): _answer(row), **_refusals(row)},
    }
    if row.changes:
        # A payment with a known reference is answered with 200, whatever made it.
        operation["responses"].setdefault("200", _answer(row))
        content = {"application/json": {"schema": _body_schema(row)}}
        required = bool(_body_schema(row)["required"])
        operation["requestBody"] = {"required": required, "content": content}
    return operation


def _path_parameters(row: CallRow) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in row.path.split("/") if part.startswith("{")]
    schema = {"type": "string"}
    return [{"name": each, "in": "path", "required": True, "schema": schema} for each in names]


def _other_parameters(row: CallRow) -> list[dict[str, Any]]:
    if row.changes:
        schema = {"type": "string", "maxLength": 64}
        return [{"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema}]
    return [
        {
            "name": name_of(each),
            "in": "query",
            "required": each.default is NOTHING,
            "schema": _schema(row.parameters, each),
        }
        for each in fields(row.parameters)
    ]


def _body_schema(row: CallRow) -> Schema:
    parameters = fields(row.parameters)
    return {
        "type": "object",
        "properties": {name_of(each): _schema(row.parameters, each) for each in parameters},
        "required": [name_of(each) for each in parameters if each.default is NOTHING],
    }


def _schema(kind: type, attribute: "Attribute[Any]") -> Schema:
    shape = shape_of(kind, attribute)
    schema = _of(shape) | {"description": shape.wanted}
    if isinstance(attribute.default, str | int):
        schema["default"] = attribute.default
    return schema


def _of(shape: Any) -> Schema:
    match shape:
        case shapes.Text():
            return {"type": "string", "minLength": shape.minimum, "maxLength": shape.maximum}
        case shapes.Whole():
            return {"type": "integer", "minimum": shape.minimum, "maximum": shape.maximum}
        case shapes.Flag():
            return {"type": "boolean"}
        case shapes.Amount():
            return _AMOUNT
        case shapes.Currency():
            return {"type": "string", "pattern": "^[A-Z0-9]{1,16}$"}
        case StartingBalances():
            return {"type": "object", "additionalProperties": _AMOUNT}
        case shapes.OneOf():
            return {"type": "string", "enum": list(shape.words)}
        case _:
            return {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,50}$"}


def _answer(row: CallRow) -> dict[str, Any]:
    if row.answer is None:
        text: Schema = {"schema": {"type": "string"}}
        kinds = {"application/x-ndjson": text, "text/csv": text}
        return {"description": "Lines, as they are read.", "content": kinds}
    return {
        "description": "Done." if row.changes else "Found.",
        "content": {"application/json": {"schema": row.answer}},
    }


def _refusals(row: CallRow) -> dict[str, Any]:
    """Return the refusals of a call by status, with their codes."""
    codes: defaultdict[int, set[ApiCode]] = defaultdict(set)
    changes = (ApiCode.IDEMPOTENCY_CONFLICT,) if row.changes else ()
    for code in (*COMMON_ERRORS, *row.errors, *changes):
        codes[code.status].add(code)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/refused"}}}
    return {
        str(status): {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(sorted(codes[status]))}.",
            "content": content,
        }
        for status in sorted(codes)
    }

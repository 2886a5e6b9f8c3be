"""Validate the server's messages against the AsyncAPI document strictly: no field more or less."""

from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from protocol.asyncapi import document
from protocol.op import Response

DOCUMENT = document("test")
MESSAGES = DOCUMENT["components"]["messages"]


def strict(schema: Any) -> Any:
    """Return the schema with additional fields forbidden. Clients ignore them; tests must not."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inside = {key: strict(value) for key, value in schema.items()}
    is_closed = schema.get("type") == "object" and "properties" in schema
    return inside | ({"additionalProperties": False} if is_closed else {})


SHARED = strict(DOCUMENT["components"]["schemas"])


def wrong_with(message: dict[str, Any]) -> list[str]:
    """Return the violations of the document in a message."""
    response = Response(message["res"])
    errors = _validator(response).iter_errors(message)
    return [f"{response.name}: {error.message}" for error in errors]


@cache
def _validator(response: Response) -> Draft7Validator:
    payload = MESSAGES[f"res_{response.value}_{response.name.lower()}"]["payload"]
    return Draft7Validator(strict(payload) | {"components": {"schemas": SHARED}})

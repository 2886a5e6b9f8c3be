"""The AsyncAPI document is valid, up to date, and complete compared with the op table."""

import json
import subprocess
from typing import Any

import pytest
from attrs import NOTHING, fields
from jsonschema import Draft7Validator

from protocol import asyncapi
from protocol.codec import read_command, read_frame
from protocol.op import Op, Response
from protocol.ops import OPS
from protocol.request_schemas import request_example, request_schema
from protocol.response_schemas import BODIES
from protocol.schemas import SHARED
from tests.support.tree import ROOT
from toteboard import __version__

PRINTED = ROOT / "docs" / "reference" / "asyncapi.json"
PARSER = ROOT / "tests" / "asyncapi"
DOCUMENT = asyncapi.document(__version__)
NOW = 1_800_000_000_000


def op_message(op: Op) -> dict[str, Any]:
    return dict(DOCUMENT["components"]["messages"][f"op_{op.code}_{op.name}"])


def res_message(response: Response) -> dict[str, Any]:
    name = f"res_{response.value}_{response.name.lower()}"
    return dict(DOCUMENT["components"]["messages"][name])


def wrong_with(example: object, schema: dict[str, Any]) -> list[str]:
    whole = schema | {"components": {"schemas": SHARED}}
    Draft7Validator.check_schema(whole)
    return [error.message for error in Draft7Validator(whole).iter_errors(example)]


def named(references: list[dict[str, str]]) -> list[str]:
    return [reference["$ref"].rpartition("/")[2] for reference in references]


def test_the_printed_document_is_not_stale() -> None:
    is_stale = PRINTED.read_text() != asyncapi.printed(__version__)
    assert not is_stale, "make docs"


def test_the_official_parser_finds_nothing_wrong() -> None:
    if not (PARSER / "node_modules").is_dir():
        pytest.fail("the parser is not installed: `make test` does it, or `npm ci` beside it")
    command = ["node", "check.mjs"]
    with PRINTED.open("rb") as document:
        done = subprocess.run(command, cwd=PARSER, stdin=document, capture_output=True)
    said = done.stdout.decode().splitlines()
    assert done.returncode == 0, (said, done.stderr)
    assert said[-1] == f"operations: {len(OPS) + 1}"


def test_the_official_parser_would_find_something_wrong() -> None:
    broken = json.dumps(DOCUMENT | {"operations": {"ping": {"action": "shout"}}})
    done = subprocess.run(
        ["node", "check.mjs"], cwd=PARSER, input=broken.encode(), capture_output=True
    )
    assert done.returncode == 1
    assert b"action" in done.stdout


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_the_document_has_everything_in_the_table_about_an_op(op: Op) -> None:
    operation = DOCUMENT["operations"][op.name]
    assert operation["action"] == "receive"
    assert named(operation["messages"]) == [f"op_{op.code}_{op.name}"]
    replies = {*op.replies, Response.ERROR}
    assert set(named(operation["reply"]["messages"])) == {
        f"res_{response.value}_{response.name.lower()}" for response in replies
    }
    schema = op_message(op)["payload"]
    assert list(schema["properties"]) == ["header", "op", *op.parameters]
    assert schema["properties"]["op"]["const"] == op.code
    needed = [f.name for f in fields(op.command) if f.default is NOTHING]  # type: ignore[arg-type]
    assert schema["required"] == ["op", *needed]
    header = schema["properties"]["header"]["properties"]
    assert ("idempotency_key" in header) == op.changes


def test_the_document_has_every_publication() -> None:
    published = {published for op in OPS for published in op.published}
    said = set(named(DOCUMENT["operations"]["publications"]["messages"]))
    assert said >= {f"res_{each.value}_{each.name.lower()}" for each in published}


@pytest.mark.parametrize("response", Response, ids=lambda response: response.name)
def test_each_response_has_a_schema_and_an_example_that_fits(response: Response) -> None:
    assert response in BODIES
    message = res_message(response)
    assert message["payload"]["properties"]["res"]["const"] == response.value
    (example,) = message["examples"]
    assert wrong_with(example["payload"], message["payload"]) == []
    assert wrong_with(example["payload"] | {"res": 0}, message["payload"])


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_each_request_has_an_example_that_fits_and_is_read(op: Op) -> None:
    (example,) = op_message(op)["examples"]
    assert example["payload"] == request_example(op)
    assert wrong_with(example["payload"], request_schema(op)) == []
    frame = read_frame(json.dumps(example["payload"]))
    read, _ = read_command(op, frame, NOW)
    assert read is op or op.name == "update_game_details"


def test_no_two_messages_have_one_name() -> None:
    assert len(DOCUMENT["components"]["messages"]) == len(OPS) + len(Response)
    assert DOCUMENT["channels"]["socket"]["messages"].keys() == (
        DOCUMENT["components"]["messages"].keys()
    )

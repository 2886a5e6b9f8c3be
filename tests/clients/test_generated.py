"""The generated parts of the clients are those of the op table, and say what the server reads."""

from inspect import signature
from typing import Any

import orjson
import pytest

from clients.generate.__main__ import generated
from clients.generate.document import Document, Field, read
from game.refusals import Code, Refusal
from protocol.asyncapi import PUBLISHED, response_example
from protocol.codec import fingerprint, read_command, read_frame
from protocol.op import Op, Response
from protocol.ops import OPS
from protocol.request_schemas import request_example
from toteboard_client import RefusedError, UnknownMessage, messages
from toteboard_client._generated.operations import CHANGING, SessionOperations
from toteboard_client.calls import ERROR, to_json
from toteboard_client.reading import typed


class Recorder(SessionOperations):
    """Keeps the requests that its methods would send."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def _perform(self, op: int, parameters: dict[str, Any], key: str | None) -> Any:
        given = {name: value for name, value in parameters.items() if value is not None}
        self.asked.append({"op": op, **given})


def method_of(op: Op) -> str:
    (found,) = [each.method for each in read().operations if each.code == op.code]
    return found


def test_the_generated_modules_are_fresh() -> None:
    stale = [path.name for path, text in generated().items() if path.read_text() != text]
    assert not stale, "run `make docs`"


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
async def test_every_op_has_a_method_that_sends_what_the_server_reads(op: Op) -> None:
    example = request_example(op)
    given = {name: value for name, value in example.items() if name not in ("op", "header")}
    if "amount" in given:
        given["amount"] = "2.50"
    recorder = Recorder()
    method = getattr(recorder, method_of(op))
    names = {name.removesuffix("_"): name for name in signature(method).parameters}  # as `from_`
    await method(**{names[name]: value for name, value in given.items()})
    assert names.keys() - {"key"} == set(op.parameters)
    sent = to_json(recorder.asked[0])
    frame = read_frame(sent)
    expected = read_frame(orjson.dumps(example).decode())
    try:
        read_, meant = (read_command(op, each, 0)[1] for each in (frame, expected))
    except Refusal as refusal:
        pytest.fail(refusal.text)
    assert fingerprint(read_) == fingerprint(meant)


def test_the_ops_that_change_something_are_known() -> None:
    assert {op.code for op in OPS if op.changes} == CHANGING


@pytest.mark.parametrize("response", [each for each in Response if each != ERROR])
def test_every_message_has_a_class_that_reads_its_example(response: Response) -> None:
    message = typed(response_example(response))
    assert not isinstance(message, UnknownMessage)
    assert (message.res in PUBLISHED) is (type(message) in messages.PUBLICATIONS)


def test_every_code_of_a_refusal_has_a_class() -> None:
    assert RefusedError.by_code.keys() == {str(code) for code in Code}


def test_two_objects_of_one_name_are_refused() -> None:
    document = Document([], [], [])
    document.add_part("Thing", "here", {"properties": {"a": {"type": "string"}}})
    with pytest.raises(ValueError, match="another object is called Thing"):
        document.add_part("Thing", "there", {"properties": {"b": {"type": "string"}}})


def test_an_object_without_a_name_is_called_after_its_place() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}
    document = Document([], [], [])
    assert document.part(Field("row", schema, True, "new_list.row"), schema) == "NewListRow"

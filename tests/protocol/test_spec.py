"""The printed reference is up to date and complete compared with the op table."""

import re

import orjson
import pytest
from attrs import fields

from game.refusals import Code
from protocol import spec
from protocol.codec import to_json
from protocol.examples import EXAMPLES
from protocol.op import Op, Response
from protocol.ops import OPS
from tests.support.tree import ROOT

PRINTED = ROOT / "docs" / "reference"


def section(op: Op) -> str:
    """Return the section of the reference about an op."""
    found = re.search(
        rf"^### {op.code} {op.name}\n(.*?)(?=^##)", spec.ops_page() + "##", re.M | re.S
    )
    assert found
    return found[1]


@pytest.mark.parametrize("page", spec.PAGES)
def test_the_printed_reference_is_not_stale(page: str) -> None:
    assert (PRINTED / f"{page}.md").read_text() == spec.PAGES[page](), "make docs"


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_the_document_has_everything_in_the_table_about_an_op(op: Op) -> None:
    text = section(op)
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == list(op.parameters)
    assert f"Allowed for: {op.right}." in text
    for line, responses in (("Replies", op.replies), ("Published", op.published)):
        said = re.findall(rf"^- {line}: (.*)\.$", text, re.M)
        codes = [int(code) for code in re.findall(r"\b\d+\b", " ".join(said))]
        assert codes == list(responses)
    refused = re.findall(r"^- Errors: (.*)\.$", text, re.M)
    extra = [Code.IDEMPOTENCY_CONFLICT] if op.changes else []
    assert re.findall(r"`(\w+)`", " ".join(refused)) == [*op.refusals, *extra]
    assert ("Accepts an `idempotency_key`" in text) == op.changes
    once = re.findall(r"receives (\d+) only as the reply", text)
    assert once == ([] if op.shared is None else [str(op.shared.value)])
    assert ("The reply comes last" in text) == op.sums_up


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_the_document_has_the_second_names_of_parameters(op: Op) -> None:
    said = re.findall(r"^\| `(\w+)` .*second name: `(\w+)` \|$", section(op), re.M)
    parameters = fields(op.command)  # type: ignore[arg-type]
    assert dict(said) == {p.name: p.metadata["also"] for p in parameters if "also" in p.metadata}


def test_messages_about_pools_are_shown_as_the_product_makes_them() -> None:
    shown = re.findall(r"^```json\n(.*?)^```", spec.protocol_page(), re.M | re.S)
    assert [orjson.loads(text) for text in shown] == [
        orjson.loads(to_json(message)) for message in EXAMPLES
    ]


@pytest.mark.parametrize("response", Response, ids=lambda response: response.name)
def test_every_response_is_listed(response: Response) -> None:
    assert f"| {response.value} | {response.name.lower()} |" in spec.protocol_page()


@pytest.mark.parametrize("code", Code)
def test_every_error_code_is_listed_with_ops_that_earn_it(code: Code) -> None:
    assert re.search(rf"^\| `{code}` \| (yes|no) \| .+ \|$", spec.protocol_page(), re.M)

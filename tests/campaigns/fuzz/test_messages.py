"""Every client message is answered once, as documented, and leaves the server's state valid.

`make fuzz` sends millions of inputs to the same target. These tests send the most important ones.
"""

import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game import shapes
from protocol.ops import OPS
from tests.campaigns.fuzz import found
from tests.campaigns.fuzz.bad import BAD
from tests.campaigns.fuzz.messages_target import MessagesTarget
from tests.campaigns.fuzz.mutations import BY_KIND
from tests.campaigns.fuzz.requests import Requests
from tests.campaigns.fuzz.stage import PEOPLE
from tests.campaigns.fuzz.target import Failure
from tests.campaigns.fuzz.values import KEYS, ODD, sensible
from tests.campaigns.mutations import Mutation, changed
from tests.support.depth import depth
from tests.support.tree import ROOT

ODD_EACH = depth(gate=4, deep=1)


@pytest.fixture(scope="module")
def target() -> Iterator[MessagesTarget]:
    with MessagesTarget() as made:
        yield made


@pytest.fixture
def requests(target: MessagesTarget) -> Requests:
    return Requests(target.worlds.stage.ids)


def take(target: MessagesTarget, inputs: Sequence[bytes]) -> None:
    """Run the inputs in a world of their own, and audit it at the end."""
    for data in inputs:
        target(data)
    target.finish()


def test_every_op_of_everybody_is_answered(target: MessagesTarget, requests: Requests) -> None:
    before = target.outcomes.copy()
    for seed in range(3):
        take(target, [*requests.sown(Random(seed))])
    outcomes = (target.outcomes - before).keys()
    done = {outcome for outcome in outcomes if outcome.isdigit()}
    assert len(done) > 40, "much is done"
    assert len(outcomes - done) > 15, "and much refused"


@pytest.mark.deep
def test_what_is_damaged_is_the_message_alone(requests: Requests) -> None:
    """Odd values are shared, so a change to one would appear in all later inputs."""
    before = deepcopy(ODD)
    odd_header = b'\0{"op": 810, "header": {}}'
    for seed in range(depth(gate=5_000, deep=50_000)):
        data = requests.damaged(odd_header, Random(seed))
        requests.damaged(data, Random(seed))
    assert before == ODD


@pytest.mark.deep
def test_no_odd_value_of_a_parameter_is_our_fault(
    target: MessagesTarget, requests: Requests
) -> None:
    """In the gate, each parameter takes a part of the odd values."""
    inputs = enumerate(requests.odd_in_each_parameter())
    take(target, [data for n, data in inputs if (n // len(ODD) + n) % ODD_EACH == 0])


def test_nothing_odd_in_a_header_is_our_fault(target: MessagesTarget) -> None:
    keys = ("t", "api_version", "session_key", "request_id", "idempotency_key")
    for number, odd in enumerate(ODD):
        asked: dict[str, Any] = {"op": 365, "source_name": f"source {number}"}
        headers = [{key: odd} for key in keys]
        for message in [asked | {"header": header} for header in (*headers, odd)] + [{"op": odd}]:
            target(b"\0" + json.dumps(message).encode())
    target.finish()


def test_what_is_no_request_is_answered_with_its_code(target: MessagesTarget) -> None:
    for text, code in BAD.items():
        before = target.outcomes[code]
        target(bytes([PEOPLE.index("stranger")]) + text.encode())
        assert target.outcomes[code] == before + 1, (text, code)
    target.finish()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def messages(ids: dict[str, str]) -> st.SearchStrategy[bytes]:
    """Return requests with any parameter values, other JSON, other text and other bytes."""
    known = sensible(ids)
    keys = {"request_id": JSON | st.just(7), "idempotency_key": JSON | st.sampled_from(KEYS)}

    def of(op: Any) -> st.SearchStrategy[Any]:
        values = {name: st.sampled_from(known[name]) | st.sampled_from(ODD) for name in known}
        return st.fixed_dictionaries(
            {"op": st.just(op.code), **{n: values[n] | JSON for n in op.parameters}},
            optional={"header": st.fixed_dictionaries({}, optional=keys) | JSON},
        )

    as_text = (st.sampled_from(OPS).flatmap(of) | JSON).map(json.dumps) | st.text()
    return as_text.map(lambda text: text.encode(errors="surrogatepass")) | st.binary()


@settings(max_examples=depth(gate=20, deep=400))
@given(st.data())
def test_whatever_is_said_is_answered_as_promised(
    target: MessagesTarget, data: st.DataObject
) -> None:
    who = st.integers(0, len(PEOPLE) - 1).map(lambda number: bytes([number]))
    inputs = st.builds(bytes.__add__, who, messages(target.worlds.stage.ids))
    take(target, data.draw(st.lists(inputs, max_size=12)))


@pytest.mark.parametrize("path", sorted(found.FOUND.glob("*.json")), ids=lambda path: path.stem)
def test_what_was_once_found_stays_mended(path: Path) -> None:
    assert found.fails(*found.read(path)) is None


@pytest.mark.parametrize(
    "mutation",
    [each for mutations in BY_KIND.values() for each in mutations.values()],
    ids=lambda m: m.what,
)
def test_every_mutation_changes_the_server_as_it_is_now(mutation: Mutation) -> None:
    source = Path(ROOT, *mutation.module.split(".")).with_suffix(".py").read_text()
    assert changed(source, mutation) != source


def test_a_bug_is_found_and_what_brings_it_about_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "_DIGITS", re.compile("[0-9x]+"))  # 0x1 becomes a number
    monkeypatch.setattr(found, "FOUND", tmp_path)
    with MessagesTarget() as target:
        requests = Requests(target.worlds.stage.ids)
        with pytest.raises(Failure) as failure:
            take(target, [*requests.odd_in_each_parameter()])
    path = found.keep("messages", failure.value.inputs, str(failure.value))
    assert len(found.read(path)[1]) == 1
    assert found.fails(*found.read(path))
    monkeypatch.undo()
    assert found.fails(*found.read(path)) is None

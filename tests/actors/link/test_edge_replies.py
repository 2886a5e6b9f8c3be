"""Replies whose body is encoded beforehand are, byte for byte, those of the general way."""

import json
import logging
from typing import Any

import pytest
import structlog
import trio
import trio.testing
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from actors.costs import Costs
from actors.counters import DONE, Counters
from actors.edge.connection import Connection
from actors.link.caller import ClientConnection
from actors.link.claim import Identity
from actors.link.edge_replies import EdgeReplies
from actors.link.encoded_message import encode, single
from actors.link.intake import Intake
from game.refusals import Refusal
from protocol import messages
from protocol.codec import Frame, read_frame, read_header
from protocol.errors import error_reply
from protocol.frames import read_frame_header
from protocol.limits import Limits
from protocol.op import Body, Op, Response
from protocol.ops import OPS

ANN = 7
NOW = 1_800_000_000_123
LIMITS = Limits(rate_limit=0, cost_limit=0)

BODIES: dict[str, Body] = {
    "ping": messages.pong(),
    "get_opcodes": messages.opcodes("test", LIMITS),
}
"""The body of each constant reply."""

CONSTANT = [op for op in OPS if op.has_constant_reply]

values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=70)
    | st.lists(st.integers(), max_size=2)
)
headers = (
    st.none()
    | st.sampled_from(["", " ", "x", 1, []])
    | st.dictionaries(
        st.sampled_from(
            ["request_id", "idempotency_key", "t", "api_version", "session_key", "other"]
        ),
        values,
    )
)


class StoppedClock:
    """A clock that always says the same."""

    def now(self) -> int:
        return NOW

    def deadline(self, at: int | None) -> float:
        raise NotImplementedError


class Edge:
    """An edge with one client, which passes on what it does not answer."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.counters, self.costs = Counters(), Costs(limits.cost_limit)
        self.client = Connection(Identity("c", ANN, "ann", False), limits)
        self.passed_on: list[str] = []
        replies = EdgeReplies(StoppedClock(), self.counters, self.costs, limits, "test")
        self.intake = Intake(StoppedClock(), self.counters, replies.answer, self._pass_on)

    def receive(self, text: str) -> bytes:
        """Return the frames of the immediate replies to a message."""
        assert self.intake.receive(self.client, text) is None
        return self.sent()

    def sent(self) -> bytes:
        """Return the frames that were sent since the last call."""
        return self.client._sender.take_all()

    def call(self, text: str) -> dict[str, Any]:
        """Return the reply to a message."""
        frame = self.receive(text)
        header = read_frame_header(frame)
        assert header is not None
        reply: dict[str, Any] = json.loads(frame[header.length :])
        return reply

    def _pass_on(self, client: ClientConnection, frame: Frame, op: Op) -> None:
        self.passed_on.append(op.name)


def general_reply(text: str) -> bytes:
    """Return the reply to a message with a constant reply, made step by step."""
    frame = None
    try:
        frame = read_frame(text)
        read_header(frame)
        body = BODIES[frame.op.name]
    except Refusal as refusal:
        body = error_reply(refusal, op=None if frame is None else frame.op_code)
    request_id = None if frame is None else frame.request_id
    header = {} if request_id is None else {"request_id": request_id}
    return encode(body, NOW, header=header).frame


@given(header=headers, more=st.dictionaries(st.sampled_from(["x", "game_id"]), values))
@pytest.mark.parametrize("op", CONSTANT, ids=lambda op: op.name)
def test_a_constant_reply_is_the_one_of_the_general_way(op: Op, header: Any, more: Any) -> None:
    async def main() -> None:
        text = json.dumps({"header": header, "op": op.code} | more)
        with capture_logs():
            assert Edge().receive(text) == general_reply(text)

    trio.run(main)


@pytest.mark.parametrize("op", CONSTANT, ids=lambda op: op.name)
@pytest.mark.parametrize("request_id", [None, 0, -5, 2**63, "a", " é ", "x" * 64])
async def test_each_kind_of_request_id_comes_back_as_it_was(op: Op, request_id: Any) -> None:
    header = {"request_id": request_id, "idempotency_key": "k", "other": [1]}
    reply = Edge().call(json.dumps({"op": op.code, "header": header}))
    head = {"t": NOW} if request_id is None else {"t": NOW, "request_id": request_id}
    assert reply == {"response_header": head} | BODIES[op.name]


@pytest.mark.parametrize("spelled", ["true", "1.0", "null", '"one"', "[1]", "0", "-1", "2.0"])
async def test_only_an_integer_names_an_op(spelled: str) -> None:
    assert Edge().call(f'{{"op":{spelled}}}')["code"] == "unknown_op"


@pytest.mark.parametrize("spelled", ["1", '"1"', '" 01 "'])
async def test_an_op_may_come_as_digits(spelled: str) -> None:
    assert Edge().call(f'{{"op":{spelled}}}')["res"] == Response.PONG


@pytest.mark.parametrize(
    "blank", ["null", '""', '"  "', '{"request_id":null}', '{"request_id":""}']
)
async def test_a_blank_header_is_not_given(blank: str) -> None:
    reply = Edge().call(f'{{"op":1,"header":{blank},"x":null}}')
    assert reply == {"response_header": {"t": NOW}, "res": Response.PONG}


@pytest.mark.parametrize("wrong", ["x" * 65, True, 1.5, [1], {}])
async def test_a_wrong_request_id_or_key_is_refused(wrong: Any) -> None:
    edge = Edge()
    for key in ("request_id", "idempotency_key"):
        reply = edge.call(json.dumps({"op": 1, "header": {key: wrong}}))
        assert (reply["code"], reply["parameter"]) == ("invalid_parameter", key)
    assert edge.counters.outcomes == {("ping", "invalid_parameter"): 2}


async def test_a_reply_is_counted_with_its_duration() -> None:
    edge = Edge()
    for _ in range(3):
        edge.receive('{"op":1}')
    edge.receive('{"op":2}')
    assert edge.counters.outcomes == {("ping", DONE): 3, ("get_opcodes", DONE): 1}
    assert {name: sum(each.counts) for name, each in edge.counters.op_seconds.items()} == {
        "ping": 3,
        "get_opcodes": 1,
    }
    assert edge.counters.op_seconds["ping"].total > 0


async def test_a_query_is_charged_and_nothing_else_is() -> None:
    edge = Edge(evolve(LIMITS, cost_limit=100))
    edge.receive('{"op":1}')
    edge.receive('{"op":100}')
    assert edge.costs.refusal(ANN) is None
    edge.receive('{"op":2}')
    assert edge.call('{"op":2,"header":[]}')["code"] == "rate_limited"
    assert edge.call('{"op":1}')["res"] == Response.PONG


async def test_too_many_pings_are_refused(autojump_clock: object) -> None:
    edge = Edge(evolve(LIMITS, rate_limit=1, rate_burst=2))
    replies = [edge.call('{"op":1}') for _ in range(3)]
    assert [reply.get("code") for reply in replies] == [None, None, "rate_limited"]
    assert edge.call('{"op":99}')["code"] == "unknown_op"


async def test_a_reply_is_traced_at_the_level_debug() -> None:
    with capture_logs() as lines:
        edge = Edge()
        edge.receive('{"op":1,"header":{"request_id":5}}')
    (line,) = lines
    assert line.pop("duration_ms") > 0
    who = {"user_id": ANN, "connection_id": "c"}
    assert line == {
        "event": "op_handled",
        "log_level": "debug",
        "op": 1,
        "res": 1,
        "request_id": 5,
        **who,
    }


async def test_no_reply_is_traced_above_that_level() -> None:
    usual = structlog.get_config()["wrapper_class"]
    with capture_logs() as lines:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
        try:
            Edge().receive('{"op":1}')
        finally:
            structlog.configure(wrapper_class=usual)
    assert not lines


async def test_a_query_waits_for_the_requests_before_it_and_a_ping_does_not() -> None:
    edge = Edge()
    edge.client.in_flight.started()
    continuation = edge.intake.receive(edge.client, '{"op":2}')
    assert continuation is not None
    assert edge.call('{"op":1}')["res"] == Response.PONG
    async with trio.open_nursery() as nursery:
        nursery.start_soon(continuation)
        await trio.testing.wait_all_tasks_blocked()
        assert edge.sent() == b""
        edge.client.in_flight.finished(0)
    assert b'"res":2,' in edge.sent()


async def test_a_query_waits_for_a_client_that_is_far_behind() -> None:
    edge = Edge()
    edge.client.send(single(encode({"res": 1, "much": "x" * 100_000}, NOW)))
    continuation = edge.intake.receive(edge.client, '{"op":2}')
    assert continuation is not None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(continuation)
        await trio.testing.wait_all_tasks_blocked()
        assert b'"res":2,' not in edge.sent()
    assert b'"res":2,' in edge.sent()


async def test_a_logon_succeeds_once_on_a_connection() -> None:
    edge = Edge()
    replies = [edge.call('{"op":100}')["res"] for _ in range(3)]
    assert replies == [100, 112, 112]


async def test_what_is_not_the_edges_is_passed_on() -> None:
    edge = Edge()
    assert edge.receive('{"op":372}') == b""
    assert edge.passed_on == ["get_game_details"]

"""When a request leaves the flight of its caller, and what a node's edge is told of that."""

from types import SimpleNamespace
from typing import Any, cast

from attrs import Factory, define

from actors.games.server_call import ServerCall
from actors.link.encoded_message import FrameBatch
from actors.link.remote_client import RemoteRequests
from actors.link.request import Request
from game.commands import OpenPool
from game.refusals import Refusal
from protocol.errors import overloaded
from protocol.ops import BY_CODE


@define
class _Edge:
    """What the edge of a caller is told, in order."""

    told: list[tuple[str, int]] = Factory(list)

    def caller(self) -> Any:
        requests = RemoteRequests(
            lambda number: self.told.append(("answered", number)),
            lambda number: self.told.append(("overtaken", number)),
            lambda number: self.told.append(("late", number)),
        )
        requests.handled = 1
        return SimpleNamespace(in_flight=requests, connection_id="1", send=self.note_reply)

    def note_reply(self, batch: FrameBatch) -> None:
        self.told.append(("reply", 0))


class _Counters:
    def op(self, *_: object) -> None: ...


def call_of(caller: Any) -> ServerCall:
    services = SimpleNamespace(
        counters=_Counters(), clock=SimpleNamespace(now=lambda: 0), costs=None
    )
    request = Request(
        op=BY_CODE[392],
        command=cast(OpenPool, SimpleNamespace()),
        user_id=1,
        received_at=0,
        request_id="a",
        idempotency_key=None,
    )
    return ServerCall(request, cast(Any, services), caller)


REFUSAL: Refusal = overloaded("too many requests are waiting")


async def test_a_request_that_waits_twice_is_overtaken_once_under_its_own_number() -> None:
    edge = _Edge()
    caller = edge.caller()
    call = call_of(caller)
    call.let_overtake()  # it waits for the request that uses its key
    caller.in_flight.handled = 2
    begun = caller.in_flight.begun
    call.let_overtake()  # then for the delay of its pool, while the next message is handled
    call.refuse_now(REFUSAL)
    assert edge.told == [("overtaken", 1), ("reply", 0), ("late", 1)]
    assert caller.in_flight.begun == begun
    assert caller.in_flight.is_empty


async def test_a_request_that_no_actor_took_is_not_reported_as_answered_before_its_reply() -> None:
    edge = _Edge()
    caller = edge.caller()
    begun = caller.in_flight.begun
    call = call_of(caller)
    call.begin()
    call.release()  # the mailbox stayed full: the refusal waits for the replies before it
    assert edge.told == []
    assert caller.in_flight.is_empty
    assert caller.in_flight.begun == begun, "so it is reported once it is handled"
    call.refuse_now(REFUSAL)
    assert edge.told == [("reply", 0)]


async def test_an_overtaken_request_that_no_actor_took_is_reported_with_its_reply() -> None:
    edge = _Edge()
    caller = edge.caller()
    call = call_of(caller)
    call.let_overtake()
    call.release()
    assert edge.told == [("overtaken", 1)]
    call.refuse_now(REFUSAL)
    assert edge.told == [("overtaken", 1), ("reply", 0), ("late", 1)]

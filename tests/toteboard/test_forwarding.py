"""What an operator asks of any node, the leader does: commands, and the operator's API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import trio

from actors.link.edge_peer import Calls
from actors.server import Server
from storage.api_keys import AddKey
from storage.errors import StorageError
from storage.store import Credit, DisableUser
from storage.users import OperatorError
from tests.support.cluster import Nodes
from tests.support.cluster_match import Match
from tests.support.people import heard
from toteboard.api.desk import READS_AT_ONCE, Desk
from toteboard.api.forwarding import ForwardingApi, api_calls
from toteboard.api.site import ApiSite
from toteboard.operator.forwarding import LOST, RemoteStore, operator_calls
from toteboard_client import ConnectionClosedError

NO_FILE = Path("nothing")
"""The file of long reads, which no test makes."""


class Serving:
    """The health of a server that serves."""

    is_serving = True


async def no_nodes() -> dict[str, Any]:
    """List no nodes, because the engine does not answer."""
    raise StorageError("the engine does not answer")


def api_of(server: Server) -> ApiSite:
    """Return the operator's API of a server."""
    limiter = trio.CapacityLimiter(READS_AT_ONCE)
    services = server.services
    now = services.clock.now
    desk = Desk(server.store, server.reading, NO_FILE, services.limits, limiter, now, no_nodes)
    return ApiSite(desk, cast(Any, Serving()), None)


def calls_of(server: Server) -> Calls:
    """Return what a leader answers."""
    return {**operator_calls(server.store), **api_calls(api_of(server))}


@asynccontextmanager
async def cluster(path: Path) -> AsyncIterator[tuple[Nodes, RemoteStore, httpx.AsyncClient]]:
    """Run three nodes. Yield them, and the store and the API of node 2, which does not lead."""
    async with Nodes(path, calls=calls_of) as nodes:
        nodes.add_user("bob")
        calls = nodes.nodes[2].edge.calls
        app = ForwardingApi(api_of(nodes.server), calls)
        transport = httpx.ASGITransport(app=cast(Any, app))
        async with httpx.AsyncClient(transport=transport, base_url="http://node2") as api:
            yield nodes, RemoteStore(calls), api


async def test_a_command_at_any_node_is_done_by_the_leader(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with cluster(tmp_path) as (nodes, store, _):
        bob = await nodes.connect("bob", 3)
        values = await store.perform(Credit("bob", "DON", 5_000))
        assert values["available_balance"] == 1_050
        assert [message["res"] for message in await heard(bob)] == [815]
        await store.perform(DisableUser("bob"))
        with pytest.raises(ConnectionClosedError, match="1008"):
            await bob.call(1)


async def test_the_leaders_refusal_of_a_command_reaches_the_operator(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with cluster(tmp_path) as (_, store, _api):
        with pytest.raises(OperatorError, match="nobody"):
            await store.perform(Credit("nobody", "DON", 5_000))


async def test_a_command_whose_leader_is_lost_says_that_its_outcome_is_not_known(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with cluster(tmp_path) as (nodes, store, _):
        await nodes.end_term()
        with pytest.raises(StorageError, match=LOST):
            await store.perform(Credit("bob", "DON", 5_000))


@pytest.mark.parametrize("keys", [{}, {"Idempotency-Key": " "}], ids=["no key", "a blank key"])
async def test_a_payment_through_the_api_of_any_node_is_made_once_although_the_leader_is_lost(
    tmp_path: Path, autojump_clock: object, keys: dict[str, str]
) -> None:
    """The leader has committed it, and its answer does not arrive: node 2 asks the next one."""
    async with cluster(tmp_path) as (nodes, store, api):
        key = (await store.perform(AddKey("till", "operator")))["key"]
        answers: list[httpx.Response] = []
        body = {"currency": "DON", "amount": 5, "reason": "gift"}

        async def pay() -> None:
            headers = {"Authorization": f"Bearer {key}"} | keys
            answers.append(await api.post("/v1/users/1/credits", json=body, headers=headers))

        def credits() -> int:
            row = nodes.operator.row("SELECT count(*) n FROM transfers WHERE amount = 500")
            assert row is not None
            return int(row["n"])

        async with trio.open_nursery() as nursery:
            nodes.may_send = lambda: credits() == 0
            nursery.start_soon(pay)
            await trio.sleep(0.1)
            assert (credits(), answers) == (1, [])
            await nodes.kill_leader()
            await nodes.lead(2)
        assert [answer.status_code for answer in answers] == [201]
        assert credits() == 1


async def test_a_payment_that_is_in_the_log_although_its_leader_was_lost_is_not_answered_with_503(
    tmp_path: Path, autojump_clock: object
) -> None:
    """A bet waits for the writer, so the term ends a moment after the payment is in the log."""
    async with Nodes(tmp_path, calls=calls_of) as nodes:
        match = Match(nodes)
        await match.begin()
        key = (await nodes.server.store.perform(AddKey("till", "operator")))["key"]
        user_id, _ = nodes.keys["bob"]
        app = ForwardingApi(api_of(nodes.server), nodes.nodes[1].edge.calls)
        transport = httpx.ASGITransport(app=cast(Any, app))
        answers: list[httpx.Response] = []

        async def pay(api: httpx.AsyncClient) -> None:
            path, body = f"/v1/users/{user_id}/credits", {"currency": "DON", "amount": 5}
            headers = {"Authorization": f"Bearer {key}"}
            answers.append(await api.post(path, json=body, headers=headers))

        async with (
            httpx.AsyncClient(transport=transport, base_url="http://node1") as api,
            trio.open_nursery() as nursery,
        ):
            nodes.loses_leader = True
            nursery.start_soon(pay, api)
            await trio.sleep(0.001)
            await match.dan.send(392, pool_id=match.pool_id, target="a", amount=1)
            await trio.sleep(3.5)
            await nodes.lead(2)
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
        assert nodes.operator.rows("SELECT count(*) n FROM payments") == [{"n": 1}]
        assert [answer.status_code for answer in answers] == [201]


async def test_without_a_leader_the_api_answers_that_it_can_be_tried_again(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with cluster(tmp_path) as (nodes, _, api):
        await nodes.end_term()
        for answer in (await api.get("/v1/users/1"), await api.post("/v1/users/1/credits")):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            assert answer.json()["code"] == "overloaded"


async def test_the_nodes_are_listed_without_a_leader(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with cluster(tmp_path) as (nodes, store, api):
        key = (await store.perform(AddKey("till", "reader")))["key"]
        await nodes.end_term()
        began = trio.current_time()
        answer = await api.get("/v1/nodes", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 503
        assert "PostgreSQL" in answer.json()["text"], "the question reached the engine"
        assert trio.current_time() == began


async def test_a_read_at_any_node_sees_the_change_before_it_and_needs_its_key(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with cluster(tmp_path) as (_nodes, store, api):
        key = (await store.perform(AddKey("till", "operator")))["key"]
        headers = {"Authorization": f"Bearer {key}"}
        await api.post("/v1/users/1/disable", json={"reason": "asked"}, headers=headers)
        user = await api.get("/v1/users/1", headers=headers)
        assert user.json()["disabled"]
        assert (await api.post("/v1/users/1/enable")).status_code == 401

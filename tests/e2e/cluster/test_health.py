"""What a node tells an operator: whether it serves, its role, and what is unsafe."""

from pathlib import Path
from urllib.parse import urlsplit

import orjson
import trio

from tests.support.cluster_processes import cluster_of, leads
from tests.support.process import PATIENCE_S, Process


async def got(port: int, path: str) -> tuple[int, bytes]:
    """GET a path of a loopback port."""
    with trio.fail_after(PATIENCE_S):
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        async with stream:
            request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            await stream.send_all(request.encode())
            answer = b"".join([data async for data in stream])
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


async def operator_port(node: Process) -> int:
    port = urlsplit((await node.logged("listening"))["operator_url"]).port
    assert port is not None
    return port


async def ready(node: Process, port: int = 0) -> tuple[int, str, list[str]]:
    status, body = await got(port or node.port, "/readyz")
    told = orjson.loads(body)
    return status, told["status"], told.get("warnings", [])


async def test_a_node_tells_its_role_and_what_is_unsafe(tmp_path: Path, url: str) -> None:
    async with cluster_of(2, tmp_path, url, "ann", options=("--operator-port", "0")) as (one, two):
        await leads(one)
        await one.logged("engine_unsafe")
        status, text, warnings = await ready(one)
        assert (status, text) == (200, "ready")
        assert "synchronous_standby_names" in " ".join(warnings)
        await two.logged("engine_unsafe")
        await two.logged("leader_linked")
        assert (await ready(two))[0] == 200

        _, metrics = await got(await operator_port(one), "/metrics")
        lines = metrics.decode().splitlines()
        assert 'toteboard_cluster_role{role="leader"} 1.0' in lines
        assert "toteboard_cluster_takeovers_total 1.0" in lines
        assert "toteboard_cluster_engine_durable 0.0" in lines
        assert "toteboard_cluster_epoch 1.0" in lines


async def test_both_ports_of_a_node_that_follows_are_ready_and_no_commit_of_it_fails(
    tmp_path: Path, url: str
) -> None:
    async with cluster_of(2, tmp_path, url, "ann", options=("--operator-port", "0")) as (one, two):
        await leads(one)
        await two.logged("leader_linked")
        operator = await operator_port(two)
        assert [(await ready(two, port))[:2] for port in (two.port, operator)] == [
            (200, "ready")
        ] * 2
        _, metrics = await got(operator, "/metrics")
        assert "toteboard_commits_failed_total 0.0" in metrics.decode().splitlines()

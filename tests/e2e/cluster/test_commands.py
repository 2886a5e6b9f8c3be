"""`toteboard cluster`: what an operator sees of a cluster, and how another node is made to lead."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import orjson
from jsonschema import Draft202012Validator

from tests.support.cluster_processes import address, cluster_of, leads, may_lead
from tests.support.cluster_sessions import session, soon
from tests.support.process import Line, Process, toteboard
from toteboard.api.schemas import NODES


async def printed(node: Process, *words: str) -> Line:
    ended = await toteboard(node.folder, *words)
    assert ended.returncode == 0, ended.stderr
    line: Line = orjson.loads(ended.stdout)
    return line


async def refused(node: Process, *words: str) -> bytes:
    ended = await toteboard(node.folder, *words)
    assert (ended.returncode, ended.stdout) == (1, b"")
    return ended.stderr


async def test_the_lease_is_handed_over_by_a_command_at_any_node(tmp_path: Path, url: str) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        await leads(one)
        await may_lead(one, two)
        seen = await printed(two, "cluster", "status")
        assert (seen["leader"], seen["epoch"]) == (address(one), 1)
        roles = {node["address"]: node["role"] for node in seen["nodes"]}
        assert roles == {address(one): "leader", address(two): "edge"}
        assert all(abs(node["skew_ms"]) < 1_000 for node in seen["nodes"])

        assert b"no ready node is at" in await refused(one, "cluster", "hand-over", "10.9.8.7:1")
        moved = await printed(one, "cluster", "hand-over", address(two))
        assert moved == {"leader": address(two), "epoch": 2}
        await leads(two)
        added = await printed(two, "user", "add", "bob")
        two.keys["bob"] = added["id"], added["session_key"]
        async with two.connect("bob"):
            pass
        await may_lead(two, one)
        assert await printed(two, "cluster", "hand-over") == {"leader": address(one), "epoch": 3}


async def test_the_operators_api_of_any_node_lists_the_nodes(tmp_path: Path, url: str) -> None:
    async with cluster_of(2, tmp_path, url, "ann", options=("--operator-port", "0")) as (one, two):
        await leads(one)
        await may_lead(one, two)
        key = (await printed(two, "key", "add", "ops", "--role", "reader"))["key"]
        site = (await two.logged("listening"))["operator_url"]
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as client:
            answer = (await client.get(f"{site}v1/nodes")).json()
        Draft202012Validator(NODES).validate(answer)
        assert answer["epoch"] == 1
        assert {node["address"]: (node["role"], node["ready"]) for node in answer["nodes"]} == {
            address(one): ("leader", True),
            address(two): ("edge", True),
        }
        assert all(0 < node["applied"] <= answer["log"] for node in answer["nodes"])


async def test_a_command_of_a_cluster_needs_a_node(tmp_path: Path) -> None:
    async with Process(tmp_path) as alone:
        ended = await toteboard(alone.folder, "cluster", "status")
        assert (ended.returncode, ended.stdout) == (2, b"")
    ended = await toteboard(tmp_path, "cluster", "status")
    assert (ended.returncode, ended.stdout) == (2, b"")


async def test_doctor_names_what_is_unsafe_in_the_engine(tmp_path: Path, url: str) -> None:
    ended = await toteboard(tmp_path, "doctor", "--cluster", url)
    assert ended.returncode == 1
    assert b"PostgreSQL: synchronous_standby_names is empty" in ended.stdout


async def findings(node: Process) -> str:
    ended = await toteboard(node.folder, "check", "--cluster")
    assert ended.returncode == 1, ended
    return ended.stdout.decode()


async def test_the_files_of_all_nodes_and_the_log_are_compared(tmp_path: Path, url: str) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        await may_lead(one, two)
        await printed(one, "user", "add", "bob")
        same = await toteboard(two.folder, "check", "--cluster")
        assert (same.returncode, same.stdout) == (0, b"2 nodes hold the same, and the log holds\n")
        with closing(sqlite3.connect(two.database)) as file, file:
            file.execute("UPDATE users SET created_at = created_at + 1")
        assert f"{address(two)} differs in users" in await findings(one)
        with session(url) as engine:
            engine.run(soon(), "UPDATE toteboard_log SET at = at + 1 WHERE idx = 2")
        assert "record 2 of the log" in await findings(two)

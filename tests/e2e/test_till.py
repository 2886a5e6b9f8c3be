"""The operator's API of a real server: one process, workers, and a server that is killed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import orjson
import pytest

from tests.support.process import PATIENCE_S, Process, toteboard

SECRET = "s" * 32
TOKENS = ("--jwt-issuer", "login", "--jwt-audience", "tote", "--jwt-secret", SECRET)


@pytest.fixture(params=["1", "2"], ids=["one process", "workers"])
async def server(request: Any, tmp_path: Path) -> AsyncIterator[Process]:
    options = ("--operator-port", "0", "--workers", request.param, "--log-level", "info")
    async with Process(tmp_path, *options, *TOKENS) as process:
        yield process


async def key_of(server: Process, role: str) -> str:
    done = await toteboard(server.folder, "key", "add", f"{role}-key", "--role", role)
    return str(orjson.loads(done.stdout)["key"])


async def operators(server: Process, key: str) -> httpx.AsyncClient:
    url = (await server.logged("listening"))["operator_url"]
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_S)


async def test_a_payment_is_made_once_over_a_kill(server: Process) -> None:
    key = await key_of(server, "cashier")
    user_id = server.add_user("ann")
    path = f"/v1/users/{user_id}"
    paid = {"amount": "5", "reference": "in-1"}
    async with await operators(server, key) as client:
        first = await client.post(f"{path}/credits", json=paid)
        assert first.status_code == 201, first.text
        async with server.connect("ann") as ann:
            once = {"Idempotency-Key": "k"}
            await client.post(f"{path}/debits", json={"amount": "1"}, headers=once)
            pushed = await ann.receive()
            assert (pushed["res"], pushed["cause"]) == (815, "debit")
            assert pushed["available_balance"] == 4
    await server.kill()
    await server.start()
    async with await operators(server, key) as client:
        again = await client.post(f"{path}/credits", json=paid)
        assert (again.status_code, again.json()) == (200, first.json())
        replayed = await client.post(f"{path}/debits", json={"amount": "1"}, headers=once)
        assert (replayed.status_code, replayed.headers["idempotent-replayed"]) == (201, "true")
        statement = (await client.get(f"{path}/statement")).json()
        assert [each["change"] for each in statement["entries"]] == [-1, 5]
    assert (await toteboard(server.folder, "check")).returncode == 0


async def test_a_player_signs_in_with_a_token(server: Process) -> None:
    claims = {"iss": "login", "aud": "tote", "sub": "u", "exp": _in_five_minutes()}
    url = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
        for secret, status in (("t" * 32, 401), (SECRET, 200)):
            token = jwt.encode(claims | {"preferred_username": "ann"}, secret, "HS256")
            answer = await client.post("/r/token/", json={"token": token})
            assert answer.status_code == status, answer.text
    told = answer.json()
    server.keys["ann"] = (told["id"], told["user_session_key"])
    async with server.connect("ann") as ann:
        assert (await ann.call(810))["available_balance"] == 1000


def _in_five_minutes() -> int:
    return int(datetime.now(UTC).timestamp()) + 300

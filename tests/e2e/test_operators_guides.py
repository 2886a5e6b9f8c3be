"""The programs of the operators' guides run as they are printed."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import httpx
import orjson

from tests.support.process import PATIENCE_S, Process, environment, toteboard
from tests.support.tree import ROOT

GUIDES = ROOT / "docs" / "how-to"
PROVIDER = ("--jwt-issuer", "https://login.example", "--jwt-audience", "toteboard")


def program(page: str, folder: Path) -> tuple[str, str]:
    """Write the only program of a guide into a folder. Return the command that runs it."""
    (text,) = re.findall(r"```python\n(.*?)```", (GUIDES / page).read_text(), re.S)
    (folder / "program.py").write_text(text)
    return sys.executable, "program.py"


def printed(folder: Path, *command: str) -> str:
    run = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


async def test_the_small_identity_provider_signs_players_in(tmp_path: Path) -> None:
    provider = program("sign-in-with-tokens.md", tmp_path)
    tokens = [printed(tmp_path, *provider, "u-17", name) for name in ("ann", "anna")]
    options = (*PROVIDER, "--jwt-public-key", "provider.pub.pem", "--no-signup")
    async with Process(tmp_path, *options) as server:
        url = f"http://127.0.0.1:{server.port}"
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            for token in tokens:
                told = (await client.post("/r/token/", json={"token": token})).json()
                assert told["username"] == "ann", "the same user, whatever the second name"
            server.keys["ann"] = (told["id"], told["user_session_key"])
        async with server.connect("ann") as ann:
            assert (await ann.call(810))["available_balance"] == 1000


async def test_the_comparison_of_payments_finds_each_difference(tmp_path: Path) -> None:
    compare = program("read-the-books.md", tmp_path)
    async with Process(tmp_path, "--operator-port", "0") as server:
        key = orjson.loads(
            (await toteboard(tmp_path, "key", "add", "till", "--role", "cashier")).stdout
        )["key"]
        path = f"/v1/users/{server.add_user('ann')}"
        url = (await server.logged("listening"))["operator_url"]
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_S) as client:
            for way, amount, reference in (
                ("credits", "25.00", "in-1"),
                ("credits", "5.50", "in-2"),
                ("debits", "3", "out-1"),
            ):
                paid = {"amount": amount, "reference": reference}
                assert (await client.post(f"{path}/{way}", json=paid)).status_code == 201
    exported = await toteboard(tmp_path, "export", "transfers", "--format", "csv")
    (tmp_path / "transfers.csv").write_bytes(exported.stdout)
    own = [("in-1", "credit", "25"), ("in-2", "credit", "5.50"), ("out-1", "debit", "3.00")]
    assert differences(tmp_path, compare, own) == ""
    own = [("in-1", "credit", "24"), ("in-3", "credit", "9"), ("out-1", "debit", "3")]
    assert differences(tmp_path, compare, own).splitlines() == [
        "credit in-1: booked 25.00, ours 24.00",
        "credit in-2: booked 5.50, ours 0.00",
        "credit in-3: booked 0.00, ours 9.00",
    ]


def differences(folder: Path, compare: tuple[str, str], own: list[tuple[str, str, str]]) -> str:
    with (folder / "ours.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("reference", "kind", "amount"), *own])
    return printed(folder, *compare, "transfers.csv", "ours.csv")

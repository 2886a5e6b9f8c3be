"""The contenders: our server and the installed peers, each in a process of its own.

All start the same way on loopback and receive the same requests. The peers are in `bench/peers/`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from attrs import frozen

from bench.question import Plan
from bench.sample import BEFORE, OURS, PEERS, TRIO, WEBSOCKETS, WS
from bench.server_process import AnyServer, TooSlowError, ended, serving
from storage.opening import key_path

WS_VERSION = "8.23.0"
WORK = Path(__file__).with_name(".work")
"""The folder of installed packages and raw results. Git ignores it."""
PATIENCE_S = 60.0

# The crowd has few users, sends more than a person would, and answers no pings.
SETTINGS = MappingProxyType(
    {
        "rate_limit": 0,
        "cost_limit": 0,
        "chat_limit": 0,
        "ping_interval": "1h",
        "connections_per_user": 100,
    }
)


@frozen
class Contender:
    """A server that accepts connections."""

    name: str
    port: int
    server: AnyServer


@contextmanager
def contenders(plan: Plan, database: Path, script: Path) -> Iterator[list[Contender]]:
    """Run the servers to be measured, in order. Peers that are not installed are left out."""
    trees = {OURS: plan.tree, BEFORE: plan.against}
    with ExitStack() as ends:
        started = []
        for name in present(plan):
            tree = trees.get(name)
            runs = ours(name, tree, database) if tree else peer(name, script)
            started.append(ends.enter_context(runs))
        yield started


def present(plan: Plan) -> list[str]:
    """Return the names of the contenders that are available and that the plan includes."""
    able = [OURS, BEFORE] if plan.against else [OURS]
    able += [name for name in PEERS if versions().get(name)]
    return [name for name in able if not plan.only or name in plan.only]


@contextmanager
def ours(
    name: str,
    tree: Path,
    database: Path,
    settings: Mapping[str, object] = SETTINGS,
) -> Iterator[Contender]:
    """Run our server from the checkout `tree` on a copy of a database."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        copy = Path(directory) / "bench.db"
        shutil.copy(database, copy)
        shutil.copy(key_path(database), key_path(copy))
        with serving(copy, tree=tree, settings=settings) as server:
            server.wait_until_listening(PATIENCE_S)
            yield Contender(name, server.port, server)


@contextmanager
def peer(name: str, script: Path) -> Iterator[Contender]:
    """Run a peer that replies as `script` says."""
    here = Path(__file__).parent / "peers"
    command = {
        WEBSOCKETS: [sys.executable, str(here / "websockets_peer.py")],
        TRIO: [sys.executable, str(here / "trio_peer.py")],
        WS: ["node", str(here / "ws_peer.js")],
    }[name]
    environment = {**os.environ, "NODE_PATH": str(WORK / "node_modules")}
    process = subprocess.Popen([*command, str(script)], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    with ended(process), process.stdout as said:
        if not (port := said.readline()):
            raise TooSlowError(f"{name} does not start")
        yield Contender(name, int(port), AnyServer(process))


@cache
def versions() -> dict[str, str]:
    """Return the version of each peer and of its runtime, empty if it is not installed."""
    return {
        WEBSOCKETS: _distribution("websockets"),
        TRIO: _distribution("trio-websocket"),
        "trio": _distribution("trio"),
        WS: _ws(),
        "node": _said_by("node", "--version").lstrip("v"),
    }


def _distribution(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _ws() -> str:
    """Install the Node package ws if it is missing. Return its version, empty without Node."""
    package = WORK / "node_modules" / "ws" / "package.json"
    if not package.exists():
        if not (shutil.which("node") and shutil.which("npm")):
            return ""
        WORK.mkdir(exist_ok=True)
        options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        _said_by("npm", "install", *options, "--prefix", str(WORK), f"ws@{WS_VERSION}")
    return str(json.loads(package.read_bytes())["version"]) if package.exists() else ""


def _said_by(*command: str) -> str:
    """Return the standard output of a program, empty if it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()

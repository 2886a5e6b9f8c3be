"""The contenders: our server and the installed peers, each in a process of its own.

All start the same way on loopback and receive the same requests. The peers are in `bench/peers/`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from attrs import frozen

from bench.program import output_of
from bench.question import Plan
from bench.sample import BEFORE, LIMIT, OURS, PEERS, TRIO, USUAL, WEBSOCKETS, WS
from bench.server_process import AnyServer, TooSlowError, ended, serving
from storage.opening import key_path

NODE_PACKAGES = MappingProxyType({"ws": "8.23.0", "better-sqlite3": "12.9.0"})
"""The Node packages of the peers. Version 13 of better-sqlite3 needs Node 22."""
NODE_PATIENCE_S = 600.0
"""The timeout of their installation. better-sqlite3 may have to be compiled."""
PEER_FILES = MappingProxyType(
    {
        WEBSOCKETS: "websockets_peer.py",
        TRIO: "trio_peer.py",
        WS: "ws_peer.js",
        LIMIT: "limit_peer.py",
        USUAL: "usual_peer.js",
    }
)
NEEDS = MappingProxyType(
    {
        WEBSOCKETS: ("websockets",),
        TRIO: ("trio-websocket",),
        WS: ("ws",),
        LIMIT: (),
        USUAL: ("ws", "better-sqlite3"),
    }
)
"""What has to be installed for each peer, as `versions` names it."""
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


def present(plan: Plan, peers: Sequence[str] = PEERS) -> list[str]:
    """Return the names of the contenders that are available and that the plan includes."""
    able = [OURS, BEFORE] if plan.against else [OURS]
    able += [name for name in peers if all(map(_version, NEEDS[name]))]
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
    path = Path(__file__).parent / "peers" / PEER_FILES[name]
    command = [sys.executable if path.suffix == ".py" else "node", str(path)]
    folders = os.pathsep.join(str(_node_folder(each)) for each in NODE_PACKAGES)
    environment = {**os.environ, "NODE_PATH": folders}
    process = subprocess.Popen([*command, str(script)], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    with ended(process), process.stdout as said:
        if not (port := said.readline()):
            raise TooSlowError(f"{name} does not start")
        yield Contender(name, int(port), AnyServer(process))


def versions() -> dict[str, str]:
    """Return the versions of what the peers consist of, empty where it is not installed."""
    names = dict.fromkeys(need for needs in NEEDS.values() for need in needs)
    return {name: _version(name) for name in (*names, "trio", "node")}


@cache
def _version(name: str) -> str:
    if name == "node":
        return output_of("node", "--version", within_s=PATIENCE_S).lstrip("v")
    return _node_package(name) if name in NODE_PACKAGES else _distribution(name)


def _distribution(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _node_package(name: str) -> str:
    """Install a Node package if it is missing. Return its version, empty without Node."""
    folder = _node_folder(name)
    package = folder / name / "package.json"
    if not package.exists() and shutil.which("node") and shutil.which("npm"):
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        wanted = f"{name}@{NODE_PACKAGES[name]}"
        npm = ("npm", "install", *options, "--prefix", str(folder.parent), wanted)
        output_of(*npm, within_s=NODE_PATIENCE_S)
    return str(json.loads(package.read_bytes())["version"]) if package.exists() else ""


def _node_folder(name: str) -> Path:
    # A folder each: without a lock file npm removes what an earlier command installed.
    return WORK / name / "node_modules"

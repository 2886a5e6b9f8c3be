"""A PostgreSQL of the tests ends, folder and all, with the process that has started it."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.engine import Engine, until
from tests.support.tree import ROOT

PROGRAM = """
import sys
from tests.support.engine import Engine
with Engine.running() as engine:
    server = engine.primary
    print(server._process.pid, server._home, flush=True)
    sys.stdin.read()
"""


def test_a_server_ends_when_the_tests_are_killed(engine: Engine) -> None:
    assert engine.primary.runs
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as tests:
        assert tests.stdout is not None
        number, folder = tests.stdout.readline().split()
        process = Path("/proc") / number.decode()
        assert process.exists()
        tests.send_signal(signal.SIGKILL)
    until(lambda: _has_ended(process), "the server to end")
    until(lambda: not Path(folder.decode()).exists(), "its folder to be deleted")


def _has_ended(process: Path) -> bool:
    try:
        return b") Z " in (process / "stat").read_bytes()
    except OSError:
        return True

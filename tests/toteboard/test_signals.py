"""Signals between the start of a process and its event loop, and between the loop and the end."""

import signal
import subprocess
import sys

import pytest

from tests.support.process import environment

INTERRUPT_WHILE_IMPORTING = """
import signal, sys
from toteboard.__main__ import main
class Interrupted:
    def __del__(self):  # what is raised here is written to standard error
        signal.raise_signal(signal.SIGINT)
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "toteboard.people":
            Interrupted()
sys.meta_path.insert(0, Interrupt())
main()
"""
INTERRUPT_THAT_NOTHING_CATCHES = """
import sys, types
from toteboard.__main__ import main
def interrupted(**_):
    raise KeyboardInterrupt
sys.modules["toteboard.cli"] = types.SimpleNamespace(main=interrupted)
main()
"""
INTERRUPTED_GROUP = """
import sys
from toteboard import cli, __main__
def interrupted(*_):
    raise BaseExceptionGroup("of a nursery", [KeyboardInterrupt()])
cli.doctor.package_problems = interrupted
sys.argv[1:] = ["doctor"]
__main__.main()
"""
BUG_THAT_NOTHING_CATCHES = INTERRUPT_THAT_NOTHING_CATCHES.replace(
    "raise KeyboardInterrupt", "raise ZeroDivisionError"
)


def ran(code: str) -> tuple[int, str]:
    """Return the exit code of a process and its standard error."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment()
    )
    return done.returncode, done.stderr.strip()


@pytest.mark.parametrize("code", [INTERRUPT_WHILE_IMPORTING, INTERRUPT_THAT_NOTHING_CATCHES])
def test_an_interrupt_at_the_edge_of_a_command_says_nothing(code: str) -> None:
    assert ran(code) == (-signal.SIGINT, "")


def test_an_interrupt_among_others_is_one() -> None:
    assert ran(INTERRUPTED_GROUP) == (130, "")


def test_a_bug_is_shown_as_ever() -> None:
    code, said = ran(BUG_THAT_NOTHING_CATCHES)
    assert (code, said.splitlines()[-1]) == (1, "ZeroDivisionError")


ON_A_LOOP = """
import signal, sys, trio
from toteboard.stop_signals import StopSignals
async def main():
    with stop.calling(lambda: heard.append("stop")):
        {inside}
        await trio.sleep(0)
        await trio.sleep(0.01)
    assert signal.set_wakeup_fd(-1) == -1, "trio is going to close what it names"
    {after}
heard = []
stop = StopSignals()
{before}
trio.run(main)
{at_the_end}
print(len(heard), file=sys.stderr)
"""


@pytest.mark.parametrize("which", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    ("moment", "heard"), [("before", "1"), ("inside", "1"), ("after", "01"), ("at_the_end", "0")]
)
def test_a_signal_is_heard_by_the_loop_and_harmless_around_it(
    which: str, moment: str, heard: str
) -> None:
    moments = dict.fromkeys(("before", "inside", "after", "at_the_end"), "pass")
    code = ON_A_LOOP.format(**moments | {moment: f"signal.raise_signal(signal.{which})"})
    exit_code, said = ran(code)
    assert exit_code == 0
    assert said in list(heard)

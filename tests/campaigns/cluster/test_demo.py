"""`make demo-cluster` plays a match through the kill of its leader, and prints the pause."""

import re
import subprocess
import sys

from tests.support.process import environment

DEMO = (sys.executable, "-m", "tests.campaigns.cluster.demo", "--kills", "1", "--every", "3")


def test_the_match_of_the_demo_goes_on_after_its_leader_is_killed() -> None:
    played = subprocess.run(DEMO, env=environment(), capture_output=True, text=True, timeout=120)
    assert played.returncode == 0, played.stderr
    assert re.search(r"Node \d leads. No bet was acknowledged for [\d.]+ s.", played.stdout)
    assert not played.stderr

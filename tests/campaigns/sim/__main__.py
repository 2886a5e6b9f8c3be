"""`python -m tests.campaigns.sim`: many seeds over all cores, one seed, or the inserted bugs."""

import os
import sys

from tests.campaigns.mutations import MUTATIONS
from tests.campaigns.seeds import Campaign, command


def _with_one_order_of_sets() -> None:
    """Restart Python with a fixed string hash, because the server iterates over sets of ids."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        again = [sys.executable, "-m", "tests.campaigns.sim", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | {"PYTHONHASHSEED": "0"})


_with_one_order_of_sets()
command(Campaign("tests.campaigns.sim", MUTATIONS, seeds=200, steps=40, most_seeds=400))()

"""Keep inputs that once caused a failure, as regression tests.

A file contains the kind of target and the inputs of one world in order, as JSON strings with one
character per byte.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.campaigns.fuzz.target import Failure
from tests.campaigns.fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "found"
MOST_REPLAYS = 200
"""The most replays for minimizing a list of inputs."""


def read(path: Path) -> tuple[str, list[bytes]]:
    """Return the kind of target and the inputs of a file."""
    kept = json.loads(path.read_text())
    return kept["target"], [each.encode("latin-1") for each in kept["inputs"]]


def keep(kind: str, inputs: Sequence[bytes], why: str) -> Path:
    """Write the inputs that are needed for the failure, and return the file."""
    reduced = [each.decode("latin-1") for each in without_what_does_not_matter(kind, inputs)]
    text = json.dumps({"target": kind, "why": why[:300], "inputs": reduced}, indent=1) + "\n"
    path = FOUND / f"{sha256(text.encode()).hexdigest()[:12]}.json"
    path.write_text(text)
    return path


def fails(kind: str, inputs: Sequence[bytes]) -> str | None:
    """Run the inputs in a new world and return the failure, or None."""
    with TARGETS[kind](lifetime=len(inputs) + 1) as target:
        try:
            for data in inputs:
                target(data)
            target.finish()
        except Failure as failure:
            return str(failure)
    return None


def without_what_does_not_matter(kind: str, inputs: Sequence[bytes]) -> list[bytes]:
    """Return a smaller list of inputs that still fails, by removing ever smaller pieces."""
    left, size, tries = list(inputs), len(inputs) // 2, 0
    if fails(kind, left[-1:]):
        return left[-1:]
    while size and tries < MOST_REPLAYS:
        at = 0
        while at < len(left):
            shorter, tries = left[:at] + left[at + size :], tries + 1
            if shorter and fails(kind, shorter):
                left = shorter
            else:
                at += size
        size //= 2
    return left

"""What was ever found: inputs that once brought something about, kept so that they never do again.

A file holds the kind of target and the inputs of one world, in order, as JSON strings of one
character a byte.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.campaigns.fuzz.target import Failure
from tests.campaigns.fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "found"
MOST_REPLAYS = 200
"""How often inputs are tried again to see which of them matter."""


def read(path: Path) -> tuple[str, list[bytes]]:
    """The kind of target and the inputs in a file."""
    kept = json.loads(path.read_text())
    return kept["target"], [each.encode("latin-1") for each in kept["inputs"]]


def keep(kind: str, inputs: Sequence[bytes], why: str) -> Path:
    """Write down those of the inputs that matter; gives the file."""
    reduced = [each.decode("latin-1") for each in without_what_does_not_matter(kind, inputs)]
    text = json.dumps({"target": kind, "why": why[:300], "inputs": reduced}, indent=1) + "\n"
    path = FOUND / f"{sha256(text.encode()).hexdigest()[:12]}.json"
    path.write_text(text)
    return path


def fails(kind: str, inputs: Sequence[bytes]) -> str | None:
    """What does not hold in a new world that takes these, if anything."""
    with TARGETS[kind](lifetime=len(inputs) + 1) as target:
        try:
            for data in inputs:
                target(data)
            target.finish()
        except Failure as failure:
            return str(failure)
    return None


def without_what_does_not_matter(kind: str, inputs: Sequence[bytes]) -> list[bytes]:
    """A part of the inputs that fails as well: ever smaller pieces are left out."""
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

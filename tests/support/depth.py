"""Set how much a test tries: little in `make test`, far more in `make deep`."""

import os

IS_DEEP = os.environ.get("TOTEBOARD_DEEP") == "1"
"""Whether the tests run as long as in `make deep`."""


def depth(gate: int, deep: int) -> int:
    """Return how many examples, seeds or steps a test takes: `gate` in `make test`, or `deep`."""
    return deep if IS_DEEP else gate

"""What the server logs while it is fuzzed: only what would be its own fault is kept."""

import logging
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

Line = MutableMapping[str, Any]


@contextmanager
def faults() -> Iterator[list[Line]]:
    """Every warning and error from now on, in a list that grows."""
    found: list[Line] = []

    def keep(_logger: object, level: str, line: Line) -> Line:
        if level not in ("debug", "info"):
            found.append(line)
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[keep], wrapper_class=structlog.make_filtering_bound_logger(logging.INFO)
    )
    try:
        yield found
    finally:
        structlog.configure(**before)

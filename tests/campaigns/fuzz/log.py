"""Collect what the server logs during fuzzing."""

import logging
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import structlog

Line = MutableMapping[str, Any]


def faults() -> AbstractContextManager[list[Line]]:
    """Collect every warning and error within the block, in a list that grows."""
    return lines(lambda level, _line: level not in ("debug", "info"), logging.INFO)


@contextmanager
def lines(is_kept: Callable[[str, Line], bool], lowest: int) -> Iterator[list[Line]]:
    """Collect the log lines of at least this level that `is_kept` accepts, in a list that grows."""
    found: list[Line] = []

    def keep(_logger: object, level: str, line: Line) -> Line:
        if is_kept(level, line):
            found.append({**line, "level": level})
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[keep], wrapper_class=structlog.make_filtering_bound_logger(lowest)
    )
    try:
        yield found
    finally:
        structlog.configure(**before)

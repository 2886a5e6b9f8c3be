"""Collect what the server logs during fuzzing."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog

from tests.campaigns.log import Line, log_received_by


def faults() -> AbstractContextManager[list[Line]]:
    """Collect every warning and error within the block, in a list that grows."""
    return lines(lambda level, _line: level not in ("debug", "info"), logging.INFO)


@contextmanager
def lines(is_kept: Callable[[str, Line], bool], lowest: int) -> Iterator[list[Line]]:
    """Collect the log lines of at least this level that `is_kept` accepts, in a list that grows."""
    found: list[Line] = []

    def keep(level: str, line: Line) -> None:
        if is_kept(level, line):
            found.append({**line, "level": level})

    with log_received_by(keep, wrapper_class=structlog.make_filtering_bound_logger(lowest)):
        yield found

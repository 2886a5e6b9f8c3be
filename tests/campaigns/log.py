"""Receive what the server logs, instead of printing it."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

Line = MutableMapping[str, Any]


@contextmanager
def log_received_by(receive: Callable[[str, Line], None], **configuration: Any) -> Iterator[None]:
    """Call `receive` with the level and the fields of each line that is logged within the block."""

    def processor(_logger: object, level: str, line: Line) -> Line:
        receive(level, line)
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[processor], cache_logger_on_first_use=False, **configuration)
    try:
        yield
    finally:
        structlog.configure(**before)

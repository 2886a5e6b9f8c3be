"""Tells what is read from databases, by any of the ways that `Database` offers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from storage.database import Database

OnRead = Callable[[str, Sequence[Any]], None]
"""Called with a statement and its parameters."""


@contextmanager
def reads_told(on_read: OnRead) -> Iterator[None]:
    """Call `on_read` before each read of any database in the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("rows", "row", "each"):
            patch.setattr(Database, name, _telling(getattr(Database, name), on_read))
        yield


def _telling(read: Any, on_read: OnRead) -> Any:
    def tell(database: Database, sql: str, parameters: Sequence[Any] = ()) -> Any:
        on_read(sql, parameters)
        return read(database, sql, parameters)

    return tell

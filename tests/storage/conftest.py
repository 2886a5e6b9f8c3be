"""A separate database for each test."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Database
from storage.opening import open_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the test's database."""
    return tmp_path / "tote.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """Yield the test's database, new and open."""
    with closing(open_database(path)) as opened:
        yield opened

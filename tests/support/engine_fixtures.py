"""The fixtures of a real PostgreSQL, for the conftest of each folder that tests with it.

Without PostgreSQL the tests are skipped with the reason; in CI they fail.
"""

import os
from collections.abc import Iterator

import pytest

from tests.support.cluster_sessions import Appenders
from tests.support.engine import NO_ENGINE, Engine, engine_programs


def _need_engine() -> None:
    if engine_programs() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_ENGINE)
        pytest.skip(NO_ENGINE)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One server without standbys, for all tests."""
    _need_engine()
    with Engine.running() as running:
        yield running


@pytest.fixture(scope="module")
def replicated_engine() -> Iterator[Engine]:
    """A primary and two standbys, for the tests of a module that leave the servers as they were."""
    _need_engine()
    with Engine.running(standbys=True) as running:
        yield running


@pytest.fixture
def mortal_engine() -> Iterator[Engine]:
    """A primary and two standbys, for one test that ends servers."""
    _need_engine()
    with Engine.running(standbys=True) as running:
        yield running


@pytest.fixture
def url(engine: Engine) -> str:
    """A new database on the server without standbys."""
    return engine.new_database()


@pytest.fixture
def appenders() -> Iterator[Appenders]:
    """What makes the appenders of a test."""
    made = Appenders()
    yield made
    made.close()

"""A real PostgreSQL: one server for most tests, a primary with two standbys for some."""

from tests.support.engine_fixtures import (
    appenders,
    engine,
    mortal_engine,
    replicated_engine,
    url,
)

__all__ = ["appenders", "engine", "mortal_engine", "replicated_engine", "url"]

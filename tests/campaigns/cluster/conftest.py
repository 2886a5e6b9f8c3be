"""A real PostgreSQL: one server without standbys, and a primary with two."""

from tests.support.engine_fixtures import engine, mortal_engine, url

__all__ = ["engine", "mortal_engine", "url"]

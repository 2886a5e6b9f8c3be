"""A real PostgreSQL: one server without standbys, and a primary with two.

`make test-cluster` runs the tests; they are too long for the gate.
"""

from tests.support.depth import IS_DEEP
from tests.support.engine_fixtures import engine, mortal_engine, url

__all__ = ["engine", "mortal_engine", "url"]

collect_ignore = [] if IS_DEEP else ["test_demo.py", "test_faults.py", "test_orphans.py"]

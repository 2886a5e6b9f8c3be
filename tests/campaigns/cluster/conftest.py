"""A real PostgreSQL: one server without standbys, and a primary with two.

The gate runs `test_faults.py`; `make test-cluster` runs the others too.
"""

from tests.support.depth import IS_DEEP
from tests.support.engine_fixtures import engine, mortal_engine, url

__all__ = ["engine", "mortal_engine", "url"]

collect_ignore = [] if IS_DEEP else ["test_demo.py", "test_orphans.py"]

"""A real PostgreSQL: one server without standbys, and a primary with two.

The gate runs `test_takeover.py`. The other files start as many processes again, and take minutes:
`make test-cluster` runs all of them.
"""

from tests.support.depth import IS_DEEP
from tests.support.engine_fixtures import engine, mortal_engine, url

__all__ = ["engine", "mortal_engine", "url"]

TAKES_MINUTES = (
    "test_commands.py",
    "test_edges.py",
    "test_files.py",
    "test_guide.py",
    "test_health.py",
    "test_own_limits.py",
    "test_snapshots.py",
    "test_upgrade.py",
)
collect_ignore = [] if IS_DEEP else [*TAKES_MINUTES]

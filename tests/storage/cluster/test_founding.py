"""Founding a cluster: once, and completed if it was interrupted."""

from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from storage.cluster.founding import found_cluster
from storage.cluster.tables import cluster_of
from storage.errors import DatabaseUnusableError
from storage.opening import open_database
from storage.position import FilePosition, join_cluster
from storage.records import LOG_START
from tests.support.cluster_sessions import session, soon


def test_a_foundation_that_was_interrupted_is_completed_and_not_repeated(
    tmp_path: Path, url: str
) -> None:
    cluster = str(uuid4())
    with closing(open_database(tmp_path / "node.db")) as database:
        join_cluster(database, FilePosition(cluster, LOG_START))
        assert found_cluster(database, url, soon()) == cluster
        with session(url) as engine:
            present = cluster_of(engine, soon())
        assert present is not None
        assert present.id == cluster
        with pytest.raises(DatabaseUnusableError, match=f"already: {cluster}, of this file"):
            found_cluster(database, url, soon())

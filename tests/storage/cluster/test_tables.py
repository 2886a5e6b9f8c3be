"""A cluster's tables: made once, by a role with CREATE alone, and told from another cluster's."""

from uuid import uuid4

import psycopg
import pytest

from storage.cluster.connection import EngineUnclearError
from storage.cluster.tables import (
    ClusterAbout,
    cluster_of,
    create_cluster,
    refuse_other_cluster,
)
from storage.errors import DatabaseUnusableError
from tests.support.cluster_sessions import LEVEL, make_cluster, session, soon
from tests.support.engine import Engine


def test_a_role_with_create_and_no_more_makes_a_cluster(url: str) -> None:
    with session(url) as engine:
        assert cluster_of(engine, soon()) is None
    cluster = make_cluster(url)
    with session(url) as engine:
        assert cluster_of(engine, soon()) == ClusterAbout(cluster, LEVEL)
        refuse_other_cluster(engine, soon(), cluster)
    with psycopg.connect(url) as reader:
        assert reader.execute("SELECT * FROM toteboard_log").fetchall() == []
        lease = reader.execute("SELECT epoch, holder, address FROM toteboard_lease").fetchall()
        assert lease == [(0, "", "")]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "UTF8"])
def test_a_cluster_is_recognised_whatever_the_encoding_of_its_database(
    engine: Engine, encoding: str
) -> None:
    url = engine.new_database(encoding)
    cluster = make_cluster(url)
    with session(url) as own:
        refuse_other_cluster(own, soon(), cluster)


def test_a_database_has_one_cluster(url: str) -> None:
    cluster, other = make_cluster(url), str(uuid4())
    with session(url) as engine:
        with pytest.raises(DatabaseUnusableError, match=f"cluster already: {cluster}"):
            create_cluster(engine, soon(), other, LEVEL)
        with pytest.raises(DatabaseUnusableError, match=f"{cluster}, and the file of {other}"):
            refuse_other_cluster(engine, soon(), other)


def test_a_database_without_a_cluster_says_so(url: str) -> None:
    with (
        session(url) as engine,
        pytest.raises(DatabaseUnusableError, match="toteboard cluster init"),
    ):
        refuse_other_cluster(engine, soon(), str(uuid4()))


def test_a_role_without_the_right_is_told_what_to_grant(engine: Engine, url: str) -> None:
    name = url.rpartition("/")[2].partition("?")[0]
    engine.primary.ask(f"REVOKE CREATE ON DATABASE {name} FROM toteboard")
    with (
        session(url) as own,
        pytest.raises(DatabaseUnusableError, match=f'GRANT CREATE ON DATABASE "{name}"'),
    ):
        create_cluster(own, soon(), str(uuid4()), LEVEL)


def test_a_cluster_is_made_in_whole_or_not_at_all(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("CREATE SCHEMA toteboard")
        other.execute("CREATE TABLE toteboard.toteboard_nodes (id text)")
    with session(url) as engine, pytest.raises(EngineUnclearError, match="already exists"):
        create_cluster(engine, soon(), str(uuid4()), LEVEL)
    with session(url) as engine:
        assert cluster_of(engine, soon()) is None

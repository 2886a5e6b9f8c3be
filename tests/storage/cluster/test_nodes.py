"""The nodes' reports, and how far the log may be forgotten."""

import attrs
import psycopg

from storage.cluster.nodes import NodeReport, least_applied, list_nodes, report_node
from tests.support.cluster_sessions import make_cluster, session, soon

ONE = NodeReport("one", "a:1", "1.0", 7, 12)
TWO = NodeReport("two", "b:1", "1.1", 8, 9)


def test_a_node_s_last_report_counts(url: str) -> None:
    make_cluster(url)
    with session(url) as engine:
        assert list_nodes(engine, soon()) == []
        for report in (TWO, ONE, attrs.evolve(ONE, applied=14)):
            report_node(engine, soon(), report)
        listed = list_nodes(engine, soon())
        assert [report for report, _ in listed] == [attrs.evolve(ONE, applied=14), TWO]
        assert all(0 <= age < 60 for _, age in listed)


def test_the_log_is_kept_for_the_slowest_node_that_was_seen_in_a_day(url: str) -> None:
    make_cluster(url)
    with session(url) as engine:
        assert least_applied(engine, soon()) == 0
        report_node(engine, soon(), ONE)
        report_node(engine, soon(), TWO)
        assert least_applied(engine, soon()) == 9
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "UPDATE toteboard_nodes SET seen = seen - interval '25 h' WHERE id = 'two'"
            )
        assert least_applied(engine, soon()) == 12

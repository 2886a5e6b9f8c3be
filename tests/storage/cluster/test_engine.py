"""The PostgreSQL of the tests behaves as the tests of the cluster need it."""

import psycopg
import pytest

from tests.support.engine import Engine, received, until


def write(url: str, text: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS tote")
        connection.execute("CREATE TABLE IF NOT EXISTS tote.said (text text)")
        connection.execute("INSERT INTO tote.said VALUES (%s)", [text])


def read(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM tote.said").fetchall()]


def test_the_engine_syncs_and_waits_for_a_standby(replicated_engine: Engine) -> None:
    primary = replicated_engine.primary
    assert primary.setting("fsync") == "on"
    assert primary.setting("synchronous_commit") == "on"
    assert primary.setting("synchronous_standby_names") == "ANY 1 (s1, s2)"


def test_the_role_of_the_tests_is_not_a_superuser(engine: Engine, url: str) -> None:
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE ROLE another")


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_what_was_written_outlives_a_restart(engine: Engine, url: str, how: str) -> None:
    write(url, how)
    engine.primary.stop(how)
    engine.primary.start()
    assert read(url) == [how]


def test_the_url_finds_a_promoted_standby_with_all_that_was_acknowledged(
    mortal_engine: Engine,
) -> None:
    url = mortal_engine.new_database()
    write(url, "before")
    lagging = mortal_engine.standbys[0]
    until(
        lambda: received(lagging) >= max(map(received, mortal_engine.standbys)), "both to be equal"
    )
    mortal_engine.detach(lagging)
    write(url, "after")
    mortal_engine.primary.kill()
    best = mortal_engine.best_standby()
    assert best is not lagging
    mortal_engine.promote(best)
    assert read(url) == ["before", "after"]
    assert best.setting("synchronous_standby_names") == f"ANY 1 ({lagging.name})"
    write(url, "with the other standby's acknowledgement")

"""A yes of the engine is a yes: a warning, an error, silence and a lost connection are none."""

import socket
from contextlib import suppress
from itertools import chain, repeat
from urllib.parse import urlsplit

import psycopg
import pytest

from storage.cluster.connection import (
    Deadline,
    EngineFullError,
    EngineUnclearError,
    KeyTakenError,
    connect_engine,
)
from tests.support.cluster_sessions import make_cluster, session, soon
from tests.support.engine import Engine, free_port
from tests.support.proxy import LossyProxy


def through(proxy: LossyProxy, engine: Engine, url: str) -> str:
    return url.replace(f":{engine.primary.port}/", f":{proxy.port}/")


def test_a_session_waits_for_a_standby_whatever_its_role_says(engine: Engine, url: str) -> None:
    engine.primary.ask("ALTER ROLE toteboard SET synchronous_commit = off")
    try:
        with session(url) as own:
            assert own.run(soon(), "SHOW synchronous_commit") == (1, [("on",)])
    finally:
        engine.primary.ask("ALTER ROLE toteboard RESET synchronous_commit")


def test_a_notice_is_never_a_yes(url: str) -> None:
    with session(url) as own:
        with pytest.raises(EngineUnclearError, match="the engine warned: hm"):
            own.run(soon(), "DO $$ BEGIN RAISE NOTICE 'hm'; END $$")
        assert own.run(soon(), "SELECT 1") == (1, [(1,)])


def test_a_taken_key_and_a_full_engine_are_a_clear_no(url: str) -> None:
    make_cluster(url)
    with session(url) as own:
        with pytest.raises(KeyTakenError):
            own.run(soon(), "INSERT INTO toteboard_lease SELECT * FROM toteboard_lease")
        own.run(soon(), "SET default_transaction_read_only = on")
        with pytest.raises(EngineFullError, match="read-only"):
            own.run(soon(), "DELETE FROM toteboard_nodes")


def test_any_other_error_is_unclear(url: str) -> None:
    with session(url) as own, pytest.raises(EngineUnclearError, match="division by zero"):
        own.run(soon(), "SELECT 1/0")


def test_silence_ends_at_the_deadline_and_the_late_answer_is_not_heard(
    engine: Engine, url: str
) -> None:
    with LossyProxy.before(engine.primary.port) as proxy:
        own = connect_engine(through(proxy, engine, url), soon())
        proxy.silence()
        with pytest.raises(EngineUnclearError, match="did not answer in time"):
            own.run(soon(0.2), "SELECT 1")
        with pytest.raises(EngineUnclearError, match="closed"):
            own.run(soon(), "SELECT 2")


def test_a_lost_connection_is_unclear(engine: Engine, url: str) -> None:
    with LossyProxy.before(engine.primary.port) as proxy:
        own = connect_engine(through(proxy, engine, url), soon())
        proxy.cut()
        with pytest.raises(EngineUnclearError):
            own.run(soon(), "SELECT 1")
        own.close()


def test_an_engine_that_is_away_is_unclear() -> None:
    with pytest.raises(EngineUnclearError, match="refused"):
        connect_engine(f"postgresql://toteboard@127.0.0.1:{free_port()}/x", soon())


def test_connecting_to_silence_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://toteboard@127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(EngineUnclearError, match="did not answer in time"):
            connect_engine(url, soon(0.2))


def test_a_silent_host_leaves_time_for_the_next(engine: Engine) -> None:
    # The silent host may have half of 100 s. The time that the other one needs does not count.
    seconds = chain((0, 30, 60), repeat(90, 100), repeat(100))
    database = urlsplit(engine.new_database()).path
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ports = silent.getsockname()[1], engine.primary.port
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        deadline = Deadline(lambda: next(seconds), 100)
        own = connect_engine(f"postgresql://toteboard@{hosts}{database}", deadline)
    assert own.run(soon(), "SELECT 1") == (1, [(1,)])
    own.close()


def test_half_of_the_time_that_is_left() -> None:
    assert Deadline(lambda: 10.0, 14.0).halfway(0.5).at == 12.0
    assert Deadline(lambda: 10.0, 10.2).halfway(0.5).at == 10.5
    assert Deadline(lambda: 10.0, 9.0).left_s() == 0.0


def test_a_transaction_that_fails_leaves_nothing(url: str) -> None:
    with session(url) as own, suppress(EngineUnclearError), own.transaction(soon()):
        own.run(soon(), "CREATE SCHEMA made")
        own.run(soon(), "SELECT 1/0")
    with psycopg.connect(url) as reader:
        assert reader.execute("SELECT to_regnamespace('made')").fetchone() == (None,)

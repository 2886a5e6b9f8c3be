"""Each setting of the engine that can lose a confirmed record is named, and no safe one."""

import pytest

from storage.cluster.safety import unsafe_settings
from tests.support.cluster_sessions import session, soon
from tests.support.engine import Engine


def found(url: str) -> list[str]:
    with session(url) as engine:
        return unsafe_settings(engine, soon())


def test_a_synchronous_standby_is_safe(replicated_engine: Engine) -> None:
    assert found(replicated_engine.new_database()) == []


def test_a_primary_alone_is_named_unsafe(url: str) -> None:
    (line,) = found(url)
    assert line.startswith("synchronous_standby_names is empty")


@pytest.mark.parametrize(
    ("name", "value"),
    [("full_page_writes", "off"), ("wal_retrieve_retry_interval", "5s")],
)
def test_an_unsafe_setting_is_named(engine: Engine, url: str, name: str, value: str) -> None:
    before = engine.primary.setting(name)
    engine.primary.set(**{name: value})
    assert name in " ".join(found(url))
    engine.primary.set(**{name: before})


def test_a_session_whose_settings_are_not_kept_is_noticed(url: str) -> None:
    with session(url) as engine:
        engine.run(soon(), "SELECT set_config('lock_timeout', '0', false)")
        assert any("pooler" in line for line in unsafe_settings(engine, soon()))

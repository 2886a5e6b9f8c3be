"""Settings that are written and read again: by `toteboard config`, and for a worker."""

import tempfile
from pathlib import Path
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from game.policy import SHIPPED, DeadHeat, Policy, Unbacked
from toteboard.settings import (
    TABLE,
    TOGETHER,
    Loaded,
    Origin,
    Setting,
    Settings,
    from_values,
    load,
    to_toml,
)
from toteboard.token_settings import TokenSettings
from toteboard.workers import settings_of as received
from toteboard.workers import worker_settings


def values_of(row: Setting) -> st.SearchStrategy[Any]:
    """Return a strategy for the values that a setting may have."""
    text = (
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)
        .map(str.strip)
        .filter(bool)
    )
    if row.words:
        values: st.SearchStrategy[Any] = st.sampled_from(row.words)
    elif row.maximum is not None:
        values = st.integers(row.minimum, row.maximum)
    elif isinstance(row.default, bool):
        values = st.booleans()
    elif row.name == "pool_policy":
        values = st.sampled_from(["plain", "social", "club"])
    elif row.name == "public_url":
        values = st.from_regex(r"wss?://[a-z0-9.]{1,20}(:[0-9]{1,5})?(/[a-z]*)?", fullmatch=True)
    elif row.name in ("node_address", "node_listen"):
        values = st.from_regex(r"[a-z0-9.-]{1,20}:[1-9][0-9]{0,3}", fullmatch=True)
    elif isinstance(row.default, tuple):
        origin = st.from_regex(r"[a-z]{1,9}://[a-z0-9.-]{1,20}(:[1-9][0-9]{2,3})?", fullmatch=True)
        values = st.lists(origin).map(tuple)
    else:
        values = text
    return values | st.none() if row.default is None else values


any_tokens = st.sampled_from(
    [
        TokenSettings(),
        TokenSettings(jwt_issuer="i", jwt_audience="a", jwt_secret="s", jwt_session_ttl=60_000),
        TokenSettings(
            jwt_issuer="i",
            jwt_audience="a",
            jwt_jwks_url="https://i.example/keys",
            jwt_algorithms=("ES256", "PS512"),
            jwt_name_claim="name",
        ),
    ]
)

any_policies = st.builds(
    Policy,
    name=st.just("club"),
    takeout=st.integers(0, 5_000),
    break_to=st.sampled_from([1, 5, 10, 20]),
    minimum=st.integers(100, 120),
    dead_heat=st.sampled_from(DeadHeat),
    unbacked=st.sampled_from(Unbacked),
).map(lambda club: SHIPPED | {"club": club})


def settings_of(
    values: dict[str, Any], tokens: TokenSettings, policies: dict[str, Policy]
) -> Settings:
    return from_values(values | attrs.asdict(tokens), policies)


def together(values: dict[str, Any]) -> dict[str, Any]:
    """Return values without those whose companions are missing."""
    lone = [name for names in TOGETHER if None in map(values.get, names) for name in names]
    return values | dict.fromkeys(lone)


any_settings = st.builds(
    settings_of,
    st.fixed_dictionaries(
        {name: values_of(row) for name, row in TABLE.items() if not name.startswith("jwt_")}
    ).map(together),
    any_tokens,
    any_policies,
)


@given(any_settings, st.sampled_from(Origin))
def test_what_config_prints_is_taken_again_as_it_was(settings: Settings, origin: Origin) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "printed.toml"
        printed = to_toml(Loaded(settings, dict.fromkeys(TABLE, origin)))
        path.write_text(printed, encoding="utf-8")
        again = load({}, {}, path)
    assert again.settings == settings
    assert set(again.origins.values()) == {Origin.FILE}


@given(any_settings)
def test_a_worker_receives_the_settings_in_force(settings: Settings) -> None:
    assert received(worker_settings(settings, 9_999)) == settings

"""Policies in the settings file: what is read, what is refused, and how it is printed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from game.policy import SHIPPED, DeadHeat, Policy, Unbacked
from toteboard.settings import Loaded, SettingsError, load, to_toml
from toteboard.workers import settings_of, worker_settings

Write = Callable[[str], Path]
CLUB = """
pool_policy = "club"
[policies.club]
takeout = 12.5
break_to = 0.05
minimum = 1.00
dead_heat = "profit"
unbacked = "carry"
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Loaded]:
    def load_text(text: str) -> Loaded:
        path = tmp_path / "toteboard.toml"
        path.write_text(text, encoding="utf-8")
        return load({}, {}, path)

    return load_text


def test_a_table_adds_a_policy_to_the_shipped_ones(read: Callable[[str], Loaded]) -> None:
    limits = read(CLUB).settings.limits
    club = Policy("club", 1_250, 5, 100, DeadHeat.PROFIT, Unbacked.CARRY)
    assert limits.policies == SHIPPED | {"club": club}
    assert limits.pool_policy == "club"


def test_what_a_table_leaves_out_is_as_in_plain(read: Callable[[str], Loaded]) -> None:
    assert read("[policies.same]").settings.limits.policies["same"] == Policy("same")


def test_without_a_file_there_are_the_shipped_policies() -> None:
    assert load({}, {}, None).settings.limits.policies == SHIPPED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[policies.plain]", "policy plain (from the file) is shipped: choose another name"),
        ("[policies.Club]", "a name has 1 to 32 lower-case letters"),
        ("policies = 3", "must be tables such as [policies.club]"),
        ("[policies]\nclub = 3", "its keys are takeout, break_to, minimum, dead_heat, unbacked"),
        ("[policies.club]\ntake = 1", "its keys are"),
        ("[policies.club]\ntakeout = 1.234", "takeout must be a number with at most two decimals"),
        ('[policies.club]\ntakeout = "1"', "takeout must be a number"),
        ("[policies.club]\ntakeout = true", "takeout must be a number"),
        ("[policies.club]\ntakeout = nan", "takeout must be a number"),
        ("[policies.club]\ntakeout = inf", "takeout must be a number"),
        ("[policies.club]\ntakeout = -1", "takeout must be from 0 to 50"),
        ("[policies.club]\ntakeout = -0.01", "takeout must be from 0 to 50"),
        ("[policies.club]\ntakeout = 1e999999", "takeout must be from 0 to 50"),
        ("[policies.club]\nbreak_to = -1", "break_to must be one of 0, 0.01, 0.05, 0.10, 0.20"),
        ("[policies.club]\nbreak_to = 1001", "break_to must be one of 0, 0.01, 0.05, 0.10, 0.20"),
        ("[policies.club]\nminimum = -1", "minimum must be from 1.00 to 1.20"),
        ("[policies.club]\nminimum = 5_000", "minimum must be from 1.00 to 1.20"),
        ("[policies.club]\ntakeout = 51", "takeout must be from 0 to 50"),
        ("[policies.club]\ntakeout = 5", "needs break_to and minimum"),
        ('[policies.club]\ndead_heat = "all"', "dead_heat must be one of single, pool, profit"),
        ('[policies.club]\nunbacked = "keep"', "unbacked must be one of refund, carry"),
        ('pool_policy = "club"', 'invalid value "club" for pool_policy (from the file): expected'),
    ],
)
def test_an_unusable_policy_is_an_error_that_says_why(
    read: Callable[[str], Loaded], text: str, why: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert why in caught.value.message
    assert caught.value.exit_code == 2


def test_the_policies_are_printed_and_read_again(read: Callable[[str], Loaded]) -> None:
    loaded = read(CLUB)
    printed = to_toml(loaded)
    assert "[policies.club]\ntakeout = 12.50\n" in printed
    assert "[policies.plain]" not in printed
    assert read(printed).settings == loaded.settings


def test_a_worker_has_the_same_policies(read: Callable[[str], Loaded]) -> None:
    settings = read(CLUB).settings
    assert settings_of(worker_settings(settings, 1)) == settings

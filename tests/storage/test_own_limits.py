"""Rows of own limits and breaks: the check compares them with their acts, the log carries them."""

import pytest

from game.own_limits import Break, LimitChange, LimitKind, OwnLimit, OwnRules, Period, Usage
from game.refusals import Refusal
from storage.audit import audit
from storage.changes import EntryMade
from storage.database import Database
from storage.errors import DamagedRowError
from storage.limit_writes import LiftBreak, SetOwnLimits, TakeBreak
from storage.own_limits import limits_of, own_rules, own_rules_of, usage_between
from storage.records import CHANGE_KINDS
from storage.statements import entries_before, last_entry
from storage.store import AddUser
from storage.users import UnknownUserError

NOW = 1_800_000_000_000
DAY = 24 * 3_600_000
SPEND = Period.DAY, LimitKind.SPEND


@pytest.fixture
def played(database: Database) -> Database:
    """Return a database with a limit of ann that is raised, and a break of bob."""
    for name in ("ann", "bob"):
        AddUser(name, False, {"DON": 500}, None).perform(database, NOW)
    for amount in (10, 20):
        SetOwnLimits(1, "DON", (LimitChange(*SPEND, amount),)).perform(database, NOW)
    TakeBreak(2, NOW + 5).perform(database, NOW)
    return database


def test_what_was_set_is_read_again(played: Database) -> None:
    limits = {SPEND: OwnLimit(10, 20, NOW + DAY)}
    assert limits_of(played, 1) == {"DON": limits}
    bob = OwnRules(pause=Break(NOW + 5))
    assert own_rules(played, NOW) == {1: OwnRules(limits={"DON": limits}), 2: bob}
    assert 2 not in own_rules(played, NOW + 5)
    assert (own_rules_of(played, 2), own_rules_of(played, 3)) == (bob, None)
    assert audit(played) == []


def test_what_changes_nothing_writes_nothing(played: Database) -> None:
    before = played.row("SELECT count(*) AS acts FROM operator_acts")
    SetOwnLimits(1, "DON", (LimitChange(*SPEND, 20),)).perform(played, NOW + 1)
    TakeBreak(2, NOW + 4).perform(played, NOW + 1)
    LiftBreak(1).perform(played, NOW + 1)
    LiftBreak(2).perform(played, NOW + 5)
    with pytest.raises(Refusal):
        TakeBreak(1, NOW).perform(played, NOW)
    with pytest.raises(UnknownUserError):
        LiftBreak(9).perform(played, NOW)
    assert played.row("SELECT count(*) AS acts FROM operator_acts") == before


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE own_limits SET amount = 11", "limit a day of user 1 in DON"),
        ("UPDATE own_limits SET next_at = next_at + 1", "limit a day of user 1 in DON"),
        ("UPDATE own_limits SET next_at = NULL, next_amount = NULL", "the spend limit a day"),
        ("DELETE FROM own_limits", "the spend limit a day of user 1 in DON is missing"),
        ("INSERT INTO own_limits VALUES (2, 'DON', 'week', 'loss', 1, NULL, NULL)", "has no act"),
        ("UPDATE breaks SET until = NULL", "the break of user 2"),
        ("DELETE FROM breaks", "the break of user 2 is missing"),
        ("INSERT INTO breaks VALUES (1, NULL)", "the break of user 1 has no act"),
    ],
)
def test_a_row_that_was_changed_by_hand_is_found(played: Database, change: str, found: str) -> None:
    played.execute(change)
    assert any(found in line for line in audit(played))


@pytest.mark.parametrize("damage", ["own_limits SET amount = 'x'", "breaks SET until = 'x'"])
def test_a_damaged_row_fails_its_own_read(played: Database, damage: str) -> None:
    played.execute("PRAGMA ignore_check_constraints = ON")
    played.execute(f"UPDATE {damage}")
    with pytest.raises(DamagedRowError):
        own_rules(played, NOW)


def test_entries_before_the_period_and_payments_do_not_count(played: Database) -> None:
    moves = [("bet", 0, -300), ("refund", 0, 100), ("loss", -50, 0), ("payout", 80, 90)]
    moves += [("correction", -7, -7), ("debit", -9, -9), ("hold", 0, -9)]
    for at in (NOW, NOW + 1):
        rows = [EntryMade(1, "DON", at, cause, current, free) for cause, current, free in moves]
        played.write(rows)
    last = last_entry(played, 1, "DON")
    assert (last, entries_before(played, 1, "DON", NOW + 1)) == (1 + 14, 1 + 7)
    once, twice = Usage(200, -23), Usage(400, -46)
    assert usage_between(played, 1, "DON", (0, last), 0) == twice
    assert usage_between(played, 1, "DON", (0, last), NOW + 1) == once
    assert usage_between(played, 1, "DON", (8, last), 0) == once
    assert usage_between(played, 1, "DON", (0, 8), 0) == once
    assert usage_between(played, 1, "EUR", (0, last), 0) == Usage()


def test_the_log_of_a_cluster_carries_the_rows() -> None:
    assert {"OwnLimitSet", "BreakTaken", "BreakLifted"} <= CHANGE_KINDS.keys()

"""The books of pools with policies: sound ones are silent, and a change of any of them is found."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import migrations
from storage.audit import audit
from storage.database import Database
from storage.errors import DatabaseUnusableError
from storage.migrations import SCHEMA
from storage.opening import open_database
from storage.pools import bet_count, bets_of_pool, resolved_pools_of
from tests.support.bookkeeper import ANN, BOB, CUP, SOURCE, meeting, seal

HOUSE, CARRY = f"house:{SOURCE}", f"carry:{SOURCE}"


@pytest.fixture
def played(database: Database) -> Database:
    meeting(database)
    return database


def tamper(database: Database, sql: str) -> None:
    """Change the database as a hand with a shell would."""
    database.execute("PRAGMA ignore_check_constraints = ON")
    database.execute(sql)


def test_sound_books_with_houses_and_carries_have_no_findings(played: Database) -> None:
    assert audit(played) == []
    causes = {row["cause"] for row in played.rows("SELECT cause FROM transfers")}
    assert causes >= {"takeout", "breakage", "minus", "carry_in", "carry_out", "stake", "refund"}


def test_every_currency_sums_to_nothing_with_houses_and_carries(played: Database) -> None:
    [total] = played.rows("SELECT sum(balance) AS n FROM accounts WHERE currency = 'DON'")
    assert total == {"n": 0}


TAMPERING = {
    "the house has more": f"UPDATE accounts SET balance = balance + 1 WHERE account = '{HOUSE}'",
    "a takeout is a breakage": "UPDATE transfers SET cause = 'breakage' WHERE cause = 'takeout'",
    "a takeout goes to a player": (
        "UPDATE transfers SET credit = 'player:2:available' WHERE cause = 'takeout'"
    ),
    "a minus is taken back": "DELETE FROM transfers WHERE cause = 'minus'",
    "a carry goes to the house": (
        f"UPDATE transfers SET credit = '{HOUSE}' WHERE cause = 'carry_out'"
    ),
    "a carry is taken twice": (
        "INSERT INTO transfers (at, currency, debit, credit, amount, cause, game_id, seq)"
        " SELECT at, currency, debit, credit, amount, cause, game_id, seq + 1 FROM transfers"
        " WHERE cause = 'carry_in'"
    ),
    "a house of no source": (
        f"UPDATE accounts SET account = 'house:{CUP}' WHERE account = '{HOUSE}'"
    ),
    "another price in the list": (
        "UPDATE pools SET result = replace(result, '11000', '12000') WHERE result LIKE '%11000%'"
    ),
    "another winner in the list": (
        "UPDATE pools SET result = json_set(result, '$.winning_targets[0]', 'none')"
        " WHERE result IS NOT NULL"
    ),
}


@pytest.mark.parametrize("sql", TAMPERING.values(), ids=TAMPERING)
def test_a_change_of_the_new_books_is_found(played: Database, sql: str) -> None:
    tamper(played, sql)
    assert audit(played)


FORGED = {
    "the takeout of a fact": ("pool_resolved", "$.takeout", "takeout > 0", 1),
    "the price of a fact": ("pool_resolved", "$.prices.brazil", "prices.brazil = 11000", 12_000),
    "what a fact carries out": ("pool_resolved", "$.carried_out", "carried_out > 0", 1),
    "what a fact carries in": ("pool_opened", "$.carried_in", "carried_in > 0", 1),
    "the rate of a policy": ("pool_opened", "$.policy.takeout", "policy.takeout > 0", 100),
}


@pytest.mark.parametrize(("kind", "key", "where", "value"), FORGED.values(), ids=FORGED)
def test_a_forged_policy_or_result_is_found_though_its_digest_is_right(
    played: Database, kind: str, key: str, where: str, value: int
) -> None:
    name, operator, least = where.split()
    sql = (
        f"UPDATE facts SET body = json_set(body, '{key}', {value})"
        f" WHERE kind = '{kind}' AND body ->> '$.{name}' {operator} {least}"
    )
    tamper(played, sql)
    seal(played)
    assert audit(played)


def test_who_was_scratched_unlawfully_is_found(played: Database) -> None:
    forged = "json_set(body, '$.settlements[0].returned_stake', 999)"
    tamper(played, f"UPDATE facts SET body = {forged} WHERE kind = 'target_scratched'")
    seal(played)
    assert any("does not refund brazil:7" in line for line in audit(played))


def test_a_resolved_pool_is_listed_with_its_winners_and_prices(played: Database) -> None:
    [tied] = [
        row
        for snapshot, row in resolved_pools_of(played, CUP, ANN, offset=0, limit=10)
        if len(row["winning_targets"]) > 1
    ]
    assert tied["winning_targets"] == ["argentina:7", "argentina:10"]
    # 10.00 on each and 50.00 carried in: 70.00 less 13.47 is 56.53, half of it 2.8265 for 1.00.
    assert tied["prices"] == {"argentina:7": 28_000, "argentina:10": 28_000}


def test_bets_on_a_scratched_target_are_left_out_of_the_pages(played: Database) -> None:
    [row] = played.rows("SELECT pool_id FROM facts WHERE kind = 'target_scratched'")
    out = ("brazil:7",)
    assert (
        bet_count(played, row["pool_id"]),
        bet_count(played, row["pool_id"], scratched=out),
    ) == (
        3,
        2,
    )
    page = bets_of_pool(played, row["pool_id"], offset=1, limit=5, scratched=out)
    assert [fact.user_id for fact, _ in page] == [BOB]


# The version of the file.


def test_a_server_from_before_policies_refuses_the_file(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.close()
    older = [script for script in migrations._scripts() if script.name < "0008"]
    monkeypatch.setattr("storage.migrations._scripts", lambda: older)
    with pytest.raises(DatabaseUnusableError, match="newer version"):
        open_database(path)


def test_an_upgrade_keeps_every_balance(path: Path, database: Database) -> None:
    old = path.with_name("old.db")
    rows = [("issue", "DON", -700), ("player:1:available", "DON", 500), ("pool:x", "DON", 200)]
    with closing(sqlite3.connect(old)) as file:
        for script in sorted(SCHEMA.glob("000[123456]_*.sql")):
            file.executescript(script.read_text())
        file.executemany("INSERT INTO accounts VALUES (?, ?, ?)", rows)
        file.execute("PRAGMA user_version = 6")
        file.commit()
    with closing(open_database(old)) as upgraded:
        found = upgraded.rows("SELECT * FROM accounts ORDER BY account")
        assert [tuple(row.values()) for row in found] == rows


def test_only_the_house_and_the_issue_may_be_below_zero(database: Database) -> None:
    sql = "INSERT INTO accounts VALUES (?, 'DON', -1)"
    for account in ("issue", HOUSE):
        database.execute(sql, (account,))
    for account in (CARRY, "pool:x", "player:1:available"):
        with pytest.raises(Exception, match="CHECK"):
            database.execute(sql, (account,))

"""Statements: what an upgrade makes of the past, and pages by time without an index."""

from collections.abc import Callable

import pytest

from game.money import amount
from storage.accounts import balances, credit
from storage.database import Database
from storage.migrations import SCHEMA
from storage.statements import Span, statement
from storage.store import AddUser
from tests.support.bookkeeper import ANN, NOW, meeting, season


def backfill() -> str:
    """The statement of the upgrade that makes entries of the transfers."""
    [script] = SCHEMA.glob("*_operator.sql")
    return (
        "INSERT INTO player_entries" + script.read_text().partition("INSERT INTO player_entries")[2]
    )


@pytest.mark.parametrize("play", [season, meeting])
def test_an_upgrade_makes_the_entries_that_would_have_been_written(
    database: Database, play: Callable[[Database], object]
) -> None:
    play(database)
    order = "SELECT * FROM player_entries ORDER BY user_id, currency, id"
    written = database.rows(order)
    assert {row["cause"] for row in written} >= {"credit", "bet", "payout", "refund", "loss"}
    database.execute("DELETE FROM player_entries")
    database.execute(backfill())
    assert database.rows(order) == written


def test_opening_and_closing_are_those_of_the_time(database: Database) -> None:
    AddUser("ann", False, {"DON": 1_000}, None).perform(database, NOW)
    for number in range(1, 6):
        database.write(credit(1, "DON", 100, NOW + 10 * number))
    for start, end, opening, closing, count in (
        (0, NOW, 0, 0, 0),
        (NOW, NOW + 1, 0, 10, 1),
        (NOW + 1, NOW + 10, 10, 10, 0),
        (NOW + 10, NOW + 31, 10, 13, 3),
        (NOW + 51, 2**53 - 1, 15, 15, 0),
        (NOW + 30, NOW, 12, 12, 0),
    ):
        found = statement(database, 1, "DON", Span(start, end))
        assert (found["opening_balance"], found["closing_balance"]) == (opening, closing)
        assert len(found["entries"]) == count
        assert opening + sum(each["change"] for each in found["entries"]) == closing


def test_pages_join_without_a_gap(database: Database) -> None:
    season(database)
    whole = statement(database, ANN, "DON", Span())
    found, before = [], None
    while True:
        page = statement(database, ANN, "DON", Span(before=before, limit=2))
        found += page["entries"]
        if (before := page["before"]) is None:
            break
    assert found == whole["entries"]
    assert whole["closing_balance"] == amount(balances(database, ANN, "DON").current)
    assert statement(database, 99, "DON", Span())["entries"] == []

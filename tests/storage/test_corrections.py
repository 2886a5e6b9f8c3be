"""The books of results that were held, taken back and corrected: every change of them is found."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from game.revisions import PoolCorrected
from game.vocabulary import LARGEST_TIME
from storage.audit import audit
from storage.database import Database
from storage.journal import entries, load_game
from storage.opening import open_database
from storage.past import event_before, moment_of, past_pool_before
from storage.receipts import receipt_of
from tests.support.bookkeeper import REVIEW, people, review, seal


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path / "review.db")) as database:
        people(database)
        review(database)
        yield database


def corrections(database: Database) -> list[PoolCorrected]:
    facts = [entry.fact for entry in entries(database, REVIEW)]
    return [fact for fact in facts if isinstance(fact, PoolCorrected)]


def test_sound_books_are_silent(database: Database) -> None:
    assert audit(database) == []
    found = corrections(database)
    assert len(found) == 5
    assert any(move.owed for fact in found for move in fact.moves)
    assert any(fact.carry_moved for fact in found)
    assert any(fact.event_id for fact in found), "one of a dead heat was taken back"


EDITS = {
    "other winners": ("$.winning_targets", ["brazil"]),
    "other bets are void": ("$.void_after", 1),
    "another result is corrected": ("$.corrects_seq", 1),
    "another result came before": ("$.previous_winning_target", "none"),
    "more moves": ("$.moves[0].amount", 999_999),
    "somebody owes less": ("$.moves[0].owed", 7),
    "other points": ("$.moves[0].points", 3),
    "a takeout": ("$.takeout", 5),
    "another carry": ("$.carry_change", 1),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_correction_that_is_not_according_to_the_bets_is_found(
    database: Database, name: str
) -> None:
    path, value = EDITS[name]
    [row, *_] = database.rows("SELECT seq FROM facts WHERE kind = 'pool_corrected' ORDER BY seq")
    edit(database, row["seq"], path, value)
    seal(database)
    wrong = audit(database)
    about = f"fact {row['seq']} of game {REVIEW} does not correct pool"
    assert any(line.startswith(about) for line in wrong), wrong


def edit(database: Database, seq: int, path: str, value: Any) -> None:
    sql = "UPDATE facts SET body = json_set(body, ?, json(?)) WHERE game_id = ? AND seq = ?"
    database.execute(sql, (path, orjson.dumps(value).decode(), REVIEW, seq))


@pytest.mark.parametrize(
    ("kind", "path", "value", "told"),
    [
        ("pool_decided", "$.winning_targets", ["none"], "decides pool"),
        ("pool_decided", "$.event_id", "x", "decides pool"),
        ("pool_resolved", "$.event_id", "x", "which nothing decided"),
        ("pool_resolved", "$.void_after", 1, "which nothing decided"),
    ],
)
def test_a_decision_that_does_not_follow_from_its_events_is_found(
    database: Database, kind: str, path: str, value: Any, told: str
) -> None:
    [row, *_] = database.rows("SELECT seq FROM facts WHERE kind = ? ORDER BY seq", (kind,))
    edit(database, row["seq"], path, value)
    seal(database)
    assert any(told in line for line in audit(database))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE pools SET result_seq = result_seq + 1 WHERE result_seq IS NOT NULL",
        "UPDATE pools SET corrected_at = NULL",
        "UPDATE pool_players SET given_back = given_back + 1",
        "UPDATE transfers SET cause = 'correction' WHERE cause = 'shortfall'",
        "UPDATE player_entries SET cause = 'payout' WHERE cause = 'correction'",
    ],
)
def test_rows_that_do_not_agree_with_the_corrections_are_found(
    database: Database, sql: str
) -> None:
    database.execute(sql)
    assert audit(database) != []


def test_a_pool_is_read_as_of_a_fact(database: Database) -> None:
    first = corrections(database)[0]
    past = past_pool_before(database, REVIEW, first.pool_id, LARGEST_TIME)
    before = past_pool_before(database, REVIEW, first.pool_id, first.corrects_seq + 1)
    assert past is not None
    assert before is not None
    assert before.result_seq == first.corrects_seq
    assert past.result_seq > before.result_seq
    assert past_pool_before(database, REVIEW, "x", LARGEST_TIME) is None


def test_a_result_from_before_held_results_was_decided_by_the_event_before_it(
    database: Database,
) -> None:
    [row, *_] = database.rows(
        "SELECT seq, pool_id FROM facts WHERE kind = 'pool_resolved' ORDER BY seq"
    )
    sql = "UPDATE facts SET body = json_remove(body, '$.event_id', '$.void_after') WHERE seq = ?"
    database.execute(sql, (row["seq"],))
    event = event_before(database, REVIEW, row["seq"])
    past = past_pool_before(database, REVIEW, row["pool_id"], row["seq"] + 1)
    assert event is not None
    assert past is not None
    assert (past.event_id, past.bound) == (event.event_id, event.happened_at)
    assert row["pool_id"] in moment_of(database, REVIEW, event.event_id)[2]
    database.execute("DELETE FROM facts WHERE seq > ?", (row["seq"],))
    receipt = receipt_of(database, REVIEW, row["pool_id"], offset=0, limit=1)
    assert receipt is not None
    assert receipt.event_id == event.event_id


def test_taken_back_events_are_shown_after_a_restart(database: Database) -> None:
    game = load_game(database, REVIEW)
    assert game is not None
    assert len(game.taken_back) == 2

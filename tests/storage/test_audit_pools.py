"""The audit of played games finds every row that contradicts the journals."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from game.payout import Outcome, settle
from game.pools import Bet
from game.vocabulary import LARGEST_TIME
from storage import replay_audit
from storage.audit import check_books, check_file
from storage.catalogue_audit import check_catalogue
from storage.database import Database
from storage.opening import open_database
from storage.operator_audit import check_operator
from storage.replay_audit import KEYS, check_journals
from tests.support.bookkeeper import CUP, LEAGUE, seal, season
from tests.support.depth import depth

pytestmark = pytest.mark.deep

AMOUNTS = {
    "transfers": "amount",
    "accounts": "balance",
    "pool_players": "given_back",
    "scores": "points",
    "game_scores": "points",
}
JSON_AMOUNTS = {
    "facts": ("body", "amount won_stake lost_stake void_stake returned_stake paid"),
    "operator_acts": ("body", "amount"),
}
JSON_FIGURES = {"pools": "standing", "pool_players": "backed"}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Yield the books of two games, for all tests. Each test undoes its changes."""
    path: Path = tmp_path_factory.mktemp("books") / "tote.db"
    with closing(open_database(path)) as database:
        season(database)
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("PRAGMA ignore_check_constraints = ON")
        yield database


def findings(database: Database) -> list[str]:
    """Return all findings of the audit, without its snapshot."""
    checks = check_file, check_catalogue, check_books, check_journals, check_operator
    return [line for check in checks for line in check(database)]


@contextmanager
def tampered(database: Database, sql: str, parameters: tuple[object, ...] = ()) -> Iterator[None]:
    """Change the file and recompute the digests, as an attacker would. Undo it at the end."""
    database.execute("BEGIN")
    try:
        database.execute(sql, parameters)
        changed = database.row("SELECT changes() AS n")
        assert changed is not None
        assert changed["n"] > 0, sql
        seal(database)
        yield
    finally:
        database.execute("ROLLBACK")


def tables_with_rows(database: Database, table: str) -> list[tuple[str, tuple[object, ...]]]:
    """Return a condition for some rows of a table, or for all in `make deep`, and its parameters.

    Those of the gate are spread over the table, the first and the last included.
    """
    rows = database.rows(f"SELECT * FROM {table}")
    assert rows, f"{table} is empty: the test says nothing about it"
    most = min(len(rows), depth(gate=6, deep=len(rows)))
    places = {round(n * (len(rows) - 1) / max(1, most - 1)) for n in range(most)}
    rows = [rows[place] for place in sorted(places)]
    return [(" AND ".join(f"{key} IS ?" for key in row), (*row.values(),)) for row in rows]


def test_untouched_books_are_clean(played: Database) -> None:
    assert findings(played) == []


@pytest.mark.parametrize("page", [1, 2, 7])
def test_a_journal_of_many_pages_is_replayed_as_a_whole(
    played: Database, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(replay_audit, "MOST_FACTS", page)
    assert findings(played) == []
    with tampered(played, "UPDATE pools SET resolved_seq = resolved_seq + 1"):
        assert findings(played)


@pytest.mark.parametrize("by", [1, -1])
@pytest.mark.parametrize("table", AMOUNTS)
def test_a_hundredth_in_a_column_is_found(played: Database, table: str, by: int) -> None:
    column = AMOUNTS[table]
    for row, values in tables_with_rows(played, table):
        sql = f"UPDATE {table} SET {column} = {column} + {by} WHERE {row}"
        with tampered(played, sql, values):
            assert findings(played), (table, values)


@pytest.mark.parametrize("by", [1, -1])
@pytest.mark.parametrize("table", JSON_AMOUNTS)
def test_a_hundredth_in_what_was_written_is_found(played: Database, table: str, by: int) -> None:
    column, names = JSON_AMOUNTS[table]
    for row, values in tables_with_rows(played, table):
        for path in integers(played, table, column, row, values):
            if path.rpartition(".")[2] in names.split():
                change_json(played, table, column, row, values, path, by)


@pytest.mark.parametrize("table", JSON_FIGURES)
def test_a_figure_in_what_is_kept_of_a_pool_is_found(played: Database, table: str) -> None:
    column = JSON_FIGURES[table]
    for row, values in tables_with_rows(played, table):
        for path in integers(played, table, column, row, values):
            change_json(played, table, column, row, values, path, 1)


def integers(
    database: Database, table: str, column: str, row: str, values: tuple[object, ...]
) -> list[str]:
    """Return the paths of the whole numbers in the JSON of a row."""
    sql = f"""
        SELECT fullkey FROM (SELECT {column} AS kept FROM {table} WHERE {row}), json_tree(kept)
        WHERE json_tree.type = 'integer'"""
    return [each["fullkey"] for each in database.rows(sql, values)]


def change_json(
    database: Database,
    table: str,
    column: str,
    row: str,
    values: tuple[object, ...],
    path: str,
    by: int,
) -> None:
    changed = f"json_set({column}, ?, json_extract({column}, ?) + {by})"
    sql = f"UPDATE {table} SET {column} = {changed} WHERE {row}"
    with tampered(database, sql, (path, path, *values)):
        assert findings(database), (table, path, values)


@pytest.mark.parametrize("table", [*KEYS, "facts", "accounts", "users", "sources", "operator_acts"])
def test_a_row_that_is_gone_is_found(played: Database, table: str) -> None:
    for row, values in tables_with_rows(played, table):
        with tampered(played, f"DELETE FROM {table} WHERE {row}", values):
            assert findings(played), (table, values)


@pytest.mark.parametrize("table", KEYS)
def test_what_follows_from_the_journals_cannot_be_changed_in_any_column(
    played: Database, table: str
) -> None:
    left_out = {"games": ("number", "head"), "transfers": ("id",), "player_entries": ("at",)}
    not_compared = left_out.get(table, ())
    for row, values in tables_with_rows(played, table):
        columns = [term.split(" ")[0] for term in row.split(" AND ")]
        for column, value in zip(columns, values, strict=True):
            other = value + 100 if isinstance(value, int) else f"{value}x"
            if column not in not_compared:
                sql = f"UPDATE {table} SET {column} = ? WHERE {row}"
                with tampered(played, sql, (other, *values)):
                    assert findings(played), (table, column, values)


def test_a_row_that_no_fact_made_is_found(played: Database) -> None:
    for table in KEYS:
        columns = played.rows("SELECT name FROM pragma_table_info(?)", (table,))
        others = {
            "id": "id + 1000" if table in ("transfers", "player_entries") else "id || 'x'",
            "number": "number + 10",
            "user_id": "1" if table != "game_admins" else "4",
        }
        values = ", ".join(others.get(name := str(row["name"]), name) for row in columns)
        with tampered(played, f"INSERT INTO {table} SELECT {values} FROM {table} LIMIT 1"):
            assert findings(played), table


BET = f"game_id = '{LEAGUE}' AND seq = 4 AND kind = 'bet_placed'"
VOID = f"game_id = '{CUP}' AND kind = 'event_registered' AND seq = 12"
END = f"game_id = '{CUP}' AND kind = 'pool_resolved' AND seq = 13"
DAMAGE = {
    "a gap": f"UPDATE facts SET seq = seq + 1 WHERE game_id = '{LEAGUE}' AND seq = 13",
    "before the first": f"""
        INSERT INTO facts SELECT game_id, 0, at, kind, body, pool_id, digest FROM facts
        WHERE game_id = '{LEAGUE}' AND seq = 1""",
    "no number": f"UPDATE facts SET seq = 'x' WHERE game_id = '{LEAGUE}' AND seq = 13",
    "back in time": f"UPDATE facts SET at = 1 WHERE {BET}",
    "later than its transfer": f"UPDATE facts SET at = at + 1 WHERE {BET}",
    "an unknown kind": f"UPDATE facts SET kind = 'no_such_kind' WHERE {BET}",
    "another kind": f"UPDATE facts SET kind = 'game_closed' WHERE {BET}",
    "another pool": f"UPDATE facts SET pool_id = NULL WHERE {BET}",
    "nothing said": f"UPDATE facts SET body = '{{}}' WHERE {BET}",
    "a list": f"UPDATE facts SET body = '[]' WHERE {BET}",
    "not readable": f"UPDATE facts SET body = '{{' WHERE {BET}",
    "bytes": f"UPDATE facts SET body = x'FF' WHERE {BET}",
    "point zero": f"UPDATE facts SET body = json_set(body, '$.amount', 210.0) WHERE {BET}",
    "half a hundredth": f"UPDATE facts SET body = json_set(body, '$.amount', 210.5) WHERE {BET}",
    "a number as text": f"UPDATE facts SET body = json_set(body, '$.amount', '210') WHERE {BET}",
    "a number too large": f"UPDATE facts SET body = json_set(body, '$.amount', 1e300) WHERE {BET}",
    "something more": f"UPDATE facts SET body = json_set(body, '$.more', 1) WHERE {BET}",
    "another bettor": f"UPDATE facts SET body = json_set(body, '$.user_id', 3) WHERE {BET}",
    "another target": f"UPDATE facts SET body = json_set(body, '$.target_id', 'none') WHERE {BET}",
    "no such target": f"UPDATE facts SET body = json_set(body, '$.target_id', 'x') WHERE {BET}",
    "no such pool": f"UPDATE facts SET body = json_set(body, '$.pool_id', 'x') WHERE {BET}",
    "another game": f"""
        UPDATE facts SET body = json_set(body, '$.game_id', '{CUP}')
        WHERE game_id = '{LEAGUE}' AND seq = 1""",
    "an event that voids one bet less": f"""
        UPDATE facts SET body = json_set(body, '$.happened_at',
            json_extract(body, '$.happened_at') + 1) WHERE {VOID}""",
    "an event of another action": f"""
        UPDATE facts SET body = json_set(body, '$.action_id', 'card') WHERE {VOID}""",
    "another winner": f"""
        UPDATE facts SET body = json_set(body, '$.winning_target', 'brazil') WHERE {END}""",
    "nobody's win": f"""
        UPDATE facts SET body = json_set(body, '$.winning_target', 'none') WHERE {END}""",
    "a cancelled pool": f"""
        UPDATE facts SET body = json_set(body, '$.winning_target', NULL) WHERE {END}""",
    "a pool that ran out": f"""
        UPDATE facts SET body = json_set(body, '$.expired_at', at) WHERE {END}""",
    "a money return": f"""
        UPDATE facts SET body = json_set(body, '$.is_money_return', json('true')) WHERE {END}""",
    "a stranger settled": f"""
        UPDATE facts SET body = json_set(body, '$.settlements[0].user_id', 99) WHERE {END}""",
    "a journal of no game": """
        INSERT INTO facts VALUES ('lost', 1, 1, 'game_closed', '{}', NULL, x'')""",
    "a game without journal": f"DELETE FROM facts WHERE game_id = '{LEAGUE}'",
    "a journal without its game": f"DELETE FROM games WHERE id = '{LEAGUE}'",
}


@pytest.mark.parametrize("sql", DAMAGE.values(), ids=DAMAGE)
def test_a_journal_that_a_hand_has_been_at_is_found(played: Database, sql: str) -> None:
    with tampered(played, sql):
        assert [*check_journals(played)]


def test_a_pool_that_was_paid_otherwise_is_found_though_all_books_agree(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settled(bets: Sequence[Bet], winners: tuple[str, ...], **others: Any) -> Outcome:
        """The first winner gets a hundredth of the last one's."""
        outcome = settle(bets, winners, **others)
        paid = {each.user_id: each for each in outcome.settlements if each.paid}
        if len(paid) > 1:
            first, *_, last = paid.values()
            paid[first.user_id] = evolve(first, paid=first.paid + 1)
            paid[last.user_id] = evolve(last, paid=last.paid - 1)
        each_as_paid = (paid.get(each.user_id, each) for each in outcome.settlements)
        return evolve(outcome, settlements=(*each_as_paid,))

    with monkeypatch.context() as patched:
        patched.setattr("game.results.settle", settled)
        season(database)
    [line] = findings(database)
    assert line.startswith(f"fact 13 of game {CUP} does not pay pool ")


def test_a_bet_that_should_have_been_void_is_found_though_all_books_agree(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settled(bets: Sequence[Bet], winners: tuple[str, ...], **others: Any) -> Outcome:
        return settle(bets, winners, **(others | {"void_after": LARGEST_TIME}))

    with monkeypatch.context() as patched:
        patched.setattr("game.results.settle", settled)
        season(database)
    [line] = findings(database)
    assert line.startswith(f"fact 13 of game {CUP} does not pay pool ")


def test_what_says_less_because_it_is_older_is_no_finding(played: Database) -> None:
    older = "UPDATE {0} SET {1} = json_remove({1}, '{2}') WHERE json_type({1}, '{2}') = 'null'"
    with tampered(played, older.format("facts", "body", "$.recreates")):
        played.execute(older.format("pools", "standing", "$.opened.recreates"))
        seal(played)
        assert findings(played) == []
    for path in ("$.amount_total", "$.opened.recreates"):
        with tampered(played, f"UPDATE pools SET standing = json_remove(standing, '{path}')"):
            assert findings(played), path


@pytest.mark.parametrize(
    ("resolved_seq", "winner"),
    [
        pytest.param(16, "argentina", id="another target than the event's"),
        pytest.param(44, "argentina", id="an event that something else has followed"),
    ],
)
def test_a_winner_that_no_event_made_is_found_though_nobody_had_bet(
    played: Database, resolved_seq: int, winner: str
) -> None:
    where = f"game_id = '{CUP}' AND resolved_seq = {resolved_seq}"
    result = f"json_set(result, '$.winning_targets', json_array('{winner}'))"
    change = f"UPDATE pools SET winning_target = '{winner}', result = {result} WHERE {where}"
    with tampered(played, change):
        played.execute(
            "UPDATE facts SET body = json_set(body, '$.winning_target', ?1,"
            " '$.winning_targets', json_array(?1))"
            " WHERE game_id = ?2 AND seq = ?3 AND kind = 'pool_resolved'",
            (winner, CUP, resolved_seq),
        )
        seal(played)
        [line] = findings(played)
        assert line.endswith(f"to {winner}, which nothing decided")


def test_a_standing_that_is_read_otherwise_than_it_is_written_is_found(played: Database) -> None:
    more = "UPDATE pools SET standing = json_set(standing, '$.amount_total', amount + 0.5) FROM "
    more += "(SELECT id AS i, json_extract(standing, '$.amount_total') AS amount FROM pools) "
    with tampered(played, f"{more} WHERE id = i AND standing IS NOT NULL"):
        assert findings(played)


def test_a_line_says_which_row_and_what_the_journal_says(played: Database) -> None:
    with tampered(played, f"UPDATE games SET wake_at = 3, hashtag = '#x' WHERE id = '{CUP}'"):
        assert findings(played) == [
            f"games, id {CUP}: hashtag is #x, the journal says #ArgBra, "
            "wake_at is 3, the journal says None"
        ]
    with tampered(played, "DELETE FROM scores WHERE user_id = 2 AND currency = 'DON'"):
        assert findings(played) == ["scores, currency DON, user_id 2: missing"]
    with tampered(played, f"INSERT INTO game_admins VALUES ('{CUP}', 2)"):
        line = f"game_admins, game_id {CUP}, user_id 2: not in any journal"
        assert findings(played) == [line]


def test_a_journal_that_does_not_replay_is_named_with_the_place(played: Database) -> None:
    with tampered(played, f"UPDATE facts SET body = '{{}}' WHERE {BET}"):
        [first, *_] = findings(played)
        assert first.startswith(f"journal of game {LEAGUE} does not replay beyond fact 3: KeyError")


def test_of_many_rows_of_a_kind_some_are_told_of(played: Database) -> None:
    with tampered(played, "UPDATE transfers SET at = at + 1 WHERE cause <> 'credit'"):
        lines = [line for line in findings(played) if line.startswith("transfers")]
        assert 20 <= len(lines) <= 41
        assert lines[-1] == "transfers: there may be more"


def test_the_audit_leaves_nothing_behind(played: Database) -> None:
    assert findings(played) == []
    assert played.rows("SELECT name FROM temp.sqlite_master") == []

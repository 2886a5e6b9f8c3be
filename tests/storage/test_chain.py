"""The chain over a game's facts: `check` finds each row that was changed, moved, deleted, added."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.audit import audit
from storage.chain import digest, link
from storage.database import Database
from storage.journal import load_game
from storage.migrations import SCHEMA
from storage.opening import open_database, open_for_reading
from tests.support.bookkeeper import CUP, LEAGUE, seal, season

VALUES = st.lists(st.none() | st.text(max_size=4) | st.integers(0, 99) | st.binary(max_size=2))


@pytest.fixture
def played(database: Database) -> Database:
    """Return a database with a season, whose rows a test may change."""
    season(database)
    database.execute("PRAGMA foreign_keys = OFF")
    return database


@given(VALUES, VALUES)
def test_two_rows_have_one_digest_only_if_they_are_equal(
    one: list[object], other: list[object]
) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ab", "c"), ("a", "bc")), ((None,), ("",)), ((1,), ("1",)), ((b"a",), ("61",))],
)
def test_no_value_slides_into_another(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert digest(*one) != digest(*other)


def test_a_digest_can_be_made_without_toteboard() -> None:
    row = ["00ff", CUP, 1, 1_800_000_000_000, "game_created", None, '{"game_name":"É ✓"}']
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    assert digest(*row) == hashlib.sha256(text.encode()).digest()


CHANGES = {
    "the reason of a cancelled pool": """
        UPDATE facts SET body = json_set(body, '$.reason', 'x')
        WHERE kind = 'pool_resolved' AND body ->> '$.reason' = 'rain'""",
    "the id of an event": """
        UPDATE facts SET body = json_set(body, '$.event_id', 'x')
        WHERE kind = 'event_registered'""",
    "the description at a pool's end": """
        UPDATE facts SET body = json_set(body, '$.description', 'x')
        WHERE kind = 'pool_resolved'""",
    "the target of a bet in an open pool": f"""
        UPDATE facts SET body = json_set(body, '$.target_id', 'none')
        WHERE game_id = '{LEAGUE}' AND seq = 10""",
    "a millisecond": f"""
        UPDATE facts SET at = at + 1 WHERE game_id = '{CUP}' AND seq = 13;
        UPDATE transfers SET at = at + 1 WHERE game_id = '{CUP}' AND seq = 13;
        UPDATE pools SET resolved_at = resolved_at + 1
        WHERE game_id = '{CUP}' AND resolved_seq = 13""",
    "bytes that read the same": f"""
        UPDATE facts SET body = replace(body, ':', ': ') WHERE game_id = '{CUP}' AND seq = 2""",
    "the digest": f"UPDATE facts SET digest = x'00' WHERE game_id = '{CUP}' AND seq = 5",
    "the end of a journal": f"""
        DELETE FROM facts WHERE game_id = '{LEAGUE}' AND seq = 13;
        UPDATE games SET last_seq = 12, wake_at = NULL WHERE id = '{LEAGUE}'""",
    "two facts in each other's place": f"""
        UPDATE facts SET seq = 99 WHERE game_id = '{LEAGUE}' AND seq = 8;
        UPDATE facts SET seq = 8 WHERE game_id = '{LEAGUE}' AND seq = 9;
        UPDATE facts SET seq = 9 WHERE game_id = '{LEAGUE}' AND seq = 99""",
}


@pytest.mark.parametrize("script", CHANGES.values(), ids=CHANGES)
def test_a_fact_that_was_changed_is_found(path: Path, played: Database, script: str) -> None:
    with closing(sqlite3.connect(path)) as shell:
        shell.executescript(script)
        assert shell.total_changes
    lines = [
        line
        for line in audit(played)
        if "was changed after it was written" in line or "head is" in line
    ]
    assert lines


def test_one_line_says_how_many_facts_were_changed_and_which_is_the_first(played: Database) -> None:
    played.execute(f"UPDATE facts SET at = at + 1 WHERE game_id = '{CUP}' AND seq IN (2, 3, 7)")
    assert f"fact 2 of game {CUP} was changed after it was written, and 2 more" in audit(played)


def test_a_digest_made_anew_breaks_the_chain_at_the_next_fact(played: Database) -> None:
    [before] = played.rows("SELECT digest FROM facts WHERE game_id = ? AND seq = 3", (CUP,))
    sql = "SELECT game_id, seq, at + 1 AS at, kind, pool_id, body FROM facts"
    [row] = played.rows(f"{sql} WHERE game_id = ? AND seq = 4", (CUP,))
    played.execute(
        "UPDATE facts SET at = at + 1, digest = ? WHERE game_id = ? AND seq = 4",
        (link(before["digest"], **row), CUP),
    )
    assert f"fact 5 of game {CUP} was changed after it was written" in audit(played)


def test_the_head_tells_of_every_fact_before_it(played: Database) -> None:
    heads = "SELECT hex(head) AS head FROM games ORDER BY id"
    cup, league = played.rows(heads)
    played.execute(f"UPDATE facts SET at = at + 1 WHERE game_id = '{CUP}' AND seq = 13")
    seal(played)
    other_cup, same_league = played.rows(heads)
    assert (other_cup != cup, same_league == league) == (True, True)


def test_a_journal_that_was_moved_to_another_game_is_found(played: Database) -> None:
    played.execute("UPDATE facts SET game_id = 'aside' WHERE game_id = ?", (CUP,))
    played.execute("UPDATE facts SET game_id = ? WHERE game_id = ?", (CUP, LEAGUE))
    played.execute("UPDATE facts SET game_id = ? WHERE game_id = 'aside'", (LEAGUE,))
    lines = audit(played)
    for one, other in ((CUP, LEAGUE), (LEAGUE, CUP)):
        assert f"journal of game {one} belongs to game {other}" in lines


def test_a_journal_that_was_moved_to_no_game_is_found(played: Database) -> None:
    played.execute("UPDATE facts SET game_id = 'x' WHERE game_id = ?", (CUP,))
    assert f"journal of game x belongs to game {CUP}" in audit(played)


def test_a_game_that_is_folded_anew_goes_on_with_its_chain(played: Database) -> None:
    for game_id in (CUP, LEAGUE):
        game = load_game(played, game_id)
        [row] = played.rows("SELECT head FROM games WHERE id = ?", (game_id,))
        assert game is not None
        assert game.head == row["head"]
        assert len(game.head) == 32


def as_version_3(path: Path, of: Path) -> None:
    """Write the rows of a file, except session keys, as version 3 would have."""
    with closing(sqlite3.connect(path)) as old:
        for script in sorted(SCHEMA.glob("000[123]_*.sql")):
            old.executescript(script.read_text())
        old.execute("ATTACH ? AS whole", (str(of),))
        names = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT IN (?, ?)"
        for (table,) in old.execute(names, ("sqlite_sequence", "session_keys")).fetchall():
            info = f"SELECT group_concat(name) FROM pragma_table_info('{table}', 'main')"
            [(columns,)] = old.execute(info).fetchall()
            kept = "WHERE kind <> 'user_added'" if table == "operator_acts" else ""
            old.execute(f"INSERT INTO main.{table} SELECT {columns} FROM whole.{table} {kept}")
        old.execute("UPDATE operator_acts SET id = id - 4")
        old.execute("UPDATE sqlite_sequence SET seq = seq - 4 WHERE name = 'operator_acts'")
        old.commit()
        old.execute("PRAGMA user_version = 3")


@pytest.mark.parametrize("page", [1, 7, 1_000])
def test_an_old_file_is_chained_as_if_it_had_always_been(
    path: Path, played: Database, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr("storage.upgrades.ROWS_AT_ONCE", page)
    old = path.with_name("old.db")
    as_version_3(old, of=path)
    told: list[tuple[int, int]] = []
    with closing(open_database(old, on_progress=lambda *far: told.append(far))) as upgraded:
        for sql in (
            "SELECT * FROM facts ORDER BY game_id, seq",
            "SELECT * FROM games ORDER BY id",
            "SELECT at, kind, body, digest FROM operator_acts ORDER BY at, body",
        ):
            assert upgraded.rows(sql) == played.rows(sql)
        [count] = upgraded.rows("SELECT count(*) AS n FROM facts")
    assert audit(open_for_reading(old)) == []
    assert told[-1] == (count["n"], count["n"])
    assert [*told] == sorted(told)

"""Changes made by an attacker who knows the tables.

Journals are moved, every copy of a value is changed, the books are adjusted, definitions are
altered. Digests stay as they are (docs/explanation/reliability.md).
"""

import sqlite3
from collections.abc import Iterator

from tests.campaigns.corruption.corruption import Corruption, corruption
from tests.support.bookkeeper import CUP, LEAGUE

STRANGE = "00000000-0000-4000-8000-000000000000"
"""An id that no game has."""


def forgeries(database: sqlite3.Connection) -> Iterator[Corruption]:
    """Yield all forgeries in a fixed order."""
    yield from _moved()
    yield from _cut_short()
    yield from _everywhere()
    yield from _credits()
    yield from _definitions(database)


def _moved() -> Iterator[Corruption]:
    """Move facts and whole games to another game's id."""
    for first, last in ((1, 999), (1, 1), (4, 4), (10, 13)):
        rows = f"AND seq BETWEEN {first} AND {last}"
        yield corruption(
            "facts",
            "exchanged",
            f"UPDATE facts SET game_id = 'aside' WHERE game_id = '{CUP}' {rows}",
            f"UPDATE facts SET game_id = '{CUP}' WHERE game_id = '{LEAGUE}' {rows}",
            f"UPDATE facts SET game_id = '{LEAGUE}' WHERE game_id = 'aside'",
        )
    for old in (CUP, LEAGUE):
        journal = f"UPDATE facts SET game_id = '{STRANGE}' WHERE game_id = '{old}'"
        beside = [
            f"UPDATE {table} SET game_id = '{STRANGE}' WHERE game_id = '{old}'"
            for table in ("game_admins", "pools", "pool_players", "game_scores", "transfers")
        ]
        game = f"UPDATE games SET id = '{STRANGE}' WHERE id = '{old}'"
        yield corruption("facts", "moved", journal)
        yield corruption("games", "moved", game)
        yield corruption("games", "moved", journal, *beside, game)
    yield corruption(
        "games.number",
        "exchanged",
        "UPDATE games SET number = -number WHERE number IN (1, 2)",
        "UPDATE games SET number = 3 + number WHERE number IN (-1, -2)",
    )


def _cut_short() -> Iterator[Corruption]:
    """Delete facts from the end of a journal and adjust the length of the game."""
    for count in (1, 2, 5):
        last = f"(SELECT last_seq - {count} FROM games WHERE id = '{LEAGUE}')"
        yield corruption(
            "facts",
            "gone",
            f"DELETE FROM facts WHERE game_id = '{LEAGUE}' AND seq > {last}",
            f"UPDATE games SET last_seq = last_seq - {count} WHERE id = '{LEAGUE}'",
        )


def _everywhere() -> Iterator[Corruption]:
    """Change a value of a fact, and everything derived from it in other tables."""
    bets = f"game_id = '{LEAGUE}' AND kind = 'bet_placed' AND pool_id IN "
    bets += "(SELECT id FROM pools WHERE resolved_seq IS NULL)"
    for name, value, reply in (
        ("target_id", "'argentina:10'", "target"),
        ("target_id", "'none'", "target"),
        ("bet_id", f"'{STRANGE}'", "bet_id"),
    ):
        one = f"(SELECT max(seq) FROM facts WHERE {bets})"
        old = f"(SELECT body ->> '$.bet_id' FROM facts WHERE game_id = '{LEAGUE}' AND seq = {one})"
        yield corruption(
            "facts.body",
            "changed",
            f"UPDATE answers SET reply = json_set(reply, '$.{reply}', {value}) "
            f"WHERE reply ->> '$.bet_id' = {old}",
            f"UPDATE facts SET body = json_set(body, '$.{name}', {value}) "
            f"WHERE game_id = '{LEAGUE}' AND seq = {one}",
        )
    for by in (1, 60_000):
        yield corruption(
            "facts.at",
            "changed",
            f"UPDATE facts SET at = at + {by} WHERE game_id = '{CUP}' AND seq >= 7",
            f"UPDATE transfers SET at = at + {by} WHERE game_id = '{CUP}' AND seq >= 7",
            f"UPDATE pools SET resolved_at = resolved_at + {by} "
            f"WHERE game_id = '{CUP}' AND resolved_seq >= 7",
        )
    for kind, name in (
        ("pool_resolved", "reason"),
        ("pool_resolved", "description"),
        ("event_registered", "event_id"),
        ("event_registered", "target_display_name"),
    ):
        yield corruption(
            "facts.body",
            "changed",
            f"UPDATE facts SET body = json_set(body, '$.{name}', 'x') WHERE kind = '{kind}'",
        )


def _credits() -> Iterator[Corruption]:
    """Change initial balances and credits, with the books adjusted, and with the acts as well."""
    start = "cause = 'credit' AND credit = 'player:3:available' AND currency = 'EUR'"
    books = (
        "UPDATE accounts SET balance = balance {0} WHERE currency = 'EUR' "
        "AND account = 'player:3:available'",
        "UPDATE accounts SET balance = balance - (0 {0}) WHERE currency = 'EUR' "
        "AND account = 'issue'",
    )
    raised = f"UPDATE transfers SET amount = amount + 50 WHERE {start}"
    gone = f"DELETE FROM transfers WHERE {start}"
    forged = (
        "INSERT INTO transfers (at, currency, debit, credit, amount, cause) "
        "VALUES (9, 'EUR', 'issue', 'player:3:available', 50, 'credit')"
    )
    act = (
        "UPDATE operator_acts SET body = json_set(body, '$.balances.EUR', 5050) "
        "WHERE kind = 'user_added' AND body ->> '$.user_id' = 3"
    )
    up, down = [b.format("+ 50") for b in books], [b.format("- 5000") for b in books]
    yield corruption("transfers.amount", "changed", raised, *up)
    yield corruption("transfers.amount", "changed", raised, *up, act)
    yield corruption("transfers", "gone", gone, *down)
    yield corruption("transfers", "added", forged, *up)


def _definitions(database: sqlite3.Connection) -> Iterator[Corruption]:
    """Change indexes, triggers, constraints and tables."""
    indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1"
    for (name,) in database.execute(indexes).fetchall():
        yield corruption("schema", "gone", f"DROP INDEX {name}")
    for table in ("facts", "transfers", "accounts", "users"):
        yield corruption(
            "schema", "added", f"CREATE TRIGGER t AFTER INSERT ON {table} BEGIN SELECT 1; END"
        )
        yield corruption("schema", "added", f"ALTER TABLE {table} ADD COLUMN more TEXT")
    yield corruption("schema", "added", "CREATE TABLE more (x)")
    yield corruption("schema", "added", "CREATE VIEW more AS SELECT * FROM users")
    yield corruption("schema", "added", "CREATE INDEX more ON users (created_at)")
    yield corruption("schema", "gone", "DROP TABLE nonces")
    for gone, instead in (
        (" NOT NULL", ""),
        (" REFERENCES users (id)", ""),
        ("amount > 0", "1"),
        ("balance >= 0", "1"),
    ):
        yield from _without(database, gone, instead)


def _without(database: sqlite3.Connection, gone: str, instead: str) -> Iterator[Corruption]:
    """Remove a constraint from each table that has it."""
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND instr(sql, ?) ORDER BY 1"
    for (name,) in database.execute(names, (gone,)).fetchall():
        sql = f"UPDATE sqlite_master SET sql = replace(sql, '{gone}', '{instead}')"
        about = f"WHERE type = 'table' AND name = '{name}'"
        yield corruption("schema", "changed", "PRAGMA writable_schema = ON", f"{sql} {about}")

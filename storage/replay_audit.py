"""Verifies games, pools and money against the journals.

Each journal is replayed. The rows that the replay would write (`storage/projection.py`) go into
tables of the same names in the connection's temporary database, which SQLite searches first. Then
they are compared with the stored rows, `main.<table>`, row by row. Each pool is settled again from
its bets, and the chain of digests over the facts (`storage/chain.py`) is computed again. Memory is
bounded by one game. `storage/audit.py` verifies the accounts by themselves.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import orjson
from attrs import Factory, define, field

from game.ledger import exposure_of, transfers
from game.state import Game, apply, create
from storage import projection
from storage.chain import link
from storage.changes import Change, FactWritten, PoolEnded
from storage.database import Database, Row
from storage.errors import StorageError
from storage.journal import MOST_FACTS, game_row, read_entry
from storage.pools import read_snapshot, snapshot_text
from storage.progress import OnProgress, unobserved
from storage.result_audit import ResultAudit

KEYS: Final = {
    "games": "id",
    "game_admins": "game_id, user_id",
    "pools": "id",
    "pool_players": "user_id, game_id, resolved_seq",
    "scores": "currency, user_id",
    "game_scores": "game_id, user_id",
    "transfers": "game_id, seq, debit, credit, cause",
    "player_entries": "user_id, game_id, seq",
}
"""The tables that a replay writes, each with its key."""
NOT_COMPARED: Final = {
    "games": {"number"},
    "transfers": {"id"},
    "player_entries": {"id", "at", "current", "available"},
}
"""Columns that depend on the order of the commits of all games, which a replay does not know."""
BY_OPERATORS: Final = ("credit", "debit", "hold", "release")
"""The causes of transfers and entries that no journal has."""
OF_OPERATORS_TOO: Final = ("transfers", "player_entries")
LINES = 20
"""Rows of a table to report at least. More of them have a common cause."""

_LINKED: Final = itemgetter("game_id", "seq", "at", "kind", "pool_id", "body")
"""The columns that a fact's digest covers, in order."""

_UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""The errors of reading or applying a fact that was edited manually."""

_STAKES: Final = """
    SELECT account, currency, sum(balance) AS balance, sum(staked) AS staked
    FROM (SELECT account, currency, balance, 0 AS staked FROM main.accounts
          WHERE account GLOB 'player:*:exposure'
          UNION ALL SELECT account, currency, 0, staked FROM temp.stakes)
    GROUP BY account, currency HAVING sum(balance) <> sum(staked)"""


def check_journals(database: Database, on_progress: OnProgress = unobserved) -> Iterator[str]:
    """Yield a line for each difference from the journals; call it within a `Database.snapshot`.

    Report progress in facts.
    """
    with _empty_tables(database):
        ids = "SELECT id FROM main.games UNION SELECT game_id FROM main.facts ORDER BY 1"
        replayed = _Replayed(database, on_progress)
        for row in database.rows(ids):
            yield from _check(database, row["id"], replayed)
        for table in KEYS:
            yield from _compare(database, table)
        for row in database.rows(_STAKES):
            yield (
                "{account} has {balance} hundredths of {currency}, "
                "its stakes in unresolved pools are {staked}".format(**row)
            )


def _check(database: Database, game_id: str, replayed: "_Replayed") -> Iterator[str]:
    replay = _Replay(database, game_id)
    try:
        try:
            for page in _pages(database, game_id):
                for row in page:
                    yield from replay.step(row)
                replayed.add(len(page))
        finally:
            replay.finish()
    except (*_UNREADABLE, StorageError) as error:
        reason = f"{type(error).__name__}: {error}"
        yield f"journal of game {game_id} does not replay beyond fact {replay.seq}: {reason}"
    if replay.broken:
        first, *others = replay.broken
        more = f", and {len(others)} more" if others else ""
        yield f"fact {first} of game {game_id} was changed after it was written{more}"


def _pages(database: Database, game_id: str) -> Iterator[list[Row]]:
    """Yield the rows of a journal, a page at a time, including those with an invalid position."""
    sql = "SELECT * FROM main.facts WHERE game_id = ? AND seq > ? ORDER BY seq LIMIT ?"
    after = -(2**63)
    while page := database.rows(sql, (game_id, after, MOST_FACTS)):
        yield page
        after = page[-1]["seq"]


class _Replayed:
    """The progress of the replay, in facts."""

    def __init__(self, database: Database, on_progress: OnProgress) -> None:
        [counted] = database.rows("SELECT count(*) AS facts FROM main.facts")
        self._done, self._total, self._on_progress = 0, counted["facts"], on_progress

    def add(self, count: int) -> None:
        """Report `count` more facts."""
        self._done += count
        self._on_progress(self._done, self._total)


@define
class _Replay:
    """The replay of one journal.

    `head`: the digest of the previous fact. `broken`: the facts whose digest does not match their
    row. `results` verifies what the facts say about results.
    """

    database: Database
    game_id: str
    game: Game | None = None
    seq: int = 0
    head: bytes = b""
    broken: list[int] = Factory(list)
    results: ResultAudit = field(init=False)
    changes: list[Change] = Factory(list)

    def __attrs_post_init__(self) -> None:
        self.results = ResultAudit(self.database, self.game_id)

    def step(self, row: Row) -> Iterator[str]:
        """Verify a fact against the state before it, then apply it; yield the problems."""
        self._follow(row)
        entry = read_entry(row)
        if entry.seq != self.seq + 1:
            yield f"journal of game {self.game_id}: fact {entry.seq} follows fact {self.seq}"
        is_first = self.game is None
        game = self.game = create(entry) if self.game is None else self.game
        if is_first and game.game_id != self.game_id:
            yield f"journal of game {self.game_id} belongs to game {game.game_id}"
        for wrong in self.results.wrong_with(game, entry):
            yield f"fact {entry.seq} of game {self.game_id} {wrong}"
        written, *beside = projection.rows(game, entry, transfers(entry.fact, game.source_id))
        yield from self._misread(row, written)
        yield from self._misjudged(beside)
        self.changes += beside
        if len(self.changes) >= MOST_FACTS:
            self._write()
        if not is_first:
            apply(game, entry)
        self.results.remember(entry.fact)
        self.seq = entry.seq

    def finish(self) -> None:
        """Write the remaining rows: the game, and the stakes in its unresolved pools."""
        if self.game is None:
            return
        self.game.head = self.head
        self.changes.append(game_row(self.game))
        self._write()
        for pool in self.game.pools.values():
            for user_id, staked in pool.players.items():
                self.database.execute(
                    "INSERT INTO temp.stakes VALUES (?, ?, ?)",
                    (exposure_of(user_id), self.game.currency, sum(staked.values())),
                )

    def _follow(self, row: Row) -> None:
        """Verify a row's digest. Continue from the stored digest, so that each break counts."""
        if row["digest"] != link(self.head, *_LINKED(row)):
            self.broken.append(row["seq"])
        self.head = row["digest"]

    def _write(self) -> None:
        self.database.put(self.changes)
        self.changes.clear()

    def _misread(self, row: Row, written: Change) -> Iterator[str]:
        """Yield a line if a row differs from the fact read from it: 7.5 would be read as 7."""
        about = f"fact {row['seq']} of game {self.game_id}"
        if isinstance(written, FactWritten):
            if row["pool_id"] != written.pool_id:
                yield f"{about} is stored under pool {row['pool_id']}, not {written.pool_id}"
            if not _says_no_other(row["body"], written.body):
                yield f"{about} has a body that is not read as it is written: {row['body']}"

    def _misjudged(self, changes: Iterable[Change]) -> Iterator[str]:
        """Yield a line if the stored final figures of a pool differ from those of the replay."""
        for each in changes:
            if isinstance(each, PoolEnded):
                sql = "SELECT standing FROM main.pools WHERE id = ?"
                kept = (self.database.row(sql, (each.pool_id,)) or {}).get("standing")
                if kept is not None and not _stood(kept, each.snapshot):
                    yield f"pool {each.pool_id} ended as {each.snapshot}, but {kept} is stored"


def _stood(kept: object, replayed: str) -> bool:
    """Return whether a stored snapshot equals the replay's; newer fields may be missing in it."""
    if kept == replayed:
        return True
    if not isinstance(kept, str):
        return False
    try:
        read = snapshot_text(read_snapshot(kept))
    except _UNREADABLE:
        return False
    return read == replayed and _says_no_other(kept, read)


def _says_no_other(kept: str, read: str) -> bool:
    """Return whether everything in the stored JSON text is in the other, value for value.

    The stored text may lack newer fields, which have a default.
    """
    return kept == read or _is_within(orjson.loads(kept), orjson.loads(read))


def _is_within(part: Any, whole: Any) -> bool:
    if type(part) is not type(whole):
        return False
    if isinstance(part, dict):
        return all(key in whole and _is_within(part[key], whole[key]) for key in part)
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(_is_within, part, whole))
    return bool(part == whole)


@contextmanager
def _empty_tables(database: Database) -> Iterator[None]:
    """Create empty tables for a replay, in front of the file's; drop them at the end."""
    for table, key in KEYS.items():
        database.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} LIMIT 0")
        database.execute(f"CREATE UNIQUE INDEX temp.{table}_key ON {table} ({key})")
    # The statement that writes an entry looks for the entry before it.
    database.execute("CREATE INDEX temp.entries_in_order ON player_entries (user_id, currency, id)")
    database.execute("CREATE TEMP TABLE stakes (account TEXT, currency TEXT, staked INTEGER)")
    try:
        yield
    finally:
        for table in (*KEYS, "stakes"):
            database.execute(f"DROP TABLE temp.{table}")


def _compare(database: Database, table: str) -> Iterator[str]:
    """Yield a line for each row that is not stored as it was replayed."""
    left_out = NOT_COMPARED.get(table, set())
    found = database.rows("SELECT name FROM pragma_table_info(?, 'main')", (table,))
    columns = ", ".join(row["name"] for row in found if row["name"] not in left_out)
    # `_misjudged` compares the content of snapshots, so compare only whether there is one.
    said = columns.replace("standing", "standing IS NOT NULL AS standing")
    key = KEYS[table].split(", ")
    kept = f"main.{table}"
    if table in OF_OPERATORS_TOO:
        kept += f" WHERE coalesce(cause, '') NOT IN {BY_OPERATORS}"
    differing = database.rows(f"""
        SELECT {columns}, sum(surplus) AS surplus
        FROM (SELECT {said}, 1 AS surplus FROM {kept}
              UNION ALL SELECT {said}, -1 FROM temp.{table})
        GROUP BY {columns} HAVING sum(surplus) <> 0
        ORDER BY {KEYS[table]}, surplus LIMIT {2 * LINES}""")
    for values, rows in groupby(differing, key=itemgetter(*key)):
        place = values if isinstance(values, tuple) else (values,)
        named = ", ".join(f"{name} {value}" for name, value in zip(key, place, strict=True))
        yield f"{table}, {named}: {_difference([*rows])}"
    if len(differing) == 2 * LINES:
        yield f"{table}: there may be more"


def _difference(rows: list[Row]) -> str:
    """Describe the difference between the stored and the replayed row of one key."""
    surplus = [row.pop("surplus") for row in rows]
    if surplus != [-1, 1]:
        return "missing" if surplus[0] < 0 else "not in any journal"
    replayed, kept = rows
    differing = [name for name in kept if kept[name] != replayed[name]]
    return ", ".join(
        f"{name} is {_shown(kept[name])}, the journal says {_shown(replayed[name])}"
        for name in differing
    )


def _shown(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value

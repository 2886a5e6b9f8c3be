"""The event stream in the file: which facts the receiver of a hook does not have yet.

A hook follows each game on its own: a cursor holds the position up to which its receiver has the
facts. Nothing is written for a hook when a fact is committed. A reader compares the cursors with
`games.last_seq`, once, and is told afterwards which games have more (`actors/fact_watches.py`).

A replay deletes the cursors. A game without a cursor is then read from the first fact at or after
the replay's time on; the times in a game never decrease, so that fact is found by bisection.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import field, frozen

from game.facts import Entry
from storage.acts import ActKind, acted
from storage.changes import Change
from storage.database import Database
from storage.hook_changes import HookAdded, HookCursorsForgotten, HookPlaced, HookReplayed
from storage.journal import read_entry
from storage.users import OperatorError
from storage.write import DecidedWrite, Write, flag_like, name_like, time_like

PAGE_FACTS: Final = 100
MOST_BYTES: Final = 1_048_576
"""Limits of one page. A single fact may be longer."""
MOST_GAMES: Final = 1_000
"""Games to look through at a time."""


class UnknownHookError(OperatorError):
    """No hook has this name, or no server has run with it yet."""

    def __init__(self, name: str) -> None:
        super().__init__(f"hook {name!r} does not exist, or no server has run with it yet")


class NotPassedError(OperatorError):
    """A replay is to begin at a time that has not come."""

    def __init__(self, from_ms: int) -> None:
        super().__init__(f"{from_ms} is in the future")


@frozen
class HookState:
    """What the file knows of a hook; times in epoch ms."""

    name: str
    added_at: int
    stopped_at: int | None
    from_ms: int
    replays: int


@frozen
class FactPage:
    """Facts of one game that come after a cursor. `last`: the position of the last one.

    `hook` is the state of the hook when they were read, `has_more` whether the game has more.
    """

    hook: HookState
    game_id: str
    entries: Sequence[Entry]
    last: int
    has_more: bool


@frozen
class GameNumber:
    """A game, and its number in the order in which games were created."""

    number: int
    game_id: str


def hook_state(database: Database, name: str) -> HookState:
    """Return the state of a hook. Raise UnknownHookError."""
    row = database.row("SELECT * FROM hooks WHERE name = ?", (name,))
    if row is None:
        raise UnknownHookError(name)
    return HookState(**row)


def hook_states(database: Database) -> dict[str, HookState]:
    """Return the states of all hooks that a server has run with, by name."""
    return {row["name"]: HookState(**row) for row in database.rows("SELECT * FROM hooks")}


def games_behind(
    database: Database, hook: str, sources: Sequence[str], after: int
) -> list[GameNumber]:
    """Return at most `MOST_GAMES` games after a number in which the hook is behind, in order.

    `sources`: the only sources that count; empty: all.
    """
    only = f"AND source_id IN ({', '.join('?' * len(sources))})" if sources else ""
    sql = f"""
        SELECT number, id FROM games
        LEFT JOIN hook_cursors ON hook_cursors.hook = ? AND hook_cursors.game_id = games.id
        WHERE number > ? AND last_seq > coalesce(seq, 0) {only}
        ORDER BY number LIMIT {MOST_GAMES}"""
    rows = database.rows(sql, (hook, after, *sources))
    return [GameNumber(row["number"], row["id"]) for row in rows]


def next_page(database: Database, hook: str, game_id: str, known: int) -> FactPage:
    """Return the facts of a game that come after the cursor, and after the position `known`.

    Raise UnknownHookError.
    """
    with database.snapshot():
        state = hook_state(database, hook)
        after = max(known, _cursor(database, state, game_id))
        sql = """
            SELECT seq, at, kind, body FROM facts WHERE game_id = ? AND seq > ?
            ORDER BY seq LIMIT ?"""
        rows = _page(database.each(sql, (game_id, after, PAGE_FACTS)))
        last_seq = _last_seq(database, game_id)
    page = [read_entry(dict(zip(("seq", "at", "kind", "body"), row, strict=True))) for row in rows]
    last = page[-1].seq if page else after
    return FactPage(state, game_id, page, last, bool(page) and last < last_seq)


def _page(rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows that fit into a page; the first one always does."""
    page: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        size += len(row[-1])
        if page and size > MOST_BYTES:
            break
        page.append(row)
    return page


def _cursor(database: Database, hook: HookState, game_id: str) -> int:
    """Return the position up to which the receiver has the facts, or is not to have them."""
    sql = "SELECT seq FROM hook_cursors WHERE hook = ? AND game_id = ?"
    row = database.row(sql, (hook.name, game_id))
    if row is not None:
        return int(row["seq"])
    return _last_before(database, game_id, hook.from_ms) if hook.from_ms else 0


def _last_before(database: Database, game_id: str, at: int) -> int:
    """Return the position of the last fact of a game before a time (epoch ms), or 0."""
    low, high = 0, _last_seq(database, game_id)
    while low < high:
        middle = (low + high + 1) // 2
        sql = "SELECT at FROM facts WHERE game_id = ? AND seq = ?"
        fact = database.row(sql, (game_id, middle))
        if fact is not None and fact["at"] < at:
            low = middle
        else:
            high = middle - 1
    return low


def _last_seq(database: Database, game_id: str) -> int:
    game = database.row("SELECT last_seq FROM games WHERE id = ?", (game_id,))
    return 0 if game is None else int(game["last_seq"])


@frozen
class AddHook(Write):
    """Note a hook of the settings, unless it is known.

    It begins with the next fact of each game, or with the first that there is.
    """

    word = "add_hook"
    name: str = field(validator=name_like)
    from_beginning: bool = field(validator=flag_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with whether the hook is new."""
        if self.name in hook_states(database):
            return DecidedWrite((), {"is_new": False}, is_repeated=True)
        changes: list[Change] = [HookAdded(self.name, now_ms)]
        if not self.from_beginning:
            changes.append(HookPlaced(self.name))
        return DecidedWrite(changes, {"is_new": True})


@frozen
class ReplayHook(Write):
    """Let a hook begin again with the facts from a time on, also one that was stopped."""

    word = "replay_hook"
    name: str = field(validator=name_like)
    from_ms: int = field(validator=time_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the name and the time. Raise UnknownHookError, NotPassedError."""
        hook_state(database, self.name)
        if self.from_ms > now_ms:
            raise NotPassedError(self.from_ms)
        values = {"name": self.name, "from": self.from_ms}
        changes: list[Change] = [
            HookCursorsForgotten(self.name),
            HookReplayed(self.from_ms, self.name),
            acted(ActKind.HOOK_REPLAYED, now_ms, name=self.name, from_ms=self.from_ms),
        ]
        return DecidedWrite(changes, values)

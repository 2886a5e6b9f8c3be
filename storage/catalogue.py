"""Sources and games as lists, rights and timers need them: read without the journals."""

from typing import Final

from game.names import folded
from game.vocabulary import Status
from storage.database import Database, Row
from storage.typed_rows import sound, typed

_SOURCE: Final = {
    "id": (str,),
    "name": (str,),
    "description": (str, type(None)),
    "phase": (str,),
    "opened_at": (int,),
    "listed": (int,),
}
_GAME: Final = {
    "id": (str,),
    "source_id": (str,),
    "name": (str,),
    "type": (str, type(None)),
    "currency": (str,),
    "hashtag": (str,),
    "phase": (str,),
    "status": (str,),
    "open_at": (int,),
    "close_at": (int, type(None)),
    "live_start_at": (int,),
    "wake_at": (int, type(None)),
}
_SOUND_GAME: Final = sound("games", _GAME)
_TIMER: Final = {"id": (str,), "source_id": (str,), "wake_at": (int, type(None))}
_SOUND_TIMER: Final = sound("games", _TIMER)


def source(database: Database, source_id: str) -> Row | None:
    """Return a source (id, name, description, phase, opened_at), or None."""
    return _source(database.row("SELECT * FROM sources WHERE id = ?", (source_id,)))


def source_named(database: Database, name: str) -> Row | None:
    """Return the source with exactly this name, open or closed, or None."""
    return _source(database.row("SELECT * FROM sources WHERE name = ?", (name,)))


def admins_of_source(database: Database, source_id: str) -> set[int]:
    """Return the users who are admins of a source."""
    sql = "SELECT user_id FROM source_admins WHERE source_id = ?"
    return {row["user_id"] for row in database.rows(sql, (source_id,))}


def sources_of_admin(database: Database, user_id: int) -> list[Row]:
    """Return the sources of an admin that are not closed, the oldest first."""
    sql = f"""
        SELECT sources.* FROM source_admins JOIN sources ON sources.id = source_id
        WHERE user_id = ? AND phase <> 'closed' AND {sound("sources", _SOURCE)}
        ORDER BY opened_at, id"""
    return database.rows(sql, (user_id,))


def open_game_count(database: Database, source_id: str) -> int:
    """Return the number of a source's games that are not closed."""
    return _count(database, "games WHERE source_id = ? AND phase <> 'closed'", source_id)


def open_game_ids(database: Database, source_id: str) -> list[str]:
    """Return the ids of a source's games that are not closed, in order of creation."""
    sql = "SELECT id FROM games WHERE source_id = ? AND phase <> 'closed' ORDER BY number"
    return [row["id"] for row in database.rows(sql, (source_id,))]


def games_in_source(
    database: Database, source_id: str, *, upcoming_only: bool, offset: int, limit: int
) -> tuple[list[Row], int]:
    """Return a page of a source's games that are not closed, or upcoming, and the total number."""
    phase = "phase = 'upcoming'" if upcoming_only else "phase <> 'closed'"
    which = f"{phase} AND {_SOUND_GAME}"
    rows = database.rows(
        f"SELECT * FROM games WHERE source_id = ? AND {which} ORDER BY number LIMIT ? OFFSET ?",
        (source_id, limit, offset),
    )
    return rows, _count(database, f"games WHERE source_id = ? AND {which}", source_id)


def games_found(
    database: Database, query: str, status: str | None, *, offset: int, limit: int
) -> tuple[list[Row], int]:
    """Return a page of the games of all listed sources, each with `source_name`, and the total.

    Live games come first, then those that start sooner. Each word of `query` is in the game's name
    or hashtag, or in the source's name, without case and accents. `status`: only `live` or
    `upcoming` games.
    """
    upcoming = f"games.status = '{Status.NOT_YET_ACTIVE}'"
    terms = ["games.phase <> 'closed'", "sources.phase <> 'closed'", "listed", _SOUND_GAME]
    terms += {"live": [f"NOT {upcoming}"], "upcoming": [upcoming]}.get(status or "", [])
    parameters = []
    for text in folded(query).split():
        terms.append("instr(folded(games.name || ' ' || hashtag || ' ' || sources.name), ?)")
        parameters.append(text)
    which = f"games JOIN sources ON sources.id = source_id WHERE {' AND '.join(terms)}"
    rows = database.rows(
        f"SELECT games.*, sources.name AS source_name FROM {which}"
        f" ORDER BY {upcoming}, live_start_at, number LIMIT ? OFFSET ?",
        (*parameters, limit, offset),
    )
    return rows, _count(database, which, *parameters)


def games_of_admin(
    database: Database, user_id: int, *, offset: int, limit: int
) -> tuple[list[Row], int]:
    """Return a page of an admin's games that are not closed, and the total number."""
    which = f"""game_admins JOIN games ON games.id = game_id
                WHERE user_id = ? AND phase <> 'closed' AND {_SOUND_GAME}"""
    rows = database.rows(
        f"SELECT games.id, games.name FROM {which} ORDER BY number LIMIT ? OFFSET ?",
        (user_id, limit, offset),
    )
    return rows, _count(database, which, user_id)


def source_of_game(database: Database, game_id: str) -> str | None:
    """Return the id of a game's source, or None if the game does not exist."""
    row = database.row("SELECT source_id FROM games WHERE id = ?", (game_id,))
    return None if row is None else str(row["source_id"])


def games_to_wake(database: Database, until: int, *, after: int) -> list[tuple[str, str]]:
    """Return the games whose timer is due in a span of time (epoch ms), in that order.

    Each is a pair of the game's id and the source's id.
    """
    sql = f"""
        SELECT id, source_id FROM games
        WHERE wake_at > ? AND wake_at <= ? AND {_SOUND_TIMER} ORDER BY wake_at, number"""
    return [(row["id"], row["source_id"]) for row in database.rows(sql, (after, until))]


def games_due(database: Database, now: int) -> list[str]:
    """Return the ids of the games whose timer is due by now (epoch ms)."""
    sql = f"SELECT id FROM games WHERE wake_at <= ? AND {_SOUND_TIMER}"
    return [row["id"] for row in database.rows(sql, (now,))]


def games_due_in_source(database: Database, source_id: str, now: int) -> list[str]:
    """Return the ids of a source's games whose timer is due by now (epoch ms)."""
    # The plus makes SQLite use the index of `wake_at`, because few games are due at any time.
    sql = f"SELECT id FROM games WHERE wake_at <= ? AND +source_id = ? AND {_SOUND_TIMER}"
    return [row["id"] for row in database.rows(sql, (now, source_id))]


def next_wake_at(database: Database, after: int) -> int | None:
    """Return the earliest time of a game's timer after `after` (epoch ms), or None."""
    sql = f"SELECT min(wake_at) AS at FROM games WHERE wake_at > ? AND {_SOUND_TIMER}"
    row = database.row(sql, (after,))
    return None if row is None else row["at"]


def damaged_games(database: Database) -> list[str]:
    """Return the ids of games, not closed, that lists and timers leave out as damaged."""
    # The first condition makes SQLite use the index of the games that are not closed.
    sql = f"SELECT id FROM games WHERE phase <> 'closed' AND NOT {_SOUND_GAME} ORDER BY number"
    return [str(row["id"]) for row in database.rows(sql)]


def _source(row: Row | None) -> Row | None:
    return None if row is None else typed("sources", _SOURCE, row)


def _count(database: Database, which: str, *parameters: str | int) -> int:
    row = database.row(f"SELECT count(*) AS n FROM {which}", parameters)
    return 0 if row is None else int(row["n"])
